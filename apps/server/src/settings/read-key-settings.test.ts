import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readKeySettings } from './read-key-settings.ts';

const DAY = 86_400;
const refusal = (message: RegExp) => ({ code: 'bad_setting', message });

describe('settings of keys', () => {
  it('C-01 give keys 90 days where nothing is said, and what profile and kind say otherwise', () => {
    assert.deepEqual(readKeySettings({}), {
      maxAgeSeconds: 90 * DAY,
      rotateEverySeconds: 30 * DAY,
      publishLeadSeconds: 3600,
      handoverSeconds: 600,
    });
    const ages = (['multi-tenant', 'per-tenant', 'single-org'] as const).map((kind) =>
      (['nist-draft', 'csrb'] as const).map(
        (profile) => readKeySettings({ keys: { profile, kind } }).maxAgeSeconds / DAY,
      ),
    );
    assert.deepEqual(ages, [
      [14, 30],
      [90, 30],
      [365, 30],
    ]);
  });

  it('are made shorter for drills, by name or as JSON, and the environment wins', () => {
    const keys = { profile: 'csrb', schedule: { maxAgeSeconds: 7200 } } as const;
    const short = readKeySettings({ keys, keySchedule: 'maxAge=1800,rotateEvery=300,lead=5' });
    assert.deepEqual(short, {
      maxAgeSeconds: 1800,
      rotateEverySeconds: 300,
      publishLeadSeconds: 5,
      handoverSeconds: 30,
    });
    assert.deepEqual(readKeySettings({ keySchedule: '{"maxAgeSeconds":3600}' }), {
      maxAgeSeconds: 3600,
      rotateEverySeconds: 1200,
      publishLeadSeconds: 1200,
      handoverSeconds: 120,
    });
    assert.equal(readKeySettings({ keys, keyProfile: 'nist-draft' }).maxAgeSeconds, 7200);
  });

  it('C-01 cannot make a key live longer, nor sign for longer than a third of that', () => {
    const longer = [`maxAge=${90 * DAY + 1}`, `rotateEvery=${31 * DAY}`, 'lead=3601', 'maxAge=0'];
    for (const text of longer) {
      assert.throws(() => readKeySettings({ keySchedule: text }), refusal(/keys\.schedule/));
    }
    assert.throws(
      () => readKeySettings({ keyProfile: 'csrb', keySchedule: `maxAge=${31 * DAY}` }),
      refusal(/1 to 2592000 seconds/),
    );
  });

  it('stop the start when no key could live long enough for its tokens, or sign at all: say what would do', () => {
    // Each of these made keys without end, none of which signed for long.
    for (const text of ['maxAge=600', 'maxAge=1990', 'maxAge=1800,rotateEvery=600'])
      assert.throws(
        () => readKeySettings({ keySchedule: text }),
        refusal(/maxAgeSeconds must be at least \d+ .*600 seconds/),
        text,
      );
    assert.throws(
      () => readKeySettings({ keySchedule: 'rotateEvery=119' }),
      refusal(/rotateEverySeconds must be at least 120/),
    );
    assert.equal(readKeySettings({ keySchedule: 'maxAge=2001' }).rotateEverySeconds, 667);
  });

  it('stop the start when they are not understood', () => {
    assert.throws(() => readKeySettings({ keyProfile: 'nist' }), refusal(/keys\.profile/));
    assert.throws(() => readKeySettings({ keyKind: 'all' }), refusal(/keys\.kind/));
    for (const text of ['age=3', 'maxAge=1d', '{', '{"age":1}'])
      assert.throws(() => readKeySettings({ keySchedule: text }), refusal(/SCHEDULE|schedule/));
  });
});
