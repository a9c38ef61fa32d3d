// Says which code an assertion expects; the code is checked against the closed union.

import { isCodedError } from '@countersign/vocabulary';
import type { DirectoryCode } from './directory-error.ts';

export function refusal(code: DirectoryCode | 'bad_realm'): (error: unknown) => boolean {
  return (error) => isCodedError(error) && error.code === code;
}
