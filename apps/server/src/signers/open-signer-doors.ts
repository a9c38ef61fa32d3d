// The ways to our signers: each is a confined child of ours with a folder of its own, or a signer on
// another host behind mutual TLS. With none at home, no key of an issuer is on this host.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CustodyLaunch,
  connectRelay,
  createSignerClient,
  type SignerClient,
} from '@countersign/keys';
import { connectTls, readTlsIdentity, type TlsIdentity } from '@countersign/pipe';
import { CodedError, isCodedError } from '@countersign/vocabulary';
import { type ChildLog, startSigner } from '../processes/start-children.ts';
import type { DataFolder } from '../settings/open-data-folder.ts';
import type { SignerPlace, SignerPlaces } from '../settings/read-signers.ts';

export interface SignerDoor {
  /** The ledger and `SignerNotes` know its journal and its keys by this name. */
  name: string;
  client: SignerClient;
  isRemote: boolean;
  stop(): Promise<void>;
}

export interface SignerDoorParts {
  data: DataFolder;
  places: SignerPlaces;
  /** Receipt keys of logs that stand in for each other, when there are several. */
  standIns: readonly string[];
  /** How signers of this host are started. */
  custody: CustodyLaunch;
  /** Of keys made here; a signer on another host has a limit of its own. */
  longestKeyLifeSeconds: number;
  log: ChildLog;
}

/** The first signer keeps its name wherever it moves: the ledger began with its journal. */
export const FIRST_SIGNER = 'first';

/** Starts or connects them; they answer a little later. The first signer first. */
export function openSignerDoors(parts: SignerDoorParts): SignerDoor[] {
  const { first, second } = parts.places;
  const doors = [openDoor(parts, first, { name: FIRST_SIGNER, folder: parts.data.signer })];
  if (second === undefined) return doors;
  const name = nameOfSecond(second);
  return [...doors, openDoor(parts, second, { name, folder: join(parts.data.path, 'signer2') })];
}

function nameOfSecond(place: SignerPlace): string {
  return place.kind === 'local' ? 'second' : addressOf(place);
}

function addressOf({ host, port }: Extract<SignerPlace, { kind: 'remote' }>): string {
  return `tls://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function openDoor(
  { data, standIns, custody, longestKeyLifeSeconds, log }: SignerDoorParts,
  place: SignerPlace,
  { name, folder }: { name: string; folder: string },
): SignerDoor {
  if (place.kind === 'local') {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const label = name === FIRST_SIGNER ? 'signer' : 'second signer';
    const process = startSigner(data, standIns, log, {
      ...{ label, folder, custody, longestKeyLifeSeconds },
    });
    const client = createSignerClient(process);
    return { name, client, isRemote: false, stop: () => process.stop() };
  }
  const { host, port, tls } = place;
  const peer = connectTls({
    host,
    port,
    identity: readIdentity(name, tls),
    onLost: (reason) => log.line(addressOf(place), reason.message),
  });
  const client = createSignerClient(connectRelay({ peer }));
  return { name, client, isRemote: true, stop: async () => peer.close() };
}

/** @throws CodedError `bad_setting` that names the setting and what is wrong in its folder */
function readIdentity(name: string, folder: string): TlsIdentity {
  try {
    return readTlsIdentity({
      certificate: join(folder, 'certificate.pem'),
      key: join(folder, 'key.pem'),
      authority: join(folder, 'authority.pem'),
    });
  } catch (cause) {
    const setting = name === FIRST_SIGNER ? 'signerTls' : 'secondSignerTls';
    const why = isCodedError(cause) ? cause.message : 'It cannot be read.';
    throw new CodedError('bad_setting', `${setting}: ${folder}: ${why}`, { cause });
  }
}
