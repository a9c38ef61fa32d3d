// An attacker who chooses everything in his requests, and strangers without any credential: neither is
// overlooked for what costs nothing, nor can one have somebody else named.
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
import { DAY_MS, HOUR_MS } from './detector.ts';
import { learnDetectors } from './learn-detectors.ts';

const ODD = { level: 'medium' } as const;

function spray(world: World, people: number, more: Partial<RiskInput> = {}, at: Values = AWAY) {
  for (let person = 0; person < people; person++) {
    world.happen(failedBy(String(1_000_003 * (person + 1)), more, at));
  }
  return world;
}

const inAgain = (subjectKey: string, at: Values = AWAY) =>
  act(at, { subjectKey, timeMs: NOW_MS - MINUTE_MS });

describe('a sprayer', () => {
  it('is not overlooked because there are very many victims', () => {
    assert.ok(spray(settled(), 2_000).codes(act(AWAY)).includes('password_spray'));
  });

  it('gains nothing by padding with wrong passwords, or with right ones, of an own account', () => {
    const failing = spray(settled(), 20);
    for (let turn = 0; turn < 300; turn++) failing.happen(failedBy('77'));
    assert.ok(failing.codes(act(AWAY)).includes('password_spray'));
    const passing = spray(settled(), 20);
    for (let turn = 0; turn < 300; turn++) passing.happen(inAgain('77'), false);
    const codes = passing.codes(act(AWAY));
    assert.ok(codes.includes('password_spray') && codes.includes('malicious_ip'), codes.join());
  });

  it('with a list of pairs gains nothing by either', () => {
    const world = settled();
    for (let turn = 0; turn < 25; turn++) world.happen(failedBy(undefined));
    for (let turn = 0; turn < 50; turn++) world.happen(failedBy('77')).happen(inAgain('77'), false);
    assert.ok(world.codes(act(AWAY)).includes('credential_stuffing'));
  });

  it('cannot wait for the end of the hour in which the counting began', () => {
    const world = settled().happen(failedBy('5', { timeMs: NOW_MS - 61 * MINUTE_MS }));
    spray(world, 20, { timeMs: NOW_MS - 2 * MINUTE_MS });
    assert.ok(world.codes(act(AWAY)).includes('password_spray'));
  });

  it('in the network of an operator does not have all of its customers named', () => {
    const near = { ...AWAY, asn: HOME.asn, country: HOME.country };
    const world = spray(settled(), 200, {}, near);
    const roaming = act({ ...HOME, ip: 91, net: 92 });
    assert.deepEqual(world.codes(roaming), [], 'another address of the own operator');
    const besides = act({ ...HOME, ip: near.ip, net: near.net });
    assert.deepEqual(world.codes(besides), [], 'the very same addresses, with the own browser');
    const stolen = act({ ...AWAY, ip: near.ip, net: near.net, asn: HOME.asn });
    assert.ok(world.codes(stolen).includes('password_spray'));
  });

  it('in a busy network of honest people has nobody named', () => {
    const world = settled();
    for (let person = 1; person < 900; person++) {
      world.happen(inAgain(String(person * 7_919)), false);
    }
    spray(world, 60);
    assert.deepEqual(
      world.codes(act(AWAY)).filter((code) => /spray|stuffing|malicious/.test(code)),
      [],
    );
  });

  it('cannot have a person named by who forgot a password and tries often', () => {
    const world = settled();
    for (let turn = 0; turn < 60; turn++) world.happen(failedBy('7'));
    assert.ok(!world.codes(act(AWAY)).includes('malicious_ip'));
  });
});

describe('a stranger without a credential', () => {
  it('cannot tire anybody out: who has the password wrong is asked for nothing', () => {
    const world = settled();
    for (let turn = 0; turn < 9; turn++) world.happen(failedBy('7', { failure: 'factor_failed' }));
    assert.ok(!world.codes(act(HOME)).includes('mfa_fatigue'));
  });

  it('cannot have a machine shut out by wrong secrets in its name', () => {
    const CLOUD = { ip: 51, net: 52, asn: 16_509 };
    const more = { ...machine, ...flags({ hosting: true }) };
    const world = new World().settle(CLOUD, more);
    for (let turn = 0; turn < 2_000; turn++) world.happen(failedBy('7', machine));
    assert.deepEqual(world.codes(act(CLOUD, more)), []);
    const guessed = world.codes(act(AWAY, machine));
    assert.ok(guessed.includes('failed_access_attempts'), 'who guessed it is named');
  });

  it('cannot have somebody named by taking the name of a rare browser', () => {
    const world = settled();
    for (let turn = 0; turn < 2_000; turn++) {
      world.counts.learn(act({ ua: 1_000 + turn }).values, NOW_MS);
    }
    for (let person = 1; person < 40; person++) {
      const from = country(['BR', 'RO', 'IN', 'US', 'VN'][person % 5] ?? '');
      world.happen(failedBy(String(person * 7_919), {}, { ...AWAY, ua: HOME.ua, country: from }));
    }
    assert.deepEqual(world.codes(act(HOME)), []);
  });

  it('does not wake up an account by trying', () => {
    const timeMs = NOW_MS + 100 * DAY_MS;
    const world = settled().happen(failedBy('7', { timeMs: timeMs - HOUR_MS }));
    assert.ok(world.codes(act(AWAY, { timeMs })).includes('dormant_account'));
  });
});

describe('a thief', () => {
  it('who is named does not become the place where somebody is', () => {
    const brazil = { ...AWAY, country: country('BR') };
    const world = settled();
    for (const minutes of [30, 20, 10]) {
      const theft = act(brazil, { timeMs: NOW_MS - minutes * MINUTE_MS });
      assert.ok(world.codes(theft).includes('unlikely_travel'), `${minutes} minutes ago`);
      world.happen(theft, false, ODD);
    }
    assert.deepEqual(world.codes(act(HOME)), [], 'the owner at home is not named');
  });

  it('cannot wake an account with one sign-in that is odd, to be silent in the next', () => {
    const timeMs = NOW_MS + 100 * DAY_MS;
    const world = settled();
    world.happen(act(AWAY, { timeMs: timeMs - HOUR_MS }), false, ODD);
    assert.ok(world.codes(act(AWAY, { timeMs })).includes('dormant_account'));
  });

  it('gains nothing by leaving out the user agent', () => {
    const nothing = { ip: AWAY.ip, net: AWAY.net, asn: AWAY.asn, country: AWAY.country };
    assert.ok(settled().codes(act(nothing)).includes('unfamiliar_features'));
    const values = act(HOME).values;
    const going = act(nothing, { kind: 'refresh', session: { startedMs: NOW_MS, values } });
    assert.ok(settled().codes(going).includes('anomalous_token'));
    const page = act({ ...nothing, asn: 16_509 }, flags({ hosting: true }));
    assert.ok(settled().codes(page).includes('attacker_in_the_middle'));
  });

  it('of a token does not have its owner named, and is named again', () => {
    const use = (values: Values, timeMs: number) =>
      act(values, { kind: 'use', tokenKey: 77, timeMs });
    const world = settled().happen(use({ ...HOME, dpopKey: 41 }, NOW_MS - 3 * MINUTE_MS));
    const theft = use({ ...AWAY, dpopKey: 42 }, NOW_MS - 2 * MINUTE_MS);
    assert.ok(world.codes(theft).includes('token_replay'));
    world.happen(theft, false, { level: 'high' });
    assert.ok(!world.codes(use({ ...HOME, dpopKey: 41 }, NOW_MS)).includes('token_replay'));
    assert.ok(world.codes(use(AWAY, NOW_MS)).includes('token_replay'));
  });

  it('of a secret is named for a spike also in the hours after the first', () => {
    const CLOUD = { ip: 51, net: 52, asn: 16_509 };
    const world = new World().settle(CLOUD, machine);
    for (const hours of [0, 1]) {
      const at = { ...machine, timeMs: NOW_MS + hours * HOUR_MS };
      for (let turn = 0; turn < 500; turn++) world.happen(act(CLOUD, at), false);
      assert.ok(world.codes(act(CLOUD, at)).includes('sign_in_spike'), `hour ${hours}`);
    }
  });

  it('who is taken back does not leave the owner’s new passkey in doubt; another one does', () => {
    const world = settled();
    const [theirs, own] = [NOW_MS - 3 * HOUR_MS, NOW_MS - 2 * HOUR_MS].map((timeMs) =>
      act(AWAY, { timeMs }),
    );
    const passed = { profile: true, infrastructure: false };
    const young = act(HOME, { factorAgeMs: HOUR_MS });
    world.happen(own!, false, ODD);
    assert.ok(world.codes(young).includes('factor_in_doubt'));
    learnDetectors(own!, ODD, world.detectors, passed);
    assert.ok(!world.codes(young).includes('factor_in_doubt'));
    const both = settled().happen(theirs!, false, ODD).happen(own!, false, ODD);
    learnDetectors(own!, ODD, both.detectors, passed);
    assert.ok(both.codes(young).includes('factor_in_doubt'));
  });
});

describe('what is settled or said later', () => {
  it('is not counted as traffic once more', () => {
    const world = settled().happen(act(AWAY), false);
    const before = world.detectors.networks.find(AWAY.net)?.slice();
    learnDetectors(act(AWAY), ODD, world.detectors, { profile: true, infrastructure: false });
    assert.deepEqual(world.detectors.networks.find(AWAY.net)?.slice(), before);
  });

  it('and out of order puts nobody back to where they were', () => {
    const world = settled();
    const session = { startedMs: NOW_MS - DAY_MS, values: act(HOME).values };
    const more = { kind: 'use', session, timeMs: NOW_MS - 10 * HOUR_MS } as const;
    const late = act({ ...HOME, country: country('BR') }, more);
    world.happen(act(HOME)).happen(late);
    const next = act({ ...AWAY, country: country('SE') }, { timeMs: NOW_MS + MINUTE_MS });
    assert.ok(!world.codes(next).includes('unlikely_travel'));
  });
});
