export { type Activity, familyOf } from './activity.ts';
export type { Confidence, FindingClass, Judgement } from './judge/judgement.ts';
export {
  Reconciliation,
  type ReconciliationOptions,
  type ReconciliationReport,
} from './reconcile.ts';
export type { Finding } from './report/finding-book.ts';
export { DEFAULT_LIMITS, DEFAULT_TOLERANCES, type Tolerances } from './tolerances.ts';
