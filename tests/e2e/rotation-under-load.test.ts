// Keys rotate under use: tokens are issued without a pause and judged at eight verifiers at once, four of
// them other projects' with their default caches. The long version is `npm run bench rotate`.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openRotatingIssuer, type RotatingIssuer } from '../../bench/src/rotate/open-issuer.ts';
import { runRotations } from '../../bench/src/rotate/run-rotations.ts';

const PER_SECOND = 60;
/**
 * What was shown when the verifiers first looked holds for the first rotation. For each further one all must
 * look again, which jose does 30 s after it last looked at the earliest: its users are why a standby is shown
 * for an hour. Here it is shown for as long as that takes.
 */
const ROTATE_AT_MS = [3_000, 34_000, 65_000];

describe('C-04 rotation under load', () => {
  let issuer: RotatingIssuer;

  before(async () => {
    // The rotator itself does nothing in this time.
    issuer = await openRotatingIssuer('maxAge=7200,rotateEvery=2400,lead=1');
  });

  after(() => issuer?.stop());

  const run = (rotateAtMs: readonly number[], rotate: () => Promise<void>) =>
    runRotations({
      ...{ setup: issuer.setup, endpoint: issuer.endpoint, perSecond: PER_SECOND, tailMs: 1_500 },
      ...{ rotateAtMs, rotate },
    });

  it('refuses no genuine token at any of the eight', async () => {
    const result = await run(ROTATE_AT_MS, () => issuer.rotate());
    assert.deepEqual(result.falseRejects, []);
    assert.equal(result.kids.length, 4, 'four keys signed');
    assert.deepEqual(result.pumped.failed, []);
    assert.ok(result.pumped.issued > 3_000, `${result.pumped.issued} tokens`);
    assert.equal(result.verifiers.length, 8);
    for (const { name, judged } of result.verifiers) {
      assert.equal(judged, result.pumped.issued, name);
    }
  });

  it('would: keys that are forced on verifiers that cannot have seen them are refused', async () => {
    const force = () => issuer.rotate({ force: true });
    const result = await run([1_000, 1_100, 1_200], force);
    const refusing = result.verifiers.filter(({ falseRejects }) => falseRejects > 0);
    const names = refusing.map(({ name }) => name).join(', ');
    assert.ok(names.includes('jose'), names);
  });
});
