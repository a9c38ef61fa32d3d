// What a watchdog thinks of houses that are well, that stand still, that lie, and of its own clock.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { WatchedKey } from './house-view.ts';
import { judgeHouse } from './judge-house.ts';
import { EMPTY_MEMORY, type LoggedKey, type Look, limitsFor, type WatchMemory } from './look.ts';
import type { WatchdogCode } from './suspicion.ts';

const ISSUER = 'https://id.example/acme/workforce';
const EVERY_MS = 10_000;
const DAY_SECONDS = 86_400;
const START_MS = Date.UTC(2027, 0, 1);
const START_SECONDS = START_MS / 1000;
const limits = limitsFor(EVERY_MS);
const hashOf = (issuer: string): string => `hash of ${issuer}`;

/** A house with its clock, and a watchdog with two of its own. */
class WatchedHouse {
  houseMs = START_MS;
  watchdogMs = START_MS;
  monotonicMs = 5000;
  rotates = true;
  answers = true;
  failed: string | undefined;
  logsRead = true;
  logFailure: string | undefined;
  keys: WatchedKey[] = [key('active-1', 'active'), key('standby-1', 'published')];
  shown: Set<string> | undefined = new Set(['active-1', 'standby-1']);
  logged: LoggedKey[] = [entry('active-1'), entry('standby-1')];
  memory: WatchMemory = EMPTY_MEMORY;
  #lastTickMs = START_MS;

  look(): WatchdogCode[] {
    if (this.rotates) this.#lastTickMs = this.houseMs;
    const rotator = {
      lastTickMs: this.#lastTickMs,
      nextTickMs: this.#lastTickMs + 5000,
      ...(this.failed === undefined ? {} : { failed: this.failed }),
    };
    const view = { atMs: this.houseMs, rotator, keys: this.keys };
    const look: Look = {
      nowMs: this.watchdogMs,
      monotonicMs: this.monotonicMs,
      view: this.answers ? view : undefined,
      keySets: this.answers ? new Map([[ISSUER, this.shown]]) : new Map(),
      logsRead: this.answers && this.logsRead,
      ...(this.logFailure === undefined ? {} : { logFailure: this.logFailure }),
      logged: this.logged,
    };
    const { conditions, memory } = judgeHouse(look, this.memory, hashOf, limits);
    this.memory = memory;
    return conditions.map(({ code }) => code);
  }

  pass(ms: number): void {
    this.houseMs += ms;
    this.watchdogMs += ms;
    this.monotonicMs += ms;
  }

  /** Codes of the last of so many looks. */
  lookFor(ms: number): WatchdogCode[] {
    let codes = this.look();
    for (let passed = 0; passed < ms; passed += EVERY_MS) {
      this.pass(EVERY_MS);
      codes = this.look();
    }
    return codes;
  }

  change(kid: string, changes: Partial<WatchedKey>): void {
    this.keys = this.keys.map((each) => (each.kid === kid ? { ...each, ...changes } : each));
  }
}

function key(kid: string, state: WatchedKey['state']): WatchedKey {
  return {
    ...{ kid, issuer: ISSUER, state, journalled: 10, sinceStart: 4, made: 4 },
    notBeforeSeconds: START_SECONDS,
    notAfterSeconds: START_SECONDS + 90 * DAY_SECONDS,
  };
}

function entry(kid: string, events: string[] = ['published'], days = 90): LoggedKey {
  const notAfterSeconds = START_SECONDS + days * DAY_SECONDS;
  return { issuerHash: hashOf(ISSUER), kid, notAfterSeconds, events };
}

describe('a watchdog judges a house', () => {
  it('that is well: nothing, for hours', () => {
    const house = new WatchedHouse();
    assert.deepEqual(house.lookFor(3_600_000), []);
  });

  it('C-01 alarms at 80 % of the age of a key that signs, and again at 100 %', () => {
    const house = new WatchedHouse();
    house.pass(72 * DAY_SECONDS * 1000 - 1);
    assert.deepEqual(house.look(), []);
    house.pass(1);
    assert.deepEqual(house.look(), ['key_old', 'key_old']);
    house.pass(18 * DAY_SECONDS * 1000);
    assert.deepEqual(house.look(), ['key_past_end', 'key_past_end']);
  });

  it('does not alarm for the age of keys that sign no more', () => {
    const house = new WatchedHouse();
    house.change('active-1', { state: 'retiring' });
    house.change('standby-1', { state: 'active', notAfterSeconds: START_SECONDS * 2 });
    house.logged = [entry('active-1'), entry('standby-1', ['published'], 90_000)];
    house.pass(89 * DAY_SECONDS * 1000);
    assert.deepEqual(house.lookFor(60_000), []);
  });

  it('C-02 alarms although the rotator is dead: its last turn stays the last', () => {
    const house = new WatchedHouse();
    house.look();
    house.rotates = false;
    assert.deepEqual(house.lookFor(20_000), []);
    assert.deepEqual(house.lookFor(20_000), ['rotator_silent']);
    house.rotates = true;
    house.pass(EVERY_MS);
    assert.deepEqual(house.look(), []);
  });

  it('C-02 alarms when the whole server is silent, and goes on about what it knew', () => {
    const house = new WatchedHouse();
    house.pass(80 * DAY_SECONDS * 1000);
    assert.deepEqual(house.look(), ['key_old', 'key_old']);
    house.answers = false;
    assert.deepEqual(house.lookFor(40_000).sort(), ['key_old', 'key_old', 'server_silent']);
    house.answers = true;
    house.pass(EVERY_MS);
    assert.deepEqual(house.look(), ['key_old', 'key_old']);
  });

  it('a server that misses one look is no alarm', () => {
    const house = new WatchedHouse();
    for (let turn = 0; turn < 20; turn += 1) {
      house.answers = turn % 2 === 0;
      assert.deepEqual(house.look(), []);
      house.pass(EVERY_MS);
    }
  });

  it('alarms for a rotator that runs and fails, that announces a turn far away, or is not shown', () => {
    const failing = new WatchedHouse();
    failing.failed = 'the signer is gone';
    assert.deepEqual(failing.lookFor(40_000), ['rotator_failing']);
    const house = new WatchedHouse();
    const far = { lastTickMs: START_MS, nextTickMs: START_MS * 2 };
    let codes: WatchdogCode[] = [];
    for (let ms = 0; ms <= 16 * 60_000; ms += EVERY_MS) {
      const look: Look = {
        nowMs: START_MS + ms,
        monotonicMs: ms,
        view: { atMs: START_MS + ms, rotator: far, keys: [] },
        ...{ keySets: new Map(), logsRead: true, logged: [] },
      };
      const { conditions, memory } = judgeHouse(look, house.memory, hashOf, limits);
      house.memory = memory;
      codes = conditions.map(({ code }) => code);
    }
    assert.deepEqual(codes, ['rotator_silent']);
  });

  it('whose watchdog stood still for a day: no silence is made of that', () => {
    const house = new WatchedHouse();
    house.lookFor(60_000);
    house.rotates = false;
    house.answers = false;
    house.pass(EVERY_MS);
    house.look();
    house.pass(DAY_SECONDS * 1000);
    assert.deepEqual(house.look(), []);
    house.answers = true;
    house.rotates = true;
    house.pass(EVERY_MS);
    assert.deepEqual(house.look(), []);
  });

  for (const [name, jumpMs] of [
    ['a year ahead', 365 * DAY_SECONDS * 1000],
    ['a year back', -365 * DAY_SECONDS * 1000],
  ] as const) {
    it(`whose watchdog's clock jumps ${name}: the clocks differ, and no key is called old`, () => {
      const house = new WatchedHouse();
      house.lookFor(60_000);
      house.watchdogMs += jumpMs;
      assert.deepEqual(house.lookFor(60_000), ['clocks_differ']);
      house.watchdogMs -= jumpMs;
      assert.deepEqual(house.look(), []);
    });
  }

  it('that tells of none of its keys any more is not taken for one that has none', () => {
    const house = new WatchedHouse();
    house.change('active-1', { journalled: 5 });
    house.lookFor(30_000);
    house.keys = [];
    // Nobody asks for a key set that shows no key.
    house.shown = new Set();
    assert.deepEqual(house.look(), []);
    assert.deepEqual(house.lookFor(60_000), ['log_unknown_key']);
    house.logged = [];
    assert.deepEqual(house.look(), [], 'a realm without keys has none in the log');
  });

  const wrong: [string, (house: WatchedHouse) => void, WatchdogCode[]][] = [
    ['whose JWKS cannot be read', (house) => (house.shown = undefined), ['jwks_unread']],
    ['whose JWKS lacks a key', (house) => house.shown?.delete('active-1'), ['jwks_lacks_key']],
    [
      'whose JWKS shows a key that nobody holds',
      (house) => house.shown?.add('rogue'),
      ['jwks_unknown_key'],
    ],
    [
      'whose JWKS still shows a revoked key',
      (house) => {
        house.change('active-1', { state: 'revoked' });
        house.logged = [entry('active-1', ['published', 'revoked']), entry('standby-1')];
      },
      ['jwks_shows_key'],
    ],
    [
      'whose log does not hold a key',
      (house) => (house.logged = [entry('active-1')]),
      ['log_lacks_key'],
    ],
    [
      'whose log holds a key of this issuer that nobody knows',
      (house) => house.logged.push(entry('rogue')),
      ['log_unknown_key'],
    ],
    [
      'whose log ended a key that may still sign',
      (house) => (house.logged = [entry('active-1', ['published', 'revoked']), entry('standby-1')]),
      ['log_ended_key'],
    ],
    [
      'that prolonged a key',
      (house) => (house.logged = [entry('active-1', ['published'], 89), entry('standby-1')]),
      ['key_prolonged'],
    ],
    [
      'that revoked a key and did not log it',
      (house) => {
        house.change('active-1', { state: 'revoked' });
        house.shown?.delete('active-1');
      },
      ['log_lacks_end'],
    ],
    [
      'whose log cannot be believed',
      (house) => {
        house.logsRead = false;
        house.logFailure = 'root_differs';
      },
      ['log_unread'],
    ],
    [
      'whose custody made signatures without numbers',
      (house) => house.change('active-1', { made: 5 }),
      ['journal_lacks_signature'],
    ],
  ];
  for (const [name, spoil, codes] of wrong) {
    it(`${name}: an alarm, but not from one look`, () => {
      const house = new WatchedHouse();
      house.lookFor(30_000);
      spoil(house);
      assert.deepEqual(house.look(), []);
      assert.deepEqual(house.lookFor(90_000), codes);
    });
  }

  it('whose journal was set back: an alarm until it counts as far as it did', () => {
    const house = new WatchedHouse();
    house.look();
    house.change('active-1', { journalled: 9 });
    house.pass(EVERY_MS);
    assert.deepEqual(house.look(), ['journal_shrank']);
    assert.deepEqual(house.lookFor(60_000), ['journal_shrank']);
    house.change('active-1', { journalled: 10 });
    assert.deepEqual(house.look(), []);
  });

  it('in which a key signed that had ended: an alarm that stays', () => {
    const house = new WatchedHouse();
    house.change('active-1', { state: 'retired' });
    house.shown?.delete('active-1');
    assert.deepEqual(house.lookFor(60_000), []);
    house.change('active-1', { journalled: 11 });
    assert.deepEqual(house.look(), ['ended_key_signs']);
    assert.deepEqual(house.lookFor(60_000), ['ended_key_signs']);
  });

  it('alarms about nothing, however looks fail, clocks jump and keys rotate in good order', () => {
    const act = fc.oneof(
      fc.constant('look' as const),
      fc.constant('miss' as const),
      fc.constant('rotate' as const),
      fc.constant('sign' as const),
      fc.constant('sleep' as const),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const house = new WatchedHouse();
        let missed = 0;
        for (const each of acts) {
          if (each === 'rotate') rotate(house);
          if (each === 'sign') sign(house);
          if (each === 'sleep') house.pass(3 * 3_600_000);
          missed = each === 'miss' ? missed + 1 : 0;
          house.answers = each !== 'miss' || missed > 2;
          assert.deepEqual(house.look(), []);
          house.pass(EVERY_MS);
        }
      }),
    );
  });
});

function rotate(house: WatchedHouse): void {
  const at = house.keys.length;
  const made = { ...key(`key-${at}`, 'published'), notAfterSeconds: START_SECONDS * 2 };
  const next = { published: 'active', active: 'retiring', retiring: 'retired' } as const;
  house.keys = [
    ...house.keys.map((each) => ({
      ...each,
      state: next[each.state as keyof typeof next] ?? each.state,
      notAfterSeconds: START_SECONDS * 2,
    })),
    made,
  ];
  house.logged = house.keys.map(({ kid, state }) =>
    entry(kid, state === 'retired' ? ['published', 'retired'] : ['published'], 90_000),
  );
  house.shown = new Set(
    house.keys.filter(({ state }) => state !== 'retired').map(({ kid }) => kid),
  );
}

function sign(house: WatchedHouse): void {
  for (const { kid, state, journalled = 0 } of house.keys) {
    if (state !== 'active') continue;
    const counts = { sinceStart: journalled + 1, made: journalled + 1 };
    house.change(kid, { journalled: journalled + 1, ...counts });
  }
}
