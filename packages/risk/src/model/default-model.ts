// The model that ships: trained on a made-up world, known by its hash. Made again by
// `countersign risk train --generator --seed 1 --users 100000 --id default-2 --made 2026-11-22T00:00:00Z`.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRiskModel } from './open-risk-model.ts';
import type { RiskModel } from './risk-model.ts';

/** Lower-case hex SHA-256 of `models/default.json`. */
export const DEFAULT_MODEL_SHA256 =
  '4dc11188f6cecc72ea2a3809b0a84440a7df95a72ec21276b9619ec168ab827e';

/** Bytes of the model that ships. */
export function readDefaultModelBytes(): Uint8Array {
  return readFileSync(join(import.meta.dirname, '../../models/default.json'));
}

/** @throws RiskError `model_not_known` when the file is not the one that was shipped. */
export function readDefaultModel(): RiskModel {
  return openRiskModel(readDefaultModelBytes(), { sha256: DEFAULT_MODEL_SHA256 });
}
