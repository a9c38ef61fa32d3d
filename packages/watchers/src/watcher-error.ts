// The closed codes of this room. What a witness answers and what a monitor raises are values with
// codes of their own (`witness/witness-answer.ts`, `monitor/monitor-alarm.ts`); here is what is thrown.

import { CodedError, type CodedErrorOptions } from '@countersign/vocabulary';

/** Why a log could not be read. Says nothing about its honesty. */
export type ReadRefusal =
  | 'url_not_allowed'
  | 'log_unreachable'
  | 'log_answer_malformed'
  | 'tile_missing';

/** What a log serves is not what it signed. */
export type ProofRefusal = 'log_unproven';

/** Why a witness or a monitor does not open, or does not go on. Each needs a person. */
export type FolderRefusal =
  | 'witness_missing'
  | 'folder_not_empty'
  | 'folder_locked'
  | 'key_unreadable'
  | 'state_missing'
  | 'state_corrupt'
  | 'state_of_other_log'
  | 'disk_failed'
  | 'clock_behind'
  | 'name_malformed'
  | 'log_key_unfit';

/** What a house says of its keys cannot be used. */
export type HouseRefusal = 'house_answer_malformed';

export type EvidenceRefusal = 'evidence_malformed' | 'evidence_proves_nothing';

export type WatcherCode =
  | ReadRefusal
  | ProofRefusal
  | FolderRefusal
  | HouseRefusal
  | EvidenceRefusal;

/** Builds this room's refusals; `message` is safe to show. */
export function refusal(
  code: WatcherCode,
  message: string,
  options?: CodedErrorOptions,
): CodedError<WatcherCode> {
  return new CodedError(code, message, options);
}
