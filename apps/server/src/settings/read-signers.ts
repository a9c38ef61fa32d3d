// The settings of the signers: where the first one is, and whether there is a second: `local` for a
// confined child of ours, or the address of a signer on another host with the certificates to reach it.

import { resolve } from 'node:path';
import { CodedError } from '@countersign/vocabulary';

export type SignerPlace =
  | { kind: 'local' }
  | { kind: 'remote'; host: string; port: number; tls: string };

export interface SignerPlaces {
  first: SignerPlace;
  second: SignerPlace | undefined;
}

export interface SignerSettings {
  signer?: string | undefined;
  signerTls?: string | undefined;
  secondSigner?: string | undefined;
  secondSignerTls?: string | undefined;
}

/** `local`, or `tls://HOST:PORT` with an IPv6 address in brackets. */
export const SIGNER_ADDRESS =
  /^(?:local|tls:\/\/(?:\[([0-9a-fA-F:.]+)\]|([^:/[\]\s]+)):([1-9]\d{0,4}))$/;

/** @throws CodedError `bad_setting` */
export function readSigners(settings: SignerSettings, workingFolder: string): SignerPlaces {
  const { signer = 'local', signerTls, secondSigner, secondSignerTls } = settings;
  const first = readPlace('signer', signer, signerTls, workingFolder);
  if (secondSigner === undefined) {
    if (secondSignerTls !== undefined) {
      throw bad('secondSignerTls: only for a second signer; set secondSigner to tls://HOST:PORT.');
    }
    return { first, second: undefined };
  }
  const second = readPlace('secondSigner', secondSigner, secondSignerTls, workingFolder);
  if (secondSigner === signer && first.kind === 'remote') {
    throw bad('secondSigner: this is the first signer; name another one, with keys of its own.');
  }
  return { first, second };
}

function readPlace(
  name: 'signer' | 'secondSigner',
  text: string,
  tls: string | undefined,
  workingFolder: string,
): SignerPlace {
  const address = SIGNER_ADDRESS.exec(text);
  const port = Number(address?.[3] ?? 0);
  if (address === null || port > 65_535) {
    throw bad(`${name}: "${text}" is neither "local" nor tls://HOST:PORT.`);
  }
  if (text === 'local') {
    if (tls !== undefined) throw bad(`${name}Tls: only for a signer at tls://HOST:PORT.`);
    return { kind: 'local' };
  }
  if (tls === undefined) {
    throw bad(
      `${name}: a signer on another host needs ${name}Tls, a folder with certificate.pem, key.pem and authority.pem.`,
    );
  }
  const host = address[1] ?? address[2] ?? '';
  return { kind: 'remote', host, port, tls: resolve(workingFolder, tls) };
}

function bad(message: string): CodedError {
  return new CodedError('bad_setting', message);
}
