// The passphrase comes in through a descriptor that the parent opened: not through the environment
// or the command line, where other processes and crash reports would see it.

import { closeSync } from 'node:fs';
import { custodyRefusal, passphraseBytes } from '@countersign/keys';
import { readDescriptor } from './read-descriptor.ts';

const LIMIT_BYTES = 1024;
/** Shorter ones are guessed: a key file that leaked is attacked at leisure. */
export const SHORTEST_PASSPHRASE_BYTES = 16;

/**
 * Reads a passphrase from an inherited descriptor and closes it. The caller overwrites what it
 * gets, which is a view of one large buffer.
 * @throws CodedError `passphrase_missing`
 */
export function readPassphrase(fd: number): Uint8Array {
  const { buffer, length } = readAll(fd);
  const passphrase = passphraseBytes(buffer.subarray(0, length));
  if (passphrase.length < SHORTEST_PASSPHRASE_BYTES || length > LIMIT_BYTES) {
    buffer.fill(0);
    throw missing(`does not have ${SHORTEST_PASSPHRASE_BYTES} to ${LIMIT_BYTES} bytes`);
  }
  return passphrase;
}

function readAll(fd: number): ReturnType<typeof readDescriptor> {
  try {
    const all = readDescriptor(fd, LIMIT_BYTES);
    closeSync(fd);
    return all;
  } catch (cause) {
    throw missing('cannot be read', cause);
  }
}

function missing(what: string, cause?: unknown): Error {
  return custodyRefusal(
    'passphrase_missing',
    `The passphrase ${what}. Hand it in on the descriptor that the second argument names.`,
    { cause },
  );
}
