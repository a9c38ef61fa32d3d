import { describe, it } from 'node:test';
import { makeTemplates, Simulation } from '../testing/simulation.ts';

const FIRST = Number(process.env['COUNTERSIGN_SEED'] ?? 1);
const SEEDS =
  process.env['COUNTERSIGN_SEED'] === undefined
    ? 10_000
    : Number(process.env['COUNTERSIGN_SEEDS'] ?? 1);

describe('a log whose disk fills up, tears, fails and loses power at any step', () => {
  it(`keeps every promise it made (${SEEDS} lives)`, async () => {
    const templates = await makeTemplates();
    for (let seed = FIRST; seed < FIRST + SEEDS; seed += 1) {
      await new Simulation(seed, templates).run().catch((error: unknown) => {
        throw new Error(`COUNTERSIGN_SEED=${seed} fails`, { cause: error });
      });
    }
  });
});
