import { describe, it } from 'node:test';
import { liveThrough } from '../testing/simulation.ts';

describe('a log whose disk fills up, tears, fails and loses power at any step', () => {
  // A single seed is played again by `crash-simulation.test.ts`.
  const skip = process.env['COUNTERSIGN_SEED'] !== undefined;
  it('keeps every promise it made (lives 3001 to 6000)', { skip }, () => liveThrough(3001, 3000));
});
