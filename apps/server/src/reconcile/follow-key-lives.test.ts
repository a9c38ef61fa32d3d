import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { QuarantinedKey } from '@countersign/audit';
import type { KeyState, PublicKeyRecord } from '@countersign/keys';
import { ManualClock } from '@countersign/vocabulary';
import { followKeyLives } from './follow-key-lives.ts';

const ISSUER = 'https://id.example/acme/partner';

function world() {
  const clock = new ManualClock();
  const keys: PublicKeyRecord[] = [];
  const quarantined: QuarantinedKey[] = [];
  const logged: string[] = [];
  const broken = new Set<string>();
  const lives = followKeyLives({
    clock,
    audit: { listQuarantined: async () => [...quarantined] },
    signer: {
      listKeys: async () => [...keys],
      status: async () => ({
        keys: keys.length,
        lastNumber: 0,
        cutAtOpen: false,
        refusals: {},
        tripped: [],
      }),
    },
    keyLog: {
      ensure: async (event, { kid }) => {
        if (broken.has(kid)) throw new Error('log away');
        logged.push(`${event} ${kid}`);
        return new Uint8Array();
      },
    },
  });
  const make = (kid: string, lifeSeconds: number, state: KeyState = 'active') =>
    keys.push({
      kid,
      life: { state, sinceMs: { planned: 0 } },
      scope: { issuer: ISSUER, notAfterSeconds: clock.nowMs() / 1000 + lifeSeconds },
    } as PublicKeyRecord);
  const quarantine = (kid: string, issuer = ISSUER) =>
    quarantined.push({ issuer, kid, sinceMs: 0, reason: 'token.forged' });
  return { clock, lives, make, quarantine, logged, broken };
}

describe('the life of keys', () => {
  it('is logged without anybody asking for a realm: published, later retired, each once', async () => {
    const { clock, lives, make, logged } = world();
    make('one', 100);
    await lives.look();
    await lives.look();
    make('two', 500);
    await lives.look();
    clock.advanceMs(100_000);
    await lives.look();
    await lives.look();
    assert.deepEqual(logged, ['published one', 'published two', 'retired one']);
  });

  it('is logged as revoked when the key is quarantined, and only that key', async () => {
    const { lives, make, quarantine, logged } = world();
    make('one', 100);
    make('two', 100);
    quarantine('one');
    quarantine('two', 'https://id.example/other/partner');
    quarantine('rogue');
    await lives.look();
    assert.deepEqual(logged, ['published one', 'revoked one', 'published two']);
  });

  it('is logged by its state: nothing of a planned key, the end of a retired one, and what was revoked', async () => {
    const { lives, make, logged } = world();
    for (const state of ['planned', 'published', 'retiring', 'retired', 'revoked'] as const)
      make(state, 100, state);
    await lives.look();
    assert.deepEqual(logged, [
      'published published',
      'published retiring',
      'retired retired',
      'revoked revoked',
    ]);
  });

  it('is not held up by a key that cannot be logged now, which is tried again', async () => {
    const { lives, make, logged, broken } = world();
    make('one', 100);
    make('two', 100);
    broken.add('one');
    await assert.rejects(lives.look(), /log away/);
    assert.deepEqual(logged, ['published two']);
    broken.clear();
    await lives.look();
    assert.deepEqual(logged, ['published two', 'published one']);
  });
});
