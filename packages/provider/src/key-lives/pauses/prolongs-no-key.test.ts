// The rotator's own plan under pauses, as they come from the room that keeps them: a year of an issuer
// whose operators pause whenever the rules let them.

import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createDirectory, type DirectoryTables, directoryMigrations } from '@countersign/directory';
import {
  type KeyScope,
  type KeyState,
  keySchedule,
  type PublicKeyRecord,
  planKeyLives,
} from '@countersign/keys';
import { openStore } from '@countersign/storage';
import { isCodedError, ManualClock, systemRandom } from '@countersign/vocabulary';
import { providerMigrations } from '../../artifacts/migrations.ts';
import type { ProviderTables } from '../../artifacts/tables.ts';
import { type KeyPauses, keepPauses } from './keep-pauses.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ISSUER = 'https://id.example/acme/workforce';
const schedule = keySchedule('nist-draft', 'per-tenant');
const SCOPE: KeyScope = {
  ...{ issuer: ISSUER, tenant: 'acme', population: 'workforce', audiences: '*' },
  tokenTypes: ['at+jwt'],
  ...{ longestLifetimeSeconds: 3600, notBeforeSeconds: 0, notAfterSeconds: 0 },
};

const closing: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of closing) await close();
});

/** A signer as far as the plan knows one: keys and their states. */
class Keys {
  readonly all: PublicKeyRecord[] = [];
  readonly clock: ManualClock;

  constructor(clock: ManualClock) {
    this.clock = clock;
  }

  make(): void {
    const createdMs = this.clock.nowMs();
    const notBeforeSeconds = Math.floor(createdMs / 1000) - 60;
    const scope = {
      ...SCOPE,
      notBeforeSeconds,
      notAfterSeconds: notBeforeSeconds + schedule.maxAgeSeconds,
    };
    this.all.push({
      ...{ kid: `key-${this.all.length}`, alg: 'ES256', createdMs, custody: 'software', scope },
      life: { state: 'planned', sinceMs: { planned: createdMs } },
      counts: { journalled: 0, made: 0, sinceStart: 0 },
    } as unknown as PublicKeyRecord);
  }

  move(kid: string, to: KeyState): void {
    const key = this.all.find((one) => one.kid === kid) ?? assert.fail();
    key.life = {
      state: to,
      sinceMs: { ...key.life.sinceMs, [to]: this.clock.nowMs() },
    };
  }

  /** Who would be let sign now: the signer looks at the end in the scope, and at nothing else. */
  signing(): PublicKeyRecord[] {
    const nowMs = this.clock.nowMs();
    return this.all.filter(
      ({ life, scope }) => life.state === 'active' && nowMs < scope.notAfterSeconds * 1000,
    );
  }
}

async function rotate(
  keys: Keys,
  pausedUntilMs: number | undefined,
  dead: ReadonlyMap<string, string> = new Map(),
): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) {
    const { actions } = planKeyLives({
      ...{ keys: keys.all, nowMs: keys.clock.nowMs(), schedule, scope: SCOPE },
      wanted: [{ alg: 'ES256', signer: '' }],
      facts: { liveTokens: () => 0, lastUseMs: () => undefined, pausedUntilMs, dead },
    });
    if (actions.length === 0) return;
    for (const action of actions)
      if (action.do === 'make') keys.make();
      else keys.move(action.kid, action.to);
  }
}

async function openRoom() {
  const clock = new ManualClock();
  const store = await openStore<DirectoryTables & ProviderTables>({
    memory: true,
    migrations: [...directoryMigrations, ...providerMigrations],
    clock,
  });
  closing.push(() => store.close());
  const { operators } = createDirectory({ store, clock, random: systemRandom });
  for (const name of ['alice', 'bob']) await operators.create({ name, by: 'operator' });
  const keys = new Keys(clock);
  clock.advanceMs(2 * DAY_MS);
  const pauses = keepPauses({
    ...{ store, clock, operators, random: systemRandom, audit: { record: async () => [] } },
    signer: { listKeys: async () => keys.all },
  });
  return { clock, keys, pauses };
}

/** As long as the rules let them. @returns whether they did */
async function pauseAsLongAsPossible(pauses: KeyPauses, clock: ManualClock): Promise<boolean> {
  for (const days of [14, 7, 3, 1, 0.1]) {
    const untilMs = clock.nowMs() + days * DAY_MS;
    const proposal = { issuer: ISSUER, reason: 'never rotate', untilMs, by: 'alice' };
    try {
      const { id } = await pauses.propose(proposal);
      await pauses.approve(id, 'bob');
      return true;
    } catch (error) {
      if (!isCodedError(error)) throw error;
      if (error.code === 'pause_exists') return true;
    }
  }
  return false;
}

describe('C-03 a pause prolongs no key', () => {
  it('also when one follows the other for a year: each key ends in time, another signs before', async () => {
    const { clock, keys, pauses } = await openRoom();
    await rotate(keys, undefined);
    const heldBack = new Set<string>();
    for (let hour = 0; hour < 366 * 24; hour += 3) {
      await pauseAsLongAsPossible(pauses, clock);
      await rotate(keys, (await pauses.pausedUntil(ISSUER))?.untilMs);
      const nowMs = clock.nowMs();
      const signing = keys.signing();
      assert.ok(signing.length > 0, `nobody signs after ${hour} hours`);
      for (const { kid, scope } of keys.all) {
        const seconds = scope.notAfterSeconds - scope.notBeforeSeconds;
        assert.equal(seconds, schedule.maxAgeSeconds, 'the end of a key was moved');
        const share = (nowMs / 1000 - scope.notBeforeSeconds) / schedule.maxAgeSeconds;
        const signs = signing.some((key) => key.kid === kid);
        if (signs && share > 0.8) heldBack.add(kid);
        assert.ok(!signs || share < 1, `${kid} signs past its age`);
      }
      clock.advanceMs(3 * HOUR_MS);
    }
    // The canary: without pauses no key signs past two thirds, so the pauses did hold something back.
    assert.ok(heldBack.size > 0);
    assert.ok((await pauses.countPauses(ISSUER)) > 20);
  });

  it('holds up no revocation: the standby signs at once', async () => {
    const { clock, keys, pauses } = await openRoom();
    await rotate(keys, undefined);
    clock.advanceMs(DAY_MS);
    await rotate(keys, undefined);
    assert.ok(await pauseAsLongAsPossible(pauses, clock));
    const paused = await pauses.pausedUntil(ISSUER);
    assert.ok(paused);
    const [first] = keys.signing();
    assert.ok(first);
    await rotate(keys, paused.untilMs, new Map([[first.kid, 'leaked']]));
    const [now] = keys.signing();
    assert.ok(now !== undefined && now.kid !== first.kid);
    assert.equal(first.life.state, 'revoked');
  });
});
