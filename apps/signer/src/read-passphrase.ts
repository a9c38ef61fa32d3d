// The passphrase comes in through a descriptor that the parent opened: not through the environment
// or the command line, where other processes and crash reports would see it.

import { closeSync, fstatSync, readSync } from 'node:fs';
import { custodyRefusal, passphraseBytes } from '@countersign/keys';

const LIMIT_BYTES = 1024;
/** Shorter ones are guessed: a key file that leaked is attacked at leisure. */
export const SHORTEST_PASSPHRASE_BYTES = 16;

/**
 * Reads a passphrase from an inherited descriptor and closes it. The caller overwrites what it
 * gets, which is a view of one large buffer: V8 keeps small ones on its heap, where the collector
 * moves them and leaves copies behind. A file is read from its start, wherever an earlier child
 * left the shared position.
 * @throws CodedError `passphrase_missing`
 */
export function readPassphrase(fd: number): Uint8Array {
  const buffer = Buffer.alloc(LIMIT_BYTES + 1);
  const length = readAll(fd, buffer);
  const passphrase = passphraseBytes(buffer.subarray(0, length));
  if (passphrase.length < SHORTEST_PASSPHRASE_BYTES || length > LIMIT_BYTES) {
    buffer.fill(0);
    throw missing(`does not have ${SHORTEST_PASSPHRASE_BYTES} to ${LIMIT_BYTES} bytes`);
  }
  return passphrase;
}

function readAll(fd: number, buffer: Buffer): number {
  try {
    const fromStart = fstatSync(fd).isFile();
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(fd, buffer, length, buffer.length - length, fromStart ? length : null);
    }
    closeSync(fd);
    return length;
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
