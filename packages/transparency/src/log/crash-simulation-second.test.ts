import { describe, it } from 'node:test';
import { liveThrough } from '../testing/simulation.ts';

describe('a log whose disk fills up, tears, fails and loses power at any step', () => {
  // A single seed is played again by `crash-simulation.test.ts`.
  const skip = process.env['COUNTERSIGN_SEED'] !== undefined;
  it('keeps every promise it made (lives 5001 to 10000)', { skip }, () => liveThrough(5001, 5000));
});
