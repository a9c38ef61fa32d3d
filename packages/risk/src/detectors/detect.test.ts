// Each detector is named by what it is for, and by nothing ordinary; and none of them throws.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RiskInput } from '../input/risk-input.ts';
import {
  AWAY,
  act,
  country,
  failedBy,
  flags,
  HOME,
  machine,
  NOW_MS,
  settled,
  type Values,
  World,
} from '../testing/detector-world.ts';
import { detect } from './detect.ts';
import { DAY_MS, HOUR_MS } from './detector.ts';
import { DETECTOR_LIMITS, DetectorMemory } from './detector-memory.ts';
import { learnDetectors } from './learn-detectors.ts';

describe('places', () => {
  it('an ordinary sign-in at home is named by none', () => {
    assert.deepEqual(settled().codes(act(HOME)), []);
  });

  it('Norway an hour ago and Brazil now is no journey; Sweden is, or the week after', () => {
    const brazil = { ...AWAY, country: country('BR') };
    assert.ok(settled().codes(act(brazil)).includes('unlikely_travel'));
    assert.ok(
      !settled()
        .codes(act({ ...AWAY, country: country('SE') }))
        .includes('unlikely_travel'),
    );
    const later = act(brazil, { timeMs: NOW_MS + 7 * DAY_MS });
    assert.ok(!settled().codes(later).includes('unlikely_travel'));
  });

  it('a VPN, a data centre and a place that is also home are no journey', () => {
    const brazil = { ...AWAY, country: country('BR') };
    for (const how of [{ vpn: true }, { hosting: true }, { relay: true }]) {
      assert.ok(
        !settled()
          .codes(act(brazil, flags(how)))
          .includes('unlikely_travel'),
      );
    }
    const both = settled();
    for (let day = 9; day > 0; day--) both.happen(act(brazil, { timeMs: NOW_MS - day * DAY_MS }));
    both.happen(act(HOME, { timeMs: NOW_MS - HOUR_MS }));
    assert.ok(!both.codes(act(brazil)).includes('unlikely_travel'));
  });

  it('a new country is named once the usual ones are known', () => {
    assert.ok(settled().codes(act(AWAY)).includes('new_country'));
    assert.deepEqual(new World().happen(act(HOME)).codes(act(AWAY)), []);
  });

  it('all things new at once is named, one thing new is not', () => {
    assert.ok(settled().codes(act(AWAY)).includes('unfamiliar_features'));
    assert.ok(
      !settled()
        .codes(act({ ...HOME, ip: 99, browser: 98 }))
        .includes('unfamiliar_features'),
    );
  });

  it('Tor is named always, a VPN only where it is no habit', () => {
    assert.ok(
      settled()
        .codes(act(HOME, flags({ tor: true })))
        .includes('anonymized_ip'),
    );
    assert.ok(
      settled()
        .codes(act(AWAY, flags({ vpn: true })))
        .includes('anonymized_ip'),
    );
    assert.ok(
      !settled()
        .codes(act(HOME, flags({ vpn: true })))
        .includes('anonymized_ip'),
    );
  });
});

describe('guessing', () => {
  it('a right password after wrong ones on many people is a spray', () => {
    const world = settled();
    for (let person = 100; person < 115; person++) world.happen(failedBy(String(person)));
    assert.ok(world.codes(act(AWAY)).includes('password_spray'));
    assert.ok(!world.codes(act(HOME)).includes('password_spray'), 'at home it is a colleague');
    assert.ok(!world.codes(act(AWAY, { methods: ['hwk'] })).includes('password_spray'));
  });

  it('a person who mistypes twenty times is none, and yesterday is over', () => {
    const world = settled();
    for (let turn = 0; turn < 20; turn++) world.happen(failedBy('7'));
    assert.ok(!world.codes(act(AWAY)).includes('password_spray'));
    const yesterday = settled();
    for (let person = 100; person < 115; person++) {
      yesterday.happen(failedBy(String(person), { timeMs: NOW_MS - DAY_MS }));
    }
    assert.ok(!yesterday.codes(act(AWAY)).includes('password_spray'));
  });

  it('names that nobody has are a list of stolen pairs', () => {
    const world = settled();
    for (let turn = 0; turn < 25; turn++) world.happen(failedBy(undefined));
    const codes = world.codes(act(AWAY));
    assert.ok(
      codes.includes('credential_stuffing') && codes.includes('malicious_ip'),
      codes.join(),
    );
  });
});

describe('sessions and tokens', () => {
  const session = {
    startedMs: NOW_MS - HOUR_MS,
    values: act({ ...HOME, ja4: 31, dpopKey: 41 }).values,
  };
  const going = (values: Values) => act(values, { kind: 'refresh', session });

  it('another network and another browser is a stolen session; a telephone that moves is none', () => {
    assert.ok(
      settled()
        .codes(going({ ...AWAY, ja4: 32 }))
        .includes('anomalous_token'),
    );
    assert.ok(
      !settled()
        .codes(going({ ...HOME, asn: 3, ip: 4, net: 5 }))
        .includes('anomalous_token'),
    );
    assert.ok(
      !settled()
        .codes(going({ ...HOME, ua: 99 }))
        .includes('anomalous_token'),
    );
  });

  it('what is missing takes nothing back: the rest is still another', () => {
    assert.ok(
      settled()
        .codes(going({ asn: 3, dpopKey: 42 }))
        .includes('anomalous_token'),
    );
  });

  it('a network that nobody knows is another one, and what a report leaves out is its reporter’s doing', () => {
    const { asn: _, country: __, ...nowhere } = AWAY;
    const codes = (values: Values, kind: 'refresh' | 'use') =>
      settled()
        .codes({ ...going(values), kind })
        .includes('anomalous_token');
    assert.ok(codes(nowhere, 'refresh'));
    assert.ok(!codes(nowhere, 'use'));
    const { asn: ___, country: ____, ...hidden } = HOME;
    assert.ok(!codes(hidden, 'refresh'), 'the same browser');
  });

  it('one token in two networks within a minute is replayed', () => {
    const use = (values: Values, timeMs = NOW_MS) =>
      act(values, { kind: 'use', tokenKey: 77, timeMs });
    const world = settled().happen(use(HOME, NOW_MS - 60_000));
    assert.ok(world.codes(use(AWAY)).includes('token_replay'));
    assert.ok(!world.codes(use(HOME)).includes('token_replay'));
    assert.ok(!world.codes(use(AWAY, NOW_MS + HOUR_MS)).includes('token_replay'), 'people travel');
    const bound = settled().happen(use({ ...HOME, dpopKey: 41 }));
    assert.ok(bound.codes(use({ ...HOME, dpopKey: 42 }, NOW_MS + DAY_MS)).includes('token_replay'));
  });

  it('an issuer that does not fit is named', () => {
    assert.deepEqual(settled().codes(act(HOME, { kind: 'use', issuerOdd: true })), [
      'token_issuer_anomaly',
    ]);
  });

  it('a password through a data centre with a browser that does not fit may be a page in between', () => {
    const page = { ...HOME, asn: 16509, net: 5, ip: 6, ua: 99, os: 98 };
    const between = act(page, flags({ hosting: true }));
    assert.ok(settled().codes(between).includes('attacker_in_the_middle'));
    const passkey = { ...between, methods: ['hwk', 'user'] };
    assert.ok(!settled().codes(passkey).includes('attacker_in_the_middle'));
  });
});

describe('accounts', () => {
  it('a prompt accepted after three that were denied is fatigue', () => {
    const world = settled();
    const denied = {
      kind: 'step_up',
      outcome: 'failure',
      failure: 'factor_denied',
      timeMs: NOW_MS - 60_000,
    } as const;
    for (let turn = 0; turn < 3; turn++) world.happen(act(HOME, denied));
    assert.ok(world.codes(act(HOME)).includes('mfa_fatigue'));
    assert.ok(!world.codes(act(HOME, { timeMs: NOW_MS + 2 * HOUR_MS })).includes('mfa_fatigue'));
  });

  it('a factor enrolled after a risky sign-in is in doubt; one from before is not', () => {
    const world = settled();
    const risky = act(AWAY, { timeMs: NOW_MS - 2 * HOUR_MS });
    learnDetectors(risky, { level: 'medium' }, world.detectors, {
      profile: false,
      infrastructure: true,
    });
    assert.ok(world.codes(act(HOME, { factorAgeMs: HOUR_MS })).includes('factor_in_doubt'));
    assert.ok(!world.codes(act(HOME, { factorAgeMs: 5 * HOUR_MS })).includes('factor_in_doubt'));
  });

  it('an account that slept for 100 days wakes up elsewhere', () => {
    const timeMs = NOW_MS + 100 * DAY_MS;
    assert.ok(settled().codes(act(AWAY, { timeMs })).includes('dormant_account'));
    assert.ok(!settled().codes(act(HOME, { timeMs })).includes('dormant_account'));
  });

  it('one rare browser with many people of many countries is a tool; a common one is not', () => {
    const world = settled();
    const tool = (person: number, from: string) =>
      act(
        { ...AWAY, ua: 666, country: country(from) },
        { subjectKey: String(person), outcome: 'failure' },
      );
    for (let person = 100; person < 112; person++) {
      world.happen(tool(person, ['BR', 'RO', 'IN', 'US'][person % 4] ?? ''));
    }
    assert.ok(world.codes(act({ ...AWAY, ua: 666 })).includes('suspicious_browser'));
    for (let turn = 0; turn < 30; turn++) world.counts.learn(act({ ua: 666 }).values, NOW_MS);
    assert.ok(!world.codes(act({ ...AWAY, ua: 666 })).includes('suspicious_browser'));
  });
});

describe('machines', () => {
  const CLOUD = { ip: 51, net: 52, asn: 16509, country: country('IE') };
  const inCloud = { ...machine, ...flags({ hosting: true }), resourceKey: 900 };
  const world = () => new World().settle(CLOUD, inCloud);

  it('a workload at its work is named by none', () => {
    assert.deepEqual(world().codes(act(CLOUD, inCloud)), []);
  });

  it('its credential from a home network is named by network, by hosting and by country', () => {
    const codes = world().codes(act(HOME, { ...machine, resourceKey: 900 }));
    for (const code of ['hosting_change', 'machine_new_network', 'new_country']) {
      assert.ok(codes.includes(code), code);
    }
  });

  it('an API it never asked for, and another way to prove itself', () => {
    assert.ok(
      world()
        .codes(act(CLOUD, { ...inCloud, resourceKey: 901 }))
        .includes('unfamiliar_resource'),
    );
    const other = { ...inCloud, methods: ['private_key_jwt'] };
    assert.ok(world().codes(act(CLOUD, other)).includes('credential_type_change'));
  });

  it('a thousand tokens within an hour, where it was one a day', () => {
    const busy = world();
    for (let turn = 0; turn < 130; turn++) busy.happen(act(CLOUD, { ...inCloud, timeMs: NOW_MS }));
    assert.ok(busy.codes(act(CLOUD, inCloud)).includes('sign_in_spike'));
  });

  it('a success after ten failures', () => {
    const failing = world();
    for (let turn = 0; turn < 10; turn++) {
      failing.happen(act(CLOUD, { ...inCloud, outcome: 'failure', timeMs: NOW_MS - 60_000 }));
    }
    assert.ok(failing.codes(act(CLOUD, inCloud)).includes('failed_access_attempts'));
  });

  it('an agent for a person at high risk', () => {
    const agent = { ...inCloud, subjectKind: 'agent', actingForLevel: 'high' } as const;
    assert.ok(world().codes(act(CLOUD, agent)).includes('acts_for_risky_person'));
  });
});

const anyNumber = fc.oneof(
  fc.constantFrom(0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60, 0.5, HOME.asn, AWAY.asn),
  fc.double(),
);
const anyInput = fc
  .record({
    values: fc.array(anyNumber, { minLength: 0, maxLength: 20 }),
    timeMs: anyNumber,
    kind: fc.constantFrom('sign_in', 'step_up', 'refresh', 'token', 'use') as fc.Arbitrary<
      RiskInput['kind']
    >,
    subjectKind: fc.constantFrom('person', 'device', 'workload', 'agent') as fc.Arbitrary<
      RiskInput['subjectKind']
    >,
    outcome: fc.constantFrom('success', 'failure') as fc.Arbitrary<RiskInput['outcome']>,
    subjectKey: fc.string(),
    tokenKey: anyNumber,
    resourceKey: anyNumber,
    factorAgeMs: anyNumber,
    factorDenials: anyNumber,
  })
  .map(({ values, ...rest }) => ({ ...act({}), ...rest, values: Float64Array.from(values) }));

describe('hostile context', () => {
  it('never throws, whatever it holds and in whatever order it comes', () => {
    fc.assert(
      fc.property(fc.array(anyInput, { maxLength: 12 }), (inputs) => {
        const world = settled();
        for (const input of inputs) {
          detect(input, world);
          learnDetectors(input, { level: 'low' }, world.detectors, {
            profile: true,
            infrastructure: true,
          });
        }
        assert.deepEqual(
          DetectorMemory.decode(world.detectors.encode()).encode(),
          world.detectors.encode(),
        );
      }),
    );
  });

  it('a flood of networks, agents, tokens and names costs no more than the tables', () => {
    const kept = new DetectorMemory();
    for (let turn = 1; turn <= DETECTOR_LIMITS.subjects + 50; turn++) {
      const values = { net: 1e6 + turn, asn: 1e7 + turn, ua: turn };
      learnDetectors(act(values, { subjectKey: String(turn), tokenKey: turn }), undefined, kept, {
        ...{ profile: false, infrastructure: true },
      });
    }
    assert.equal(kept.subjects.size, DETECTOR_LIMITS.subjects);
    assert.equal(kept.networks.size, DETECTOR_LIMITS.networks);
    assert.equal(kept.agents.size, DETECTOR_LIMITS.agents);
    assert.equal(kept.tokens.size, DETECTOR_LIMITS.tokens);
  });

  it('bytes that are not its own are refused', () => {
    const bytes = settled().detectors.encode();
    assert.throws(
      () => DetectorMemory.decode(bytes.subarray(0, bytes.length - 8)),
      /cannot be read/,
    );
    assert.throws(() => DetectorMemory.decode(new Uint8Array(3)), /cannot be read/);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        try {
          DetectorMemory.decode(noise);
        } catch (error) {
          assert.match(String(error), /detectors kept/);
        }
      }),
    );
  });
});
