// A secret on its way to a confined child: the parent can open it for each start of the child, and
// never reads more of it than it must. It travels as a descriptor, so that no environment, command
// line or log carries it.

import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '@countersign/vocabulary';
import { copyToMemory } from './copy-to-memory.ts';

/** Exactly one of them. */
export type SecretSource =
  /** Path of a file. */
  | { file: string }
  /** Name of a systemd credential (`LoadCredential=` or `LoadCredentialEncrypted=` of the unit). */
  | { credential: string }
  /** An inherited descriptor, read once to its end and closed. */
  | { fd: number };

export type SecretRefusal = 'secret_missing' | 'secret_unusable';

export interface HeldSecret {
  /** A descriptor of its own position, to be inherited by one child; the caller closes it. */
  open(): number;
  /** Of an inherited secret: gives up the copy. Others have nothing to give up. */
  release(): void;
}

const CREDENTIAL_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,254}$/;

/**
 * @param what what the secret is, for messages: `key passphrase`
 * @throws CodedError `secret_missing`, `secret_unusable`
 */
export function holdSecret(
  source: SecretSource,
  what: string,
  environment: NodeJS.ProcessEnv = process.env,
): HeldSecret {
  if ('fd' in source) return holdCopy(source.fd, what);
  const path =
    'file' in source ? source.file : credentialPath(source.credential, what, environment);
  if (!existsSync(path)) throw missing(what, `there is no file ${path}`);
  return { open: () => openOrNothing(path), release: () => undefined };
}

/**
 * Where systemd put a credential: a folder in memory that is never swapped, readable for the unit's
 * user as long as the unit runs (systemd.exec(5)).
 * @throws CodedError `secret_missing`
 */
export function credentialPath(
  name: string,
  what: string,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const folder = environment['CREDENTIALS_DIRECTORY'];
  if (!CREDENTIAL_NAME.test(name)) throw missing(what, `"${name}" is no name of a credential`);
  if (folder === undefined || folder === '') {
    throw missing(
      what,
      `systemd gave no credentials: set LoadCredential=${name}:PATH in the unit, and start it by systemd`,
    );
  }
  return join(folder, name);
}

/** A file that has gone since: the child finds nothing in its secret, and says so as it ends. */
function openOrNothing(path: string): number {
  try {
    return openSync(path, 'r');
  } catch {
    return openSync('/dev/null', 'r');
  }
}

function holdCopy(fd: number, what: string): HeldSecret {
  const copy = copyToMemory(fd, what);
  // Opened by way of /proc, so that each child reads from its own position.
  return { open: () => openSync(`/proc/self/fd/${copy}`, 'r'), release: () => closeSync(copy) };
}

function missing(what: string, why: string): Error {
  return new CodedError<SecretRefusal>('secret_missing', `The ${what} is missing: ${why}.`);
}
