// Whether it worked. `ResultStatus` is a word of many spellings, and UserLoginFailed often says
// `Success`: for sign-ins the operation, `ErrorNumber` and `LogonError` count, the word does not.

import type { Outcome } from '../ocsf/draft-event.ts';
import { type NameValues, valueIn } from '../reading/name-values.ts';
import type { AuditRecord } from './open-record.ts';

export interface ReadOutcome {
  outcome: Outcome;
  /** Error number or the word, as the record has it. */
  code: string | undefined;
  detail: string | undefined;
}

const WORDS: ReadonlyMap<string, Outcome> = new Map([
  ['true', 'success'],
  ['success', 'success'],
  ['succeeded', 'success'],
  ['failed', 'failure'],
  ['failure', 'failure'],
  ['false', 'failure'],
  // Some of it was done.
  ['partiallysucceeded', 'success'],
]);

export function readOutcome(
  record: AuditRecord,
  operation: string,
  extended: NameValues,
): ReadOutcome {
  const word = record.text('ResultStatus');
  const errorNumber = record.text('ErrorNumber') ?? valueIn(extended, 'ErrorNumber');
  const logonError = record.text('LogonError') ?? valueIn(extended, 'LogonError');
  const detail = logonError ?? valueIn(extended, 'ResultStatusDetail', 'ResultDescription');
  const code = errorNumber ?? word;
  const signIn = /^user(loggedin|loginfailed)$/i.exec(operation)?.[1]?.toLowerCase();
  if (signIn === 'loginfailed') return { outcome: 'failure', code, detail };
  const good = errorNumber === undefined || errorNumber === '0';
  if (signIn === 'loggedin') {
    // It names a success and an error: neither is believed.
    const doubtful = !good || logonError !== undefined;
    return { outcome: doubtful ? 'unknown' : 'success', code, detail };
  }
  if (!good) return { outcome: 'failure', code, detail };
  // Most records of things done carry no word at all: what was not done is not recorded.
  const outcome = word === undefined ? 'success' : (WORDS.get(word.toLowerCase()) ?? 'unknown');
  return { outcome, code, detail };
}
