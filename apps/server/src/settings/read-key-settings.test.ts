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
    const keys = { profile: 'csrb', schedule: { maxAgeSeconds: 300 } } as const;
    const short = readKeySettings({ keys, keySchedule: 'maxAge=90,rotateEvery=20,lead=5' });
    assert.deepEqual(short, {
      maxAgeSeconds: 90,
      rotateEverySeconds: 20,
      publishLeadSeconds: 5,
      handoverSeconds: 2,
    });
    assert.deepEqual(readKeySettings({ keySchedule: '{"maxAgeSeconds":60}' }), {
      maxAgeSeconds: 60,
      rotateEverySeconds: 20,
      publishLeadSeconds: 20,
      handoverSeconds: 2,
    });
    assert.equal(readKeySettings({ keys, keyProfile: 'nist-draft' }).maxAgeSeconds, 300);
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

  it('stop the start when they are not understood', () => {
    assert.throws(() => readKeySettings({ keyProfile: 'nist' }), refusal(/keys\.profile/));
    assert.throws(() => readKeySettings({ keyKind: 'all' }), refusal(/keys\.kind/));
    for (const text of ['age=3', 'maxAge=1d', '{', '{"age":1}'])
      assert.throws(() => readKeySettings({ keySchedule: text }), refusal(/SCHEDULE|schedule/));
  });
});
