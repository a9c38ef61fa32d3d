// Refusals of this room.

import { CodedError, type CodedErrorOptions } from '@countersign/vocabulary';

export type MemoryCode = 'key_unreadable' | 'memory_behind' | 'no_snapshot';

export function memoryError(
  code: MemoryCode,
  message: string,
  options?: CodedErrorOptions,
): CodedError<MemoryCode> {
  return new CodedError(code, message, options);
}
