import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ManualClock, seededRandom } from '@countersign/vocabulary';
import fc from 'fast-check';
import { type ChallengePurpose, isChallenge, makeChallenge } from './challenge.ts';
import { readAnswer } from './read-answer.ts';

const LIFE_MS = 300_000;
const purpose: ChallengePurpose = { ceremony: 'step-up', place: 'uid-1', personId: 'p-1' };

function realm(clock = new ManualClock(), key = 1) {
  return {
    ...{ clock, random: seededRandom(7), secrets: { challengeKey: Buffer.alloc(32, key) } },
    limits: { passkeyChallengeMs: LIFE_MS },
  } as unknown as Parameters<typeof makeChallenge>[0];
}

describe('a challenge', () => {
  test('is good for its purpose until it is too old, and never from the future', () => {
    const clock = new ManualClock();
    const challenge = makeChallenge(realm(clock), purpose);
    assert.ok(isChallenge(realm(clock), purpose, challenge));
    clock.advanceMs(LIFE_MS);
    assert.ok(isChallenge(realm(clock), purpose, challenge));
    clock.advanceMs(1);
    assert.equal(isChallenge(realm(clock), purpose, challenge), false);
    clock.advanceMs(-LIFE_MS - 2);
    assert.equal(isChallenge(realm(clock), purpose, challenge), false);
  });

  test('is good for no other purpose, realm or place', () => {
    const challenge = makeChallenge(realm(), purpose);
    const others: ChallengePurpose[] = [
      { ...purpose, ceremony: 'sign-in' },
      { ...purpose, ceremony: 'enrol' },
      { ...purpose, place: 'uid-2' },
      { ...purpose, personId: 'p-2' },
      { ceremony: 'step-up', place: 'uid-1' },
    ];
    for (const other of others) assert.equal(isChallenge(realm(), other, challenge), false);
    assert.equal(isChallenge(realm(undefined, 2), purpose, challenge), false);
  });

  test('is different each time', () => {
    const one = realm();
    assert.notEqual(makeChallenge(one, purpose), makeChallenge(one, purpose));
  });

  test('does not survive the change of any bit, nor another way to write it', () => {
    const challenge = makeChallenge(realm(), purpose);
    const bytes = Buffer.from(challenge, 'base64url');
    fc.assert(
      fc.property(fc.nat({ max: bytes.length * 8 - 1 }), (bit) => {
        const changed = Buffer.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        assert.equal(isChallenge(realm(), purpose, changed.toString('base64url')), false);
      }),
    );
    for (const written of [`${challenge}=`, ` ${challenge}`, `${challenge}A`, '']) {
      assert.equal(isChallenge(realm(), purpose, written), false);
    }
  });
});

test('whatever is posted as an answer is read without a throw', () => {
  const shapes = fc.oneof(
    fc.string(),
    fc.json(),
    fc.record({
      id: fc.oneof(fc.string(), fc.integer()),
      response: fc.oneof(
        fc.string(),
        fc.record({
          clientDataJSON: fc.json().map((json) => Buffer.from(json).toString('base64url')),
          userHandle: fc.anything(),
        }),
      ),
    }),
  );
  fc.assert(
    fc.property(shapes, (posted) => {
      const text = typeof posted === 'string' ? posted : (JSON.stringify(posted) ?? '');
      const read = readAnswer(text);
      assert.ok(read === undefined || typeof read.id === 'string');
    }),
  );
  assert.equal(readAnswer('[]'.padEnd(20_000)), undefined);
});
