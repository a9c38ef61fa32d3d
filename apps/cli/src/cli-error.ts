// Why a command could not give an answer. `wrong_use` ends with exit code 2: the command line or a
// file it names must change. The rest end with 1: the thing asked did not answer well.

import { CodedError, isCodedError } from '@countersign/vocabulary';

export type CliRefusal =
  | 'wrong_use'
  | 'file_unreadable'
  | 'credential_missing'
  | 'server_unreachable'
  | 'server_refused'
  | 'answer_malformed'
  | 'log_unproven'
  | 'scenario_failed';

// `url_not_allowed` is the log reader's word for plain http to another machine.
const WRONG_USE: ReadonlySet<string> = new Set<CliRefusal | 'url_not_allowed'>([
  'url_not_allowed',
  'wrong_use',
  'file_unreadable',
  'credential_missing',
]);

export function cliError(
  code: CliRefusal,
  message: string,
  cause?: unknown,
): CodedError<CliRefusal> {
  return new CodedError(code, message, cause === undefined ? {} : { cause });
}

/** 2 when the user must ask differently, 1 when the thing asked is at fault. */
export function exitCodeOf(error: unknown): 1 | 2 {
  return isCodedError(error) && WRONG_USE.has(error.code) ? 2 : 1;
}
