// The ways to our logs: the first is always a confined child of ours; the second, if there is one, is
// another child with a folder and keys of its own, or a notary on another host behind mutual TLS.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { connectTls, readTlsIdentity } from '@countersign/pipe';
import { createNotaryClient, LogPromises, type NotaryClient } from '@countersign/transparency';
import { type ChildLog, startNotary } from '../processes/start-children.ts';
import type { DataFolder, Installation } from '../settings/open-data-folder.ts';
import type { SecondLog } from '../settings/read-second-log.ts';
import type { LogNotes } from './note-logs.ts';

export interface LogDoor {
  /** Its name in `LogNotes`. */
  name: string;
  notary: NotaryClient;
  /** Where everybody reads the log. */
  url: string;
  /** What we serve of it ourselves, below `path`, and what it must hold. */
  shown: { path: '/log' | '/log2'; folder: string; promises: LogPromises } | undefined;
  stop(): Promise<void>;
}

export interface LogDoorParts {
  data: DataFolder;
  names: Installation;
  secondLog: SecondLog | undefined;
  witnessed: boolean;
  notes: LogNotes;
  log: ChildLog;
}

/** Starts or connects them; they answer a little later. The first log first. */
export function openLogDoors(parts: LogDoorParts): LogDoor[] {
  const { data, names, secondLog, witnessed, log } = parts;
  const origin = names.logOrigin;
  // Only a first start makes a log: an empty folder later is a lost log, and must not be replaced.
  const make = (): boolean => data.isNew();
  const process = startNotary(
    data,
    { label: 'notary', folder: data.notary, origin, witnessed, make },
    log,
  );
  const promises = new LogPromises();
  const first: LogDoor = {
    name: 'first',
    notary: createNotaryClient(promises.follow(process)),
    url: `${names.url}/log`,
    shown: { path: '/log', folder: join(data.notary, 'public'), promises },
    stop: () => process.stop(),
  };
  if (secondLog === undefined) return [first];
  return [first, secondLog.kind === 'local' ? openLocal(parts) : openRemote(secondLog, log)];
}

function openLocal({ data, names, witnessed, notes, log }: LogDoorParts): LogDoor {
  const folder = join(data.path, 'notary2');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const origin = `${names.logOrigin}2`;
  const make = (): boolean => notes.keysOf('local') === undefined;
  const plan = { label: 'second notary', folder, origin, witnessed, make };
  const process = startNotary(data, plan, log);
  const promises = new LogPromises();
  return {
    name: 'local',
    notary: createNotaryClient(promises.follow(process)),
    url: `${names.url}/log2`,
    shown: { path: '/log2', folder: join(folder, 'public'), promises },
    stop: () => process.stop(),
  };
}

function openRemote(
  { host, port, tls, url }: Extract<SecondLog, { kind: 'remote' }>,
  log: ChildLog,
): LogDoor {
  const name = `tls://${host}:${port}`;
  const peer = connectTls({
    host,
    port,
    identity: readTlsIdentity({
      certificate: join(tls, 'certificate.pem'),
      key: join(tls, 'key.pem'),
      authority: join(tls, 'authority.pem'),
    }),
    onLost: (reason) => log.line(name, reason.message),
  });
  return {
    name,
    notary: createNotaryClient(peer),
    url,
    shown: undefined,
    stop: async () => peer.close(),
  };
}
