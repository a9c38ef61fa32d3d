import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RealmMemory } from '../assess/realm-memory.ts';
import { ATTRIBUTE_INDEX } from '../input/attributes.ts';
import type { RiskInput } from '../input/risk-input.ts';
import { makeInput, START } from '../testing/small-realm.ts';
import { countDistinct, hashText, noteDistinct, REGISTERS } from './distinct-count.ts';
import { InfrastructureCounters } from './infrastructure-counters.ts';
import { countTraffic, infrastructureHead } from './infrastructure-head.ts';
import { PRIOR_BIAS, PRIOR_WEIGHTS, priorTrafficTail } from './prior-traffic.ts';
import { TrafficEntry, WINDOWS } from './traffic-entry.ts';

const SECOND = START / 1000;

function valuesOf(ip: number, asn = 7): Float64Array {
  const values = new Float64Array(13);
  values[ATTRIBUTE_INDEX.ip] = ip;
  values[ATTRIBUTE_INDEX.net] = ip === 0 ? 0 : Math.floor(ip / 256) + 1;
  values[ATTRIBUTE_INDEX.asn] = asn;
  return values;
}

function act(ip: number, second: number, more: Partial<RiskInput> = {}): RiskInput {
  return { ...makeInput(valuesOf(ip), (SECOND + second) * 1000), ...more };
}

const memoryOf = (infrastructure: InfrastructureCounters) =>
  ({ infrastructure }) as unknown as RealmMemory;
const LEGITIMATE = { infrastructure: true, calibration: true };
const SEEN = { infrastructure: true, calibration: false };

function rawOf(counters: InfrastructureCounters, input: RiskInput): number {
  return infrastructureHead(input, memoryOf(counters), undefined)!.raw;
}

function fail(
  counters: InfrastructureCounters,
  ip: number,
  second: number,
  subject?: string,
): void {
  const failure = subject === undefined ? 'unknown_account' : 'wrong_password';
  const { subjectKey: _, ...input } = act(ip, second, { outcome: 'failure', failure });
  countTraffic(
    subject === undefined ? input : { ...input, subjectKey: subject },
    undefined,
    memoryOf(counters),
    SEEN,
  );
}

describe('counting distinct ones', () => {
  it('is within 40 % for up to a hundred thousand, and nearly right for a few', () => {
    const registers = new Uint8Array(REGISTERS);
    for (let n = 1; n <= 100_000; n++) {
      noteDistinct(registers, 0, hashText(`subject ${n}`));
      if (![1, 3, 10, 100, 1_000, 10_000, 100_000].includes(n)) continue;
      const told = countDistinct(registers, 0);
      assert.ok(Math.abs(told - n) <= Math.max(0.4 * n, 0.1), `${told} for ${n}`);
    }
  });
});

describe('a window of traffic', () => {
  it('holds what counting every act would, but for what was uneven in the half that leaves', () => {
    const steps = fc.array(
      fc.record({
        wait: fc.nat({ max: 400 }),
        failed: fc.boolean(),
        user: fc.integer({ min: 0, max: 3 }),
      }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(steps, fc.nat({ max: 500 }), (all, later) => {
        const entry = new TrafficEntry();
        let second = SECOND;
        const acts = all.map(({ wait, failed, user }) => {
          second += wait;
          entry.note({ second, failed, unknown: false, user, usual: true });
          return { second, failed, user };
        });
        const now = second + later;
        const into = { attempts: 0, failures: 0, unknown: 0, users: 0 };
        WINDOWS.forEach((length, window) => {
          entry.read(window, now, into);
          const period = Math.floor(now / length);
          const certain = acts.filter((each) => Math.floor(each.second / length) === period);
          const possible = acts.filter((each) => Math.floor(each.second / length) >= period - 1);
          assert.ok(
            into.attempts >= certain.length - 1e-9 && into.attempts <= possible.length + 1e-9,
          );
          const failures = (list: typeof acts) => list.filter(({ failed }) => failed).length;
          assert.ok(
            into.failures >= failures(certain) - 1e-9 && into.failures <= failures(possible) + 1e-9,
          );
          const users = new Set(possible.map(({ user }) => user).filter((user) => user > 0)).size;
          assert.ok(into.users <= users + 0.2, `${into.users} of ${users}`);
        });
      }),
    );
  });
});

describe('the infrastructure head', () => {
  it('has nothing to say of an ordinary act in a realm that begins', () => {
    const head = infrastructureHead(act(5, 0), memoryOf(new InfrastructureCounters()), undefined)!;
    assert.deepEqual(head, { raw: PRIOR_BIAS, contributions: [] });
    assert.equal(priorTrafficTail(head.raw), 1);
  });

  it('finds a spray: many failures for many accounts from one address', () => {
    const counters = new InfrastructureCounters();
    for (let n = 0; n < 120; n++) fail(counters, 900, n, n % 3 === 0 ? undefined : `person ${n}`);
    const raw = rawOf(counters, act(900, 130));
    assert.ok(priorTrafficTail(raw) < 0.001, `${priorTrafficTail(raw)}`);
    assert.ok(rawOf(counters, act(901, 130)) > PRIOR_BIAS, 'its neighbour in the same /24');
    // Of a system nothing is known but the spray: its other networks are a little odd, and no alarm.
    const beside = rawOf(counters, act(90_000, 130));
    assert.ok(beside < raw && priorTrafficTail(beside) > 0.02, `${priorTrafficTail(beside)}`);
    for (let n = 0; n < 800; n++) {
      const input = act(90_000 + 1_000 * n, 130, { subjectKey: `person ${n}` });
      countTraffic(input, undefined, memoryOf(counters), LEGITIMATE);
    }
    assert.equal(rawOf(counters, act(90_000, 131)), PRIOR_BIAS, 'where others come in, too');
  });

  it('finds nothing in a company of 400 behind one address, from its second day on', () => {
    const counters = new InfrastructureCounters();
    let worst = 0;
    for (let day = 0; day < 5; day++) {
      for (let n = 0; n < 400; n++) {
        const input = act(77, day * 86_400 + 28_800 + n * 20, { subjectKey: `person ${n}` });
        if (day > 0) worst = Math.max(worst, rawOf(counters, input));
        if (n % 20 === 0) fail(counters, 77, day * 86_400 + 28_800 + n * 20, `person ${n}`);
        countTraffic(input, undefined, memoryOf(counters), LEGITIMATE);
      }
    }
    assert.ok(priorTrafficTail(worst) > 0.01 || worst === 0, `${worst}`);
  });

  it('finds nothing in machines that come all day, nor in people behind the same address', () => {
    const counters = new InfrastructureCounters();
    const flags = { ...act(8, 0).flags, bot: true };
    const machine = (second: number) =>
      act(8, second, { subjectKind: 'workload', kind: 'token', subjectKey: 'service', flags });
    for (let n = 0; n < 3_000; n++) {
      assert.equal(rawOf(counters, machine(n / 10)), PRIOR_BIAS);
      countTraffic(machine(n / 10), undefined, memoryOf(counters), LEGITIMATE);
    }
    assert.equal(rawOf(counters, act(8, 301)), PRIOR_BIAS);
    const quiet = new InfrastructureCounters();
    for (let n = 0; n < 30; n++) {
      for (const each of [counters, quiet]) fail(each, 8, 302, `person ${n}`);
    }
    const raw = rawOf(counters, machine(303));
    assert.equal(raw, rawOf(quiet, machine(303)), 'and they buy no room for failures');
  });

  it('never finds an act less odd for more failures before it, a flag more or a hidden address', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            ip: fc.integer({ min: 1, max: 9 }),
            known: fc.boolean(),
            failed: fc.boolean(),
          }),
          { maxLength: 150 },
        ),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom('hosting', 'vpn', 'tor', 'relay', 'bot', 'implausible'),
        (before, ip, flag) => {
          const counters = new InfrastructureCounters();
          before.forEach((each, n) => {
            if (each.failed) fail(counters, each.ip, n, each.known ? `p${n}` : undefined);
            else
              countTraffic(
                act(each.ip, n, { subjectKey: `p${n % 5}` }),
                undefined,
                memoryOf(counters),
                LEGITIMATE,
              );
          });
          const input = act(ip, 200);
          const raw = rawOf(counters, input);
          assert.ok(rawOf(counters, { ...input, flags: { ...input.flags, [flag]: true } }) > raw);
          const quiet = rawOf(counters, act(500_000, 200));
          assert.ok(rawOf(counters, { ...input, values: valuesOf(0) }) > quiet);
          fail(counters, ip, 199, 'x');
          assert.ok(rawOf(counters, input) >= raw);
        },
      ),
      { numRuns: 50 },
    );
    assert.ok(PRIOR_WEIGHTS.every((weight) => weight > 0));
  });

  it('is not told by a flood of failures that failures are normal', () => {
    const counters = new InfrastructureCounters();
    for (let n = 0; n < 20_000; n++) fail(counters, 100_000 + 300 * (n % 5_000), n, `person ${n}`);
    for (let n = 0; n < 100; n++) fail(counters, 5, 20_000 + n, `person ${n}`);
    assert.ok(priorTrafficTail(rawOf(counters, act(5, 20_100))) < 0.05);
  });
});

describe('the counters of a realm', () => {
  it('stay as large as they may be, and a flood of addresses does not push out the one that attacks', () => {
    const counters = new InfrastructureCounters({ maxAddresses: 256 });
    for (let n = 0; n < 40; n++) fail(counters, 7, n, `person ${n}`);
    const before = rawOf(counters, act(7, 100));
    for (let n = 0; n < 20_000; n++) fail(counters, 1_000 + 256 * n, 100 + (n % 100));
    for (const [scope, table] of counters.tables.entries())
      assert.ok(table.size <= 256 / [1, 2, 8][scope]!);
    assert.ok(rawOf(counters, act(7, 200)) >= before - 1e-9);
    // Even one whose every address comes three times.
    for (let n = 0; n < 3_000; n++) fail(counters, 1_000_000 + 256 * Math.floor(n / 3), 200);
    assert.ok(rawOf(counters, act(7, 201)) >= before - 1e-9);
    assert.ok(counters.encode().length < 256 * 1_000);
  });

  it('come back from their bytes and go on the same', () => {
    const counters = new InfrastructureCounters({ maxAddresses: 64 });
    for (let n = 0; n < 3_000; n++) {
      if (n % 3 === 0) fail(counters, 1 + (n % 50), n * 40, n % 2 ? `p${n % 9}` : undefined);
      else
        countTraffic(
          act(1 + (n % 90), n * 40, { subjectKey: `p${n % 20}` }),
          undefined,
          memoryOf(counters),
          LEGITIMATE,
        );
    }
    const again = InfrastructureCounters.decode(counters.encode());
    assert.deepEqual(again.encode(), counters.encode());
    for (const each of [counters, again])
      for (let n = 0; n < 500; n++) fail(each, 1 + (n % 70), 130_000 + n);
    assert.deepEqual(again.encode(), counters.encode());
    for (let ip = 1; ip < 90; ip++)
      assert.equal(rawOf(again, act(ip, 131_000)), rawOf(counters, act(ip, 131_000)));
  });

  it('refuse bytes that are not theirs', () => {
    const counters = new InfrastructureCounters({ maxAddresses: 64 });
    for (let n = 0; n < 60; n++) fail(counters, 1 + (n % 9), n, `p${n % 4}`);
    const bytes = counters.encode();
    fc.assert(
      fc.property(
        fc.nat({ max: bytes.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, flip) => {
          const changed = bytes.slice();
          changed[at]! ^= flip;
          try {
            assert.ok(Number.isFinite(rawOf(InfrastructureCounters.decode(changed), act(3, 100))));
          } catch (error) {
            assert.equal((error as { code?: string }).code, 'bad_traffic');
          }
        },
      ),
    );
    assert.throws(() => InfrastructureCounters.decode(bytes.subarray(1)), { code: 'bad_traffic' });
  });
});
