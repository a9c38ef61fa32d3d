// What ordinary people and machines do, and what is not their doing: nobody is named for it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ATTRIBUTE_INDEX } from '../input/attributes.ts';
import type { RiskInput } from '../input/risk-input.ts';
import {
  AWAY,
  act,
  country,
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

const LTE = { ...HOME, ip: 61, net: 62, asn: 2_116 };

describe('sessions', () => {
  const began = { browser: 'Chrome 129', os: 'Windows 10' };
  const session = { startedMs: NOW_MS - DAY_MS, values: act({ ...HOME, ja4: 31 }).values };
  const going = (values: Values, labels: RiskInput['labels']) =>
    act(values, { kind: 'refresh', session: { ...session, labels: began }, labels });
  const updated = { ...LTE, ua: 14_1, browser: 15_1, ja4: 32 };

  it('go on in another network after an update of the browser, and not of an older one', () => {
    const names = { ...began, browser: 'Chrome 130' };
    assert.deepEqual(settled().codes(going(updated, names)), []);
    for (const browser of ['Chrome 128', 'Firefox 130', undefined]) {
      const { browser: _, ...rest } = names;
      const labels = browser === undefined ? rest : { ...names, browser };
      assert.ok(
        settled().codes(going(updated, labels)).includes('anomalous_token'),
        String(browser),
      );
    }
  });

  it('go on in another network where no proxy tells of TLS any more', () => {
    assert.deepEqual(settled().codes(going(LTE, began)), []);
  });

  it('with the same browser and another TLS stack are not the same', () => {
    assert.ok(
      settled()
        .codes(going({ ...LTE, ja4: 33 }, began))
        .includes('anomalous_token'),
    );
  });
});

describe('people', () => {
  it('who switch on a VPN while a token is in use are no thieves of it', () => {
    const use = (values: Values, more: Partial<RiskInput> = {}) =>
      act(values, { kind: 'use', tokenKey: 77, ...more });
    const world = settled().happen(use(HOME, { timeMs: NOW_MS - MINUTE_MS }));
    const through = { ...HOME, ip: 71, net: 72, asn: 9_009, country: country('NL') };
    const codes = world.codes(use(through, flags({ vpn: true, hosting: true })));
    assert.ok(!codes.includes('token_replay'), codes.join());
    assert.ok(
      world.codes(use(through)).includes('token_replay'),
      'in the open it is another place',
    );
    assert.ok(!world.codes(use(LTE)).includes('token_replay'), 'from the wire to the mast');
  });

  it('who use two operators of one country all day are named by none', () => {
    const world = settled();
    for (let turn = 40; turn > 0; turn--) {
      const at = turn % 2 === 0 ? HOME : LTE;
      world.happen(act(at, { timeMs: NOW_MS - turn * 10 * MINUTE_MS }));
    }
    assert.deepEqual(world.codes(act(LTE)), []);
    assert.deepEqual(world.codes(act({ ...LTE, net: 63, ip: 64 })), [], 'also over IPv6');
  });

  it('who become known within one day are at home where they were', () => {
    const world = new World();
    for (let turn = 12; turn > 0; turn--) {
      const at = act(HOME, { timeMs: NOW_MS - turn * 10 * MINUTE_MS });
      world.happen(at);
    }
    world.happen(act({ ...HOME, country: country('BR') }, { timeMs: NOW_MS - MINUTE_MS }));
    assert.ok(!world.codes(act(HOME)).includes('unlikely_travel'));
  });

  it('who get a new telephone at home, or travel with the old one, are not strange', () => {
    const phone = { ...HOME, ip: 81, net: 82, ua: 84, browser: 85, os: 86, device: 87 };
    assert.deepEqual(settled().codes(act(phone)), []);
    const abroad = act({ ...AWAY, ua: 88, browser: 89, os: HOME.os, device: HOME.device });
    assert.deepEqual(settled().codes(abroad), ['new_country']);
  });

  it('who were let in from a VPN abroad are not named at each refresh', () => {
    const through = { ...HOME, ip: 71, net: 72, asn: 9_009, country: country('NL') };
    const session = { startedMs: NOW_MS, values: act(through).values };
    const going = act(through, {
      kind: 'refresh',
      session,
      ...flags({ vpn: true, hosting: true }),
    });
    assert.deepEqual(settled().codes(going), []);
  });

  it('who come through an office in a cloud with an update of their browser are no page', () => {
    const office = { ...HOME, ip: 91, net: 92, asn: 16_509, ua: 94, browser: 95 };
    assert.deepEqual(settled().codes(act(office, flags({ hosting: true }))), []);
  });

  it('are not where the servers of an application use their tokens', () => {
    const world = settled();
    const server = { ip: 71, net: 72, asn: 3_301, country: country('JP') };
    world.happen(act(server, { kind: 'use', timeMs: NOW_MS - MINUTE_MS }), false);
    const journey = act({ ...HOME, ip: 73, net: 74, country: country('SE') });
    assert.ok(!world.codes(journey).includes('unlikely_travel'));
  });

  it('who only refresh for months were never asleep', () => {
    const world = settled();
    for (let day = 1; day <= 100; day++) {
      const at = act(HOME, { kind: 'refresh', timeMs: NOW_MS + day * DAY_MS });
      world.happen(at, false);
    }
    const timeMs = NOW_MS + 101 * DAY_MS;
    assert.ok(!world.codes(act(AWAY, { timeMs })).includes('dormant_account'));
  });

  it('who prove a passkey did not give in to a prompt', () => {
    const world = settled();
    const denied = { kind: 'step_up', outcome: 'failure', failure: 'factor_denied' } as const;
    for (let turn = 0; turn < 4; turn++) world.happen(act(HOME, denied));
    assert.deepEqual(world.codes(act(HOME, { methods: ['pwd', 'hwk', 'user', 'mfa'] })), []);
    assert.ok(world.codes(act(HOME, { methods: ['pwd', 'otp', 'mfa'] })).includes('mfa_fatigue'));
  });

  it('of many countries get a new browser on the day it comes out', () => {
    const world = settled();
    for (let person = 1; person < 60; person++) {
      const from = country(['NO', 'SE', 'DK', 'FI', 'DE'][person % 5] ?? '');
      const own = { subjectKey: String(person * 7_919), timeMs: NOW_MS - HOUR_MS };
      world.happen(act({ ...HOME, ua: 900, country: from }, own), false);
      const mistyped = { ...own, outcome: 'failure', failure: 'wrong_password' } as const;
      if (person % 5 === 0) world.happen(act({ ...HOME, ua: 900, country: from }, mistyped));
    }
    assert.deepEqual(world.codes(act({ ...HOME, ua: 900 })), []);
  });
});

describe('machines', () => {
  const CLOUD = { ip: 51, net: 52, asn: 16_509 };
  const tokenAt = (timeMs: number) => act(CLOUD, { ...machine, timeMs });

  it('that do all their work in one hour of the night are named in none', () => {
    const world = new World();
    for (let day = 20; day > 0; day--) {
      for (let turn = 0; turn < 200; turn++) world.happen(tokenAt(NOW_MS - day * DAY_MS));
    }
    for (let turn = 0; turn < 250; turn++) world.happen(tokenAt(NOW_MS));
    assert.deepEqual(world.codes(tokenAt(NOW_MS)), []);
  });

  it('that are given tokens of two minutes may come as much oftener', () => {
    const world = new World();
    for (let hour = 200; hour > 0; hour--) {
      for (let turn = 0; turn < 10; turn++) world.happen(tokenAt(NOW_MS - hour * HOUR_MS));
    }
    world.happen(tokenAt(NOW_MS - HOUR_MS), false, { level: 'medium' });
    for (let turn = 0; turn < 300; turn++) world.happen(tokenAt(NOW_MS));
    assert.deepEqual(world.codes(tokenAt(NOW_MS)), []);
    for (let turn = 0; turn < 3_000; turn++) world.happen(tokenAt(NOW_MS));
    assert.ok(world.codes(tokenAt(NOW_MS)).includes('sign_in_spike'));
  });
});

describe('a machine that moved, or was given more to do', () => {
  const CLOUD = { ip: 51, net: 52, asn: 16_509 };
  const OTHER = { ip: 56, net: 57, asn: 15_169 };
  const moved = (timeMs: number, resourceKey = 900) =>
    act(OTHER, { ...machine, ...flags({ hosting: true }), timeMs, resourceKey });
  const world = () =>
    new World().settle(CLOUD, { ...machine, ...flags({ hosting: true }), resourceKey: 900 });

  it('is named on two days, and on the third it is at home', () => {
    const own = world();
    for (const day of [0, 1, 2]) {
      const at = moved(NOW_MS + day * DAY_MS, 901);
      assert.deepEqual(own.codes(at).sort(), ['machine_new_network', 'unfamiliar_resource']);
      for (let turn = 0; turn < 50; turn++) {
        own.happen(moved(NOW_MS + day * DAY_MS + turn, 901), true, { level: 'medium' });
      }
    }
    assert.deepEqual(own.codes(moved(NOW_MS + 2 * DAY_MS + HOUR_MS, 901)), []);
  });

  it('but not when it was at high risk, or was somewhere else each day', () => {
    const high = world();
    for (const day of [0, 1, 2]) high.happen(moved(NOW_MS + day * DAY_MS), true, { level: 'high' });
    assert.ok(high.codes(moved(NOW_MS + 3 * DAY_MS)).includes('machine_new_network'));
    const roaming = world();
    for (const day of [0, 1, 2, 3, 4, 5]) {
      const at = moved(NOW_MS + day * DAY_MS);
      at.values[ATTRIBUTE_INDEX.asn] = 70_000 + (day % 2);
      roaming.happen(at, true, { level: 'medium' });
      assert.ok(roaming.codes(at).includes('machine_new_network'));
    }
  });
});

describe('a clock', () => {
  const CLOUD = { ip: 51, net: 52, asn: 16_509 };

  it('that was a year ahead for a moment leaves no detector blind or deaf', () => {
    const ahead = NOW_MS + 365 * DAY_MS;
    const world = new World().settle(CLOUD, machine);
    world.happen(act(CLOUD, { ...machine, timeMs: ahead }), false);
    const wrong = { ...machine, outcome: 'failure', failure: 'wrong_password' } as const;
    for (let turn = 0; turn < 5; turn++) {
      world.happen(act(CLOUD, { ...wrong, timeMs: ahead }));
      world.happen(act(CLOUD, { ...wrong, timeMs: NOW_MS - 5 * HOUR_MS }));
    }
    const now = act(CLOUD, machine);
    assert.deepEqual(world.codes(now), [], 'ten failures, of which none was lately');
    for (let turn = 0; turn < 200; turn++) world.happen(now, false);
    assert.ok(world.codes(now).includes('sign_in_spike'));
  });

  it('set back by seconds puts nobody elsewhere', () => {
    const world = settled().happen(act(HOME, { timeMs: NOW_MS + 5_000 }));
    assert.deepEqual(world.codes(act(HOME)), []);
    assert.equal(
      world.profile.values('ip', NOW_MS)[0]?.value,
      act(HOME).values[ATTRIBUTE_INDEX.ip],
    );
  });
});
