export { ATTACKERS, type Attacker, type Attacks, placeAttacks } from './attackers/place-attacks.ts';
export { Freeman, wholeFrameAttenuation } from './baselines/freeman.ts';
export { type DataRefusal, type RbaCounts, type RbaData, readRba } from './dataset/read-rba.ts';
export { auditFingerprint, type Fingerprint } from './generator/audit-fingerprint.ts';
export {
  describeWorld,
  PUBLISHED_FRESH,
  type WorldStatistics,
} from './generator/describe-world.ts';
export { generateWorld } from './generator/generate-world.ts';
export { DEFAULT_KNOBS, type Knobs } from './generator/knobs.ts';
export { MIXED_POPULATIONS } from './generator/population-habits.ts';
export {
  countryCode,
  type Histories,
  type Logins,
  linkHistories,
  TRAITS,
  type Trait,
  type TraitColumns,
} from './logins.ts';
export { HISTORY_BUCKETS } from './protocol/cases.ts';
export { type EvaluateOptions, type Evaluation, evaluate, SPLIT } from './protocol/evaluate.ts';
export { DISPARITY_CAP, type GroupRate, type Realised } from './protocol/realised.ts';
export {
  ATTACK_NAMES,
  type AttackKind,
  type ByAttack,
  type ContestantFigures,
} from './protocol/summarise.ts';
export { toTrainingAttacks, toTrainingRows } from './protocol/to-training-rows.ts';
export { renderReport } from './report/render-report.ts';
export { type EvaluationOrder, runEvaluation } from './report/run-evaluation.ts';
export { type TrainOrder, trainModel } from './report/train-model.ts';
export { AUDIT_LIMITS, LIMITS, type TrialReport } from './report/trial-report.ts';
