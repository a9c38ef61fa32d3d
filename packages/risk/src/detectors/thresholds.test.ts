// Where each detector begins: just short of it nothing is named, and what is said counts right.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RiskInput } from '../input/risk-input.ts';
import {
  AWAY,
  act,
  country,
  failedBy,
  flags,
  HOME,
  MINUTE_MS,
  machine,
  NOW_MS,
  settled,
  type Values,
  World,
} from '../testing/detector-world.ts';
import { detect } from './detect.ts';
import { DAY_MS, HOUR_MS } from './detector.ts';

const BRAZIL = { ...AWAY, country: country('BR') };
const LAST_MS = NOW_MS - HOUR_MS;

const factsOf = (world: World, input: RiskInput, code: string) =>
  detect(input, world).find((one) => one.code === code)?.facts;

describe('a journey', () => {
  it('is one as soon as an airliner could have made it, with an hour for the way to the airport', () => {
    const world = settled();
    const km = Number(factsOf(world, act(BRAZIL), 'unlikely_travel')?.['km']);
    assert.ok(km > 5_000 && km < 12_000, `${km} km`);
    const possibleMs = LAST_MS + (km / 900 - 1) * HOUR_MS;
    const named = (timeMs: number) => world.codes(act(BRAZIL, { timeMs }));
    assert.ok(named(possibleMs - MINUTE_MS).includes('unlikely_travel'));
    assert.ok(!named(possibleMs + MINUTE_MS).includes('unlikely_travel'));
  });

  it('is nobody’s of whom little is known: ten acts, or three in two weeks', () => {
    const begun = (acts: number, days: number) => {
      const world = new World();
      for (let at = 0; at < acts; at++) {
        const agoMs = HOUR_MS + ((acts - 1 - at) * days * DAY_MS) / Math.max(1, acts - 1);
        world.happen(act(HOME, { timeMs: NOW_MS - agoMs }));
      }
      return world.codes(act(BRAZIL)).includes('unlikely_travel');
    };
    assert.deepEqual([begun(9, 5), begun(10, 5)], [false, true]);
    assert.deepEqual([begun(2, 20), begun(3, 20), begun(3, 10)], [false, true, false]);
  });

  it('does not begin where an address that hides its place pretended to be', () => {
    const world = settled();
    world.happen(act(BRAZIL, { ...flags({ vpn: true }), timeMs: NOW_MS - MINUTE_MS }));
    assert.ok(!world.codes(act(AWAY)).includes('unlikely_travel'));
  });
});

describe('a session', () => {
  it('that goes on in the country it began in is not named for it; one that goes elsewhere is', () => {
    const refresh = (began: typeof HOME) => {
      const session = { startedMs: LAST_MS, values: act(began).values };
      return settled().codes(act(AWAY, { kind: 'refresh', session }));
    };
    assert.ok(refresh(HOME).includes('new_country'));
    assert.ok(!refresh(AWAY).includes('new_country'));
  });

  it('of a token whose use told no key at first is not replayed with one', () => {
    const use = (values: object, timeMs: number) =>
      act({ ...HOME, ...values }, { kind: 'use', tokenKey: 77, timeMs });
    const world = settled().happen(use({}, NOW_MS - MINUTE_MS));
    assert.ok(!world.codes(use({ dpopKey: 41 }, NOW_MS)).includes('token_replay'));
  });
});

describe('an account', () => {
  it('sleeps after 90 days, and not a minute before', () => {
    const awakeMs = LAST_MS + 90 * DAY_MS;
    const named = (timeMs: number) => settled().codes(act(AWAY, { timeMs }));
    assert.ok(!named(awakeMs - MINUTE_MS).includes('dormant_account'));
    assert.ok(named(awakeMs).includes('dormant_account'));
  });

  it('is tired by prompts on either side of the full hour', () => {
    const world = settled();
    const denied = { kind: 'step_up', outcome: 'failure', failure: 'factor_denied' } as const;
    for (const minute of [0, 1, 61]) {
      world.happen(act(HOME, { ...denied, timeMs: NOW_MS + minute * MINUTE_MS }));
    }
    const timeMs = NOW_MS + 62 * MINUTE_MS;
    assert.equal(factsOf(world, act(HOME, { timeMs }), 'mfa_fatigue')?.['denials'], 3);
  });
});

describe('what others do', () => {
  const failure = (person: number, values: Values) =>
    failedBy(String(person), {}, { ...AWAY, ...values });

  function tool(people: number, countries: readonly string[]): string[] {
    const world = settled();
    for (let person = 0; person < people; person++) {
      const from = country(countries[person % countries.length] ?? '');
      world.happen(failure(100 + person, { ua: 666, country: from }));
    }
    return world.codes(act({ ...AWAY, ua: 666 }));
  }

  // Of seven bits it is likelier that eight people set them.
  it('with one browser is a tool from about eight people of four countries on', () => {
    const four = ['BR', 'RO', 'IN', 'US'];
    assert.ok(tool(7, four).includes('suspicious_browser'));
    assert.ok(!tool(6, four).includes('suspicious_browser'));
    assert.ok(!tool(12, four.slice(1)).includes('suspicious_browser'));
  });

  function failing(people: number): string[] {
    const world = settled();
    for (let turn = 0; turn < 24; turn++) world.happen(failure(100 + (turn % people), {}));
    return world.codes(act(AWAY));
  }

  it('from one network is an attack from about eight people on, however often they fail', () => {
    for (const code of ['malicious_ip', 'password_spray']) {
      assert.ok(failing(7).includes(code), code);
      assert.ok(!failing(6).includes(code), code);
    }
  });

  it('at one operator names nobody who was there before, and whoever is new there', () => {
    const world = settled();
    for (let person = 100; person < 130; person++) {
      world.happen(failure(person, { net: person, asn: HOME.asn }));
    }
    const input = act({ ...AWAY, asn: HOME.asn });
    assert.ok(!world.codes(input).includes('password_spray'));
    for (let person = 100; person < 130; person++) world.happen(failure(person, { net: person }));
    const facts = factsOf(world, act({ ...AWAY, net: 99 }), 'password_spray');
    assert.equal(facts?.['where'], 'asn');
  });
});

describe('a machine', () => {
  const CLOUD = { ip: 51, net: 52, asn: 16509, country: country('IE') };
  const inCloud = { ...machine, ...flags({ hosting: true }) };
  const withApis = (count: number) => {
    const world = settled().settle(CLOUD, { ...inCloud, subjectKey: '8' });
    for (let api = 1; api <= count; api++) {
      world.happen(act(CLOUD, { ...inCloud, subjectKey: '8', resourceKey: 900 + api }));
    }
    return factsOf(
      world,
      act(CLOUD, { ...inCloud, subjectKey: '8', resourceKey: 999 }),
      'unfamiliar_resource',
    );
  };

  it('has up to seven APIs that are its own; with eight it has any', () => {
    assert.equal(withApis(0), undefined);
    assert.deepEqual([withApis(1)?.['known'], withApis(7)?.['known']], [1, 7]);
    assert.equal(withApis(8), undefined);
  });

  it('that failed ten times is named where it leaves its network out, too', () => {
    const world = settled().settle(CLOUD, inCloud);
    for (let turn = 0; turn < 10; turn++) {
      const failed = { ...inCloud, outcome: 'failure', timeMs: NOW_MS - MINUTE_MS } as const;
      world.happen(act(CLOUD, failed));
    }
    const { net: _, ...hidden } = CLOUD;
    assert.ok(world.codes(act(hidden, inCloud)).includes('failed_access_attempts'));
  });
});
