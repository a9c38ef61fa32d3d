// Why a command could not give an answer. `wrong_use` ends with exit code 2: the command line or a
// file it names must change. The rest end with 1: the thing asked did not answer well.

import { CodedError, isCodedError } from '@countersign/vocabulary';
import type { WatcherCode } from '@countersign/watchers';

export type CliRefusal =
  | 'wrong_use'
  | 'file_unreadable'
  | 'credential_missing'
  | 'not_confirmed'
  | 'server_unreachable'
  | 'server_refused'
  | 'answer_malformed'
  | 'log_unproven'
  | 'scenario_failed';

// What the watchers refuse to open, too, and plain http to another machine: it was asked wrongly.
const WRONG_USE: ReadonlySet<string> = new Set<CliRefusal | WatcherCode>([
  'url_not_allowed',
  'witness_missing',
  'folder_not_empty',
  'folder_locked',
  'key_unreadable',
  'state_missing',
  'state_corrupt',
  'state_of_other_log',
  'name_malformed',
  'log_key_unfit',
  'wrong_use',
  'file_unreadable',
  'credential_missing',
  'not_confirmed',
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
