export { Booster } from './booster/booster.ts';
export type {
  BoosterOptions,
  BoosterProgress,
  BoosterValidation,
} from './booster/booster-options.ts';
export { trainBooster } from './booster/train-booster.ts';
export {
  type HalfSpaceOptions,
  type HalfSpaceState,
  HalfSpaceTrees,
} from './forest/half-space-trees.ts';
export { IsolationForest } from './forest/isolation-forest.ts';
export {
  type IsolationForestOptions,
  trainIsolationForest,
} from './forest/train-isolation-forest.ts';
export type { LearnerRefusal } from './learner-error.ts';
export { readLightGbmText } from './lightgbm/read-lightgbm-text.ts';
export { Logistic } from './logistic/logistic.ts';
export { type LogisticOptions, trainLogistic } from './logistic/train-logistic.ts';
export type { Matrix } from './matrix.ts';
export { decodeModel } from './model/decode-model.ts';
export { encodeModel } from './model/encode-model.ts';
export type { JsonPart, JsonValue, Model, ModelPart } from './model/model.ts';
export { openSignedModel, signModel } from './model/sign-model.ts';
export {
  type ReferenceBooster,
  type ReferenceNode,
  referencePredict,
  referenceTrainBooster,
} from './reference/reference-booster.ts';
