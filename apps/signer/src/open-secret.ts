// A custody's secret (a PIN, a credential), which may be needed again when a token comes back. What came
// as a file is read anew each time and kept by nobody; what came through a pipe is kept, since it
// cannot be read again.

import { custodyRefusal, passphraseBytes, type ReadSecret } from '@countersign/keys';
import { isFile, readDescriptor } from './read-descriptor.ts';

const LIMIT_BYTES = 16 * 1024;

/** @throws CodedError `pin_missing` when nothing can be read, now or later */
export function openSecret(fd: number): ReadSecret {
  const first = readOnce(fd);
  if (!isFile(fd)) return () => copyOf(first);
  first.fill(0);
  return () => readOnce(fd);
}

function readOnce(fd: number): Uint8Array {
  let cause: unknown;
  try {
    const { buffer, length } = readDescriptor(fd, LIMIT_BYTES);
    const secret = passphraseBytes(buffer.subarray(0, length));
    if (secret.length > 0 && length <= LIMIT_BYTES) return secret;
    buffer.fill(0);
  } catch (error) {
    cause = error;
  }
  throw custodyRefusal(
    'pin_missing',
    `The secret of a custody cannot be read from descriptor ${fd}, is empty or too long. Check the file that its settings name.`,
    { cause },
  );
}

function copyOf(secret: Uint8Array): Uint8Array {
  const copy = Buffer.alloc(LIMIT_BYTES);
  copy.set(secret);
  return copy.subarray(0, secret.length);
}
