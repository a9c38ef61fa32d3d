import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CustodyKind } from '../custody/custody.ts';
import type { KeyScope } from '../scope/key-scope.ts';
import { type KeyState, startLife, stepLife } from './key-life.ts';
import { keySchedule } from './key-profile.ts';
import type { PlanFacts, PlanInput } from './plan-facts.ts';
import { planKeyLives } from './plan-key-lives.ts';
import type { PublicKeyRecord } from './public-key-record.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const NOW_MS = 1_800_000_000_000;
const schedule = keySchedule('nist-draft', 'per-tenant');
const SCOPE: KeyScope = {
  issuer: 'https://id.example/acme/workforce',
  tenant: 'acme',
  population: 'workforce',
  audiences: '*',
  tokenTypes: ['at+jwt'],
  longestLifetimeSeconds: 600,
  notBeforeSeconds: 0,
  notAfterSeconds: 0,
};
const STEPS: readonly KeyState[] = ['published', 'active', 'retiring', 'retired'];

interface KeyOptions {
  /** How long ago each state was reached, from `published` on. */
  agoMs: number[];
  signer?: string;
  custody?: CustodyKind;
  away?: boolean;
  longestLifetimeSeconds?: number;
}

function key(kid: string, options: KeyOptions): PublicKeyRecord {
  const { agoMs, signer, custody = 'software', away, longestLifetimeSeconds = 600 } = options;
  const madeMs = NOW_MS - (agoMs[0] ?? 0);
  let life = startLife(madeMs);
  agoMs.forEach((ago, at) => {
    life = stepLife(life, STEPS[at] ?? 'retired', NOW_MS - ago);
  });
  const notBeforeSeconds = madeMs / 1000 - 60;
  const notAfterSeconds = notBeforeSeconds + schedule.maxAgeSeconds;
  return {
    ...{ kid, alg: 'ES256', createdMs: madeMs, life, custody },
    scope: { ...SCOPE, longestLifetimeSeconds, notBeforeSeconds, notAfterSeconds },
    ...(signer === undefined ? {} : { signer }),
    ...(away === true ? { away } : {}),
  } as PublicKeyRecord;
}

type Change = Partial<Omit<PlanInput, 'facts'>> & { facts?: Partial<PlanFacts> };

function plan(keys: PublicKeyRecord[], { facts, ...change }: Change = {}) {
  const { actions, next } = planKeyLives({
    keys,
    nowMs: NOW_MS,
    schedule,
    scope: SCOPE,
    wanted: [{ alg: 'ES256', signer: '' }],
    facts: { liveTokens: () => 0, lastUseMs: () => undefined, dead: new Map(), ...facts },
    ...change,
  });
  const told = actions.map((action) =>
    action.do === 'make'
      ? `make ${action.custody ?? 'any'}${action.signer}`
      : `${action.kid} ${action.to}`,
  );
  return { told, next };
}

const signing = (agoDays = 1): PublicKeyRecord =>
  key('signing', { agoMs: [(agoDays + 30) * DAY_MS, agoDays * DAY_MS] });
const standby = (agoMs = DAY_MS): PublicKeyRecord => key('standby', { agoMs: [agoMs] });

describe('the plan for the keys of a realm', () => {
  it('makes a first key, shows it, and lets it sign at once: no cache can hold an older set', () => {
    assert.deepEqual(plan([]).told, ['make any']);
    assert.deepEqual(plan([key('one', { agoMs: [] })]).told, ['one published']);
    assert.deepEqual(plan([key('one', { agoMs: [0] })]).told, ['one active']);
    assert.deepEqual(plan([key('one', { agoMs: [0, 0] })]).told, ['make software']);
  });

  it('leaves a key that signs and one that stands by alone', () => {
    const { told, next } = plan([signing(), standby()]);
    assert.deepEqual(told, []);
    // At two thirds of the age, which begins a minute before the key is shown.
    const atMs = NOW_MS + 29 * DAY_MS - 60_000;
    assert.deepEqual(next.get('standby'), { to: 'active', atMs });
  });

  it('lets the standby sign when its turn comes, and the one before fade after the handover', () => {
    const before = signing(30);
    assert.deepEqual(plan([before, standby()]).told, ['standby active']);
    const handover = key('standby', { agoMs: [DAY_MS, 599_000] });
    assert.deepEqual(plan([before, handover]).told, ['make software']);
    const over = key('standby', { agoMs: [DAY_MS, 600_000] });
    const fresh = key('fresh', { agoMs: [599_000] });
    assert.deepEqual(plan([before, over, fresh]).told, ['signing retiring']);
  });

  it('waits until verifiers have learned of a standby, for as long as another can sign', () => {
    const { told, next } = plan([signing(31), standby(HOUR_MS - 1)]);
    assert.deepEqual(told, []);
    assert.deepEqual(next.get('standby'), {
      to: 'active',
      atMs: NOW_MS + 1,
      waitsFor: 'verifiers to learn of it',
    });
    assert.deepEqual(plan([signing(31), standby(HOUR_MS)]).told, ['standby active']);
    const revoked = signing(1);
    revoked.life = stepLife(revoked.life, 'revoked', NOW_MS);
    assert.deepEqual(plan([revoked, standby(1)]).told, ['standby active']);
  });

  it('does not believe what was waited for before the clock jumped', () => {
    const keys = [signing(31), standby(2 * HOUR_MS)];
    const jumped = (agoMs: number) => plan(keys, { facts: { clockJumpedMs: NOW_MS - agoMs } }).told;
    assert.deepEqual(jumped(HOUR_MS - 1), []);
    assert.deepEqual(jumped(HOUR_MS), ['standby active']);
    assert.deepEqual(jumped(3 * HOUR_MS), ['standby active']);
  });

  it('C-03 holds the turn back during a pause, and never beyond the end of a key', () => {
    const paused = { facts: { pausedUntilMs: NOW_MS + DAY_MS } };
    const { told, next } = plan([signing(31), standby()], paused);
    assert.deepEqual(told, []);
    assert.equal(next.get('standby')?.waitsFor, 'the end of the pause');
    assert.deepEqual(plan([signing(31), standby()]).told, ['standby active']);
    // It would sign on, and verifiers would refuse its tokens before their end.
    const nearEnd = key('signing', { agoMs: [90 * DAY_MS - 660_000, 60 * DAY_MS] });
    assert.deepEqual(plan([nearEnd, standby()], paused).told, ['standby active']);
  });

  it('C-01 lets no key sign past its end: what is over is as if it were not there', () => {
    const over = key('over', { agoMs: [91 * DAY_MS, 61 * DAY_MS] });
    assert.deepEqual(plan([over, standby(1)]).told, ['standby active']);
    assert.deepEqual(plan([over]).told, ['make software']);
  });

  it('C-04 in-use removal refused: a key stays while a token lives or a verifier still sees it used', () => {
    const fading = key('fading', { agoMs: [61 * DAY_MS, 31 * DAY_MS, 660_000] });
    const with_ = (facts: Partial<PlanFacts>) => plan([signing(), standby(), fading], { facts });
    assert.deepEqual(with_({}).told, ['fading retired']);
    const held: [Partial<PlanFacts>, string][] = [
      [{ liveTokens: () => 2 }, '2 live tokens'],
      [{ liveTokens: () => undefined }, 'the ledger'],
      [{ lastUseMs: () => NOW_MS - 599_999 }, 'verifiers that still see it used'],
    ];
    for (const [facts, waitsFor] of held) {
      const { told, next } = with_(facts);
      assert.deepEqual(told, []);
      assert.equal(next.get('fading')?.waitsFor, waitsFor);
    }
    assert.deepEqual(with_({ lastUseMs: () => NOW_MS - 600_000 }).told, ['fading retired']);
    const young = key('fading', { agoMs: [61 * DAY_MS, 31 * DAY_MS, 659_999] });
    assert.deepEqual(plan([signing(), standby(), young]).told, []);
  });

  it('tells the signer of what nobody accepts any more, before all else', () => {
    const dead = new Map([['signing', 'token.forged']]);
    assert.deepEqual(plan([signing(), standby(1)], { facts: { dead } }).told, [
      'signing revoked',
      'standby active',
    ]);
  });
});

describe('the plan where keys lie in several places', () => {
  it('moves to another custody as soon as verifiers know the key there', () => {
    const elsewhere = (agoMs: number) => key('token', { agoMs: [agoMs], custody: 'pkcs11' });
    assert.deepEqual(plan([signing(), standby(), elsewhere(1)]).told, []);
    assert.deepEqual(plan([signing(), standby(), elsewhere(HOUR_MS)]).told, [
      'token active',
      'standby retiring',
    ]);
    const moved = key('token', { agoMs: [HOUR_MS, 0], custody: 'pkcs11' });
    assert.deepEqual(plan([signing(), moved]).told, ['make pkcs11']);
  });

  const wanted = ['one', 'two'].map((signer) => ({ alg: 'ES256' as const, signer }));
  const at = (signer: string, kid: string, agoMs: number[], away = false) =>
    key(kid, { agoMs, signer, away });

  it('keeps one that signs and one that stands by at each signer', () => {
    assert.deepEqual(plan([], { wanted }).told, ['make anyone', 'make anytwo']);
    const keys = [at('one', 'a', [DAY_MS, DAY_MS]), at('one', 'b', [DAY_MS]), at('two', 'c', [1])];
    assert.deepEqual(plan(keys, { wanted }).told, []);
    const known = [...keys.slice(0, 2), at('two', 'c', [HOUR_MS])];
    assert.deepEqual(plan(known, { wanted }).told, ['c active']);
  });

  it('asks nothing of a signer that is away; another signs with what it has', () => {
    const away = [at('one', 'a', [31 * DAY_MS, 31 * DAY_MS], true), at('one', 'b', [DAY_MS], true)];
    assert.deepEqual(plan([...away, at('two', 'c', [1])], { wanted }).told, ['c active']);
  });
});

describe('keys of before there were states', () => {
  const legacy = (agoDays: number): PublicKeyRecord => {
    const old = key('legacy', { agoMs: [agoDays * DAY_MS, agoDays * DAY_MS] });
    const { published: _, ...sinceMs } = old.life.sinceMs;
    old.life.sinceMs = sinceMs;
    return old;
  };

  it('go on signing, get a standby, and hand over to it when it is their turn', () => {
    assert.deepEqual(plan([legacy(10)]).told, ['make software']);
    assert.deepEqual(plan([legacy(10), standby()]).told, []);
    assert.deepEqual(plan([legacy(80), standby(1)]).told, []);
    assert.deepEqual(plan([legacy(80), standby(HOUR_MS)]).told, ['standby active']);
  });

  it('are replaced when they may not sign what is to be signed', () => {
    const narrow = key('narrow', { agoMs: [DAY_MS, DAY_MS], longestLifetimeSeconds: 300 });
    assert.deepEqual(plan([narrow]).told, ['make software']);
    const wide = key('wide', { agoMs: [DAY_MS, HOUR_MS] });
    assert.deepEqual(plan([narrow, wide, standby()]).told, ['narrow retiring']);
  });
});
