// An engine from a model file, or without one: a model that cannot be read costs the learned heads,
// never the start, and every score says that it is missing.

import { type ModelTrust, openRiskModel } from '../model/open-risk-model.ts';
import type { RiskModel } from '../model/risk-model.ts';
import type { EngineParts, RiskEngine, RiskSettings } from './risk-engine.ts';

/**
 * Most of the budget goes to the relation head, which finds most for it. What targeted is given is taken from what is
 * found of the others, point for point: more than an eighth, and the made-up worlds of seeds 1 to 3 come near to what
 * is wanted of the whole (1.9 times what Freeman finds of naive attackers, 2.3 times of vpn).
 */
export const DEFAULT_SETTINGS: RiskSettings = Object.freeze({
  mediumShare: 0.01,
  highShare: 0.001,
  headShares: Object.freeze({
    relation: 0.75,
    targeted: 0.12,
    infrastructure: 0.1,
    novelty: 0.03,
  }),
});

export interface EngineSource {
  /** The model that is to judge, read already. */
  model?: RiskModel;
  /** Or its bytes, and who may have made them. */
  file?: { bytes: Uint8Array; trust: ModelTrust };
  settings?: Partial<RiskSettings>;
  parts: EngineParts;
}

export interface OpenedEngine {
  engine: RiskEngine;
  /** Why there is no model, for whoever operates this. */
  refused?: unknown;
}

export function openRiskEngine({ model, file, settings, parts }: EngineSource): OpenedEngine {
  const all = { ...DEFAULT_SETTINGS, ...settings };
  if (model) return { engine: { model, degraded: [], settings: all, parts } };
  const without: RiskEngine = { degraded: ['model_unreadable'], settings: all, parts };
  if (!file) return { engine: { ...without, degraded: ['no_model'] } };
  try {
    const read = openRiskModel(file.bytes, file.trust);
    return { engine: { model: read, degraded: [], settings: all, parts } };
  } catch (refused) {
    return { engine: without, refused };
  }
}
