export { type Activity, familyOf } from './activity.ts';
export type { BlindSpot } from './exposure/blind-spots.ts';
export { Exposure, type ExposureOptions, type ExposureReport } from './exposure/exposure.ts';
export {
  QUESTION_KINDS,
  type Question,
  type QuestionKind,
  spellAddress,
} from './exposure/question.ts';
export { streamOf } from './issues/required-streams.ts';
export type {
  Confidence,
  FindingClass,
  Judgement,
  Undecided,
  Unjoinable,
} from './judge/judgement.ts';
export { readOwnEvent, withHashes } from './ours/read-own-event.ts';
export {
  Reconciliation,
  type ReconciliationOptions,
  type ReconciliationReport,
} from './reconcile.ts';
export type { Finding } from './report/finding-book.ts';
export { DEFAULT_LIMITS, DEFAULT_TOLERANCES, type Tolerances } from './tolerances.ts';
