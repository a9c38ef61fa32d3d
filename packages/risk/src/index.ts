export { assess, learn } from './assess/assess.ts';
export {
  type Assessment,
  type Contribution,
  type Detection,
  type DetectorCode,
  HEADS,
  type HeadName,
  type HeadResult,
  type RawHead,
  type Reason,
  type ReasonGroup,
} from './assess/assessment.ts';
export {
  DEFAULT_SETTINGS,
  type EngineSource,
  type OpenedEngine,
  openRiskEngine,
} from './assess/open-risk-engine.ts';
export type { RealmMemory } from './assess/realm-memory.ts';
export {
  type ActFacts,
  DEPTH_BUCKETS,
  depthBucket,
  type EngineParts,
  type Explained,
  type RawHeads,
  type RiskEngine,
  type RiskSettings,
  type Scored,
  type TeachingVerdict,
} from './assess/risk-engine.ts';
export { openStandardEngine } from './assess/standard-engine.ts';
export { RealmCounts, type RealmCountsOptions } from './counts/realm-counts.ts';
export { DETECTOR_CODES } from './detectors/catalogue.ts';
export { detect } from './detectors/detect.ts';
export { DETECTOR_LIMITS, DetectorMemory } from './detectors/detector-memory.ts';
export {
  InfrastructureCounters,
  type InfrastructureOptions,
} from './infrastructure/infrastructure-counters.ts';
export {
  countTraffic,
  INFRASTRUCTURE_PART,
  infrastructureHead,
} from './infrastructure/infrastructure-head.ts';
export { PRIOR_WEIGHTS as PRIOR_TRAFFIC } from './infrastructure/prior-traffic.ts';
export { TRAFFIC_FEATURES, writeTrafficRow } from './infrastructure/traffic-features.ts';
export { ATTRIBUTE_INDEX, ATTRIBUTES, type Attribute, MAX_VALUE } from './input/attributes.ts';
export { cleanInput } from './input/clean-input.ts';
export {
  type ComposedInput,
  composeInput,
  hashName,
  type KeyedNumbers,
  type ObservedFacts,
} from './input/compose-input.ts';
export type { InputFlags, RiskInput } from './input/risk-input.ts';
export {
  type Comparison,
  compareModels,
  type PairedAct,
} from './learning/compare-models.ts';
export {
  effectOf,
  FEEDBACK_VERBS,
  type FeedbackEffect,
  type FeedbackFacts,
  type FeedbackVerb,
} from './learning/feedback.ts';
export { judgeRate, type RateVerdict, wilson } from './learning/judge-rate.ts';
export { DRIFT_LIMITS, type Drift, measureDrift } from './learning/measure-drift.ts';
export {
  TEACHING_LIMITS,
  type TeachingFacts,
  teachingVerdict,
} from './learning/teaching-verdict.ts';
export {
  DEFAULT_MODEL_SHA256,
  readDefaultModel,
  readDefaultModelBytes,
} from './model/default-model.ts';
export { decodeRiskModel, encodeRiskModel, MAX_MODEL_BYTES } from './model/model-file.ts';
export { type ModelTrust, openRiskModel } from './model/open-risk-model.ts';
export type { RiskModel, TrainingSummary, TrainingTails } from './model/risk-model.ts';
export { learnNovelty, NOVELTY_PART, noveltyHead } from './novelty/novelty-head.ts';
export { NOVELTY_FEATURES, writeNoveltyRow } from './novelty/novelty-row.ts';
export {
  type DecisionFacts,
  decide,
  type PolicyOutcome,
  type PolicyView,
} from './policy/decide.ts';
export { defaultPolicy } from './policy/default-policy.ts';
export { drawAudit } from './policy/draw-audit.ts';
export { type ParsePolicyOptions, parsePolicy } from './policy/parse-policy.ts';
export {
  ACTIONS,
  POLICY_LIMITS,
  type PolicyAction,
  type PolicyRule,
  type RiskPolicy,
  type TokenLimit,
} from './policy/risk-policy.ts';
export {
  type ActionCounts,
  openSimulation,
  type PastAct,
  type PolicySimulation,
  simulatePolicy,
} from './policy/simulate-policy.ts';
export { Profile, type ProfileValue } from './profile/profile.ts';
export { renameCounts, renameValues } from './profile/rename-value.ts';
export {
  RELATION_FEATURES,
  RELATION_GROUPS,
  RELATION_MONOTONE,
  type RelationFeature,
} from './relation/relation-features.ts';
export { relationHeads } from './relation/relation-heads.ts';
export { logLikelihoodRatio, writeRelationRow } from './relation/write-relation-row.ts';
export { RiskError, type RiskErrorCode } from './risk-error.ts';
export { Calibration, type CalibrationAct } from './score/calibration.ts';
export { levelOf, scoreAct, scoreOf } from './score/score-act.ts';
export { ENOUGH_LABELS, type LabelledTails, trainStacker } from './score/stack-heads.ts';
export { teachCalibration } from './score/teach-calibration.ts';
export type { Evidence } from './standing/evidence.ts';
export { Standing } from './standing/standing.ts';
export { DEFAULT_STANDING_SETTINGS, type StandingSettings } from './standing/standing-settings.ts';
export { type Gathered, type GatherOptions, gatherRows } from './training/gather-rows.ts';
export { measureTails, midRankTail } from './training/measure-tails.ts';
export { type ReplaceOptions, replaceAttacks } from './training/replace-attacks.ts';
export { RowStore } from './training/row-store.ts';
export {
  type TrainedInfrastructure,
  trainInfrastructure,
} from './training/train-infrastructure.ts';
export { type TrainOptions, trainRiskModel } from './training/train-risk-model.ts';
export {
  ATTACKS,
  type AttackName,
  type TrainingAttacks,
  type TrainingRows,
} from './training/training-rows.ts';
