// Which model comes with the engine: where it lies, and the hash that makes its bytes the ones that were
// looked at when this was written. Reading it is for whoever has files.

import { join } from 'node:path';

export interface ShippedModel {
  path: string;
  /** Lower-case hex. Empty: none comes with this version, and the engine says so in every score. */
  sha256: string;
}

/** Made by `countersign risk train --generator --seed 1`; docs/risk.md has its provenance. */
export const SHIPPED_MODEL: ShippedModel = Object.freeze({
  path: join(import.meta.dirname, '../../models/default.json'),
  sha256: 'c3972d8f0f5dcda87b8594039bd2fd85025601a14d43989b17f36c90802ba77b',
});
