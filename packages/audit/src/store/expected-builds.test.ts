import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@countersign/vocabulary';
import { ExpectedBuilds } from './expected-builds.ts';

test('a build is expected from its announcement until it is finished', () => {
  const builds = new ExpectedBuilds(new ManualClock());
  builds.expect({ leafHash: 'a' });
  builds.expect({ leafHash: 'a', signingInputHash: 's' });
  assert.deepEqual(
    [builds.count, builds.hasLeaf('a'), builds.hasSigningInput('s')],
    [1, true, true],
  );
  builds.finish('a');
  builds.finish('a');
  assert.deepEqual(
    [builds.count, builds.hasLeaf('a'), builds.hasSigningInput('s')],
    [0, false, false],
  );
});

test('what is never finished is forgotten after a time, and when there is too much of it', () => {
  const clock = new ManualClock();
  const builds = new ExpectedBuilds(clock);
  builds.expect({ leafHash: 'old', signingInputHash: 's' });
  clock.advanceMs(600_000);
  builds.expect({ leafHash: 'new' });
  assert.deepEqual([builds.hasLeaf('old'), builds.hasSigningInput('s')], [false, false]);
  for (let n = 0; n < 20_000; n += 1) builds.expect({ leafHash: `n${n}` });
  assert.equal(builds.count, 20_000);
  assert.equal(builds.hasLeaf('new'), false);
  assert.equal(builds.hasLeaf('n19999'), true);
});
