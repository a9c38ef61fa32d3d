// The closed codes of what the finders of live keys are given: files that tell of our keys.

import { CodedError } from '@countersign/vocabulary';

export type MemoryRefusal = 'fingerprints_malformed' | 'jwks_malformed';

export function memoryRefusal(
  code: MemoryRefusal,
  message: string,
  cause?: unknown,
): CodedError<MemoryRefusal> {
  return new CodedError(code, message, cause === undefined ? {} : { cause });
}
