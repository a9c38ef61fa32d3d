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
export { RealmCounts, type RealmCountsOptions } from './counts/realm-counts.ts';
export { ATTRIBUTE_INDEX, ATTRIBUTES, type Attribute, MAX_VALUE } from './input/attributes.ts';
export {
  type ComposedInput,
  composeInput,
  hashName,
  type KeyedNumbers,
  type ObservedFacts,
} from './input/compose-input.ts';
export type { InputFlags, RiskInput } from './input/risk-input.ts';
export type { RiskModel, TrainingSummary, TrainingTails } from './model/risk-model.ts';
export { Profile, type ProfileValue } from './profile/profile.ts';
export { renameCounts, renameValues } from './profile/rename-value.ts';
export { RiskError, type RiskErrorCode } from './risk-error.ts';
