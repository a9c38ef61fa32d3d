import { describe, it } from 'node:test';
import { liveThrough } from '../testing/simulation.ts';

/** The other half is in `crash-simulation-second.test.ts`, a process of its own. */
const LIVES = 3000;
const seed = process.env['COUNTERSIGN_SEED'];
const first = Number(seed ?? 1);
const count = seed === undefined ? LIVES : Number(process.env['COUNTERSIGN_SEEDS'] ?? 1);

describe('a log whose disk fills up, tears, fails and loses power at any step', () => {
  it(`keeps every promise it made (lives ${first} to ${first + count - 1})`, () =>
    liveThrough(first, count));
});
