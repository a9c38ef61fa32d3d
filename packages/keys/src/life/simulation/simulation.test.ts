// Keys turned over for simulated weeks, under everything that can go wrong at once. What must never
// happen is judged in `simulate-lives.ts`, with knowledge of the true time.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PublicKeyRecord } from '../public-key-record.ts';
import { SCHEDULE, Simulation, type SimulationOptions } from './simulate-lives.ts';

const SEEDS = Number(process.env['COUNTERSIGN_SEEDS'] ?? 60);
const STEPS = 250;
const TICK_MS = 60_000;
const YEAR_MS = 366 * 86_400_000;

function run(options: SimulationOptions): Simulation {
  const world = new Simulation(options);
  let stale: PublicKeyRecord[] | undefined;
  for (let step = 0; step < STEPS; step += 1) {
    world.disturb();
    world.sign();
    world.turn();
    // A second server acts on what it saw before the first one did.
    if (options.servers === 2 && stale !== undefined && world.under(3) === 0) world.turn(stale);
    stale = world.list();
    world.sign();
    world.pass(world.under(20) * TICK_MS);
  }
  return world;
}

/** One that signs and one that stands by, at each signer, and nothing left to do. */
function expectSettled(world: Simulation, signers: number): void {
  world.calm();
  for (let tick = 0; tick < 80; tick += 1) {
    world.turn();
    world.pass(TICK_MS);
  }
  const live = world.list().filter(({ scope }) => scope.notBeforeSeconds * 1000 <= world.nowMs);
  for (let at = 0; at < signers; at += 1) {
    const states = live.filter(({ signer }) => signer === `s${at}`).map(({ life }) => life.state);
    const count = (state: string): number => states.filter((other) => other === state).length;
    assert.ok(count('active') >= 1, 'nothing signs');
    assert.ok(count('published') >= 1, 'nothing stands by');
  }
}

describe('keys that turn over by themselves', () => {
  const worst = { jumps: true, outages: true, revocations: true, pauses: true, crashes: true };
  const cases: [string, Omit<SimulationOptions, 'seed'>][] = [
    ['undisturbed', {}],
    ['with crashes between any two steps', { crashes: true }],
    ['on a clock that jumps forward and back', { jumps: true }],
    ['with a log and signers that are away, and two signers', { outages: true, signers: 2 }],
    ['of which some are revoked', { revocations: true }],
    ['with pauses', { pauses: true }],
    ['by two servers at once', { servers: 2 }],
    ['with everything at once', { ...worst, signers: 2, servers: 2 }],
  ];
  for (const [name, options] of cases) {
    it(`${name}: known before they sign, never taken from a live token, always replaced`, () => {
      let rotations = 0;
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const world = run({ ...options, seed });
        rotations += world.counts.activated - world.counts.emergencies;
        expectSettled(world, options.signers ?? 1);
      }
      assert.ok(rotations > SEEDS * 4, `${rotations} rotations`);
    });
  }

  it('turn within one tick of being due, and one signs but for the handover', () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const world = new Simulation({ seed });
      for (let step = 0; step < 600; step += 1) {
        const plan = world.turn();
        assert.deepEqual(plan?.actions, []);
        const active = world.keys.filter(({ life }) => life.state === 'active');
        for (const { life } of active) {
          const ageMs = world.nowMs - (life.sinceMs.active ?? 0);
          const dueMs = (SCHEDULE.rotateEverySeconds + SCHEDULE.handoverSeconds) * 1000;
          assert.ok(ageMs <= dueMs + TICK_MS, `signs since ${ageMs} ms`);
        }
        const newestMs = Math.max(...active.map(({ life }) => life.sinceMs.active ?? 0));
        const isHandover = world.nowMs - newestMs < SCHEDULE.handoverSeconds * 1000;
        assert.ok(active.length === 1 || (active.length === 2 && isHandover));
        world.sign();
        world.pass(TICK_MS);
      }
      assert.equal(world.counts.refused, 0);
    }
  });

  it('C-01 after a year that the clock leapt: refused signatures first, a fresh key after', () => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const world = new Simulation({ seed });
      for (let step = 0; step < 100 + seed; step += 1) {
        world.turn();
        world.pass(TICK_MS);
      }
      const before = world.sign() ?? assert.fail();
      world.jump(YEAR_MS);
      assert.equal(world.sign(), undefined);
      world.turn();
      const after = world.sign() ?? assert.fail();
      assert.notEqual(after.kid, before.kid);
      // And when it is set right again, the keys of that year wait for it, and a new one signs.
      world.jump(-YEAR_MS);
      assert.equal(world.sign(), undefined);
      world.turn();
      assert.ok(![before.kid, after.kid].includes(world.sign()?.kid ?? before.kid));
    }
  });

  it('are not harmed by a clock that goes back an hour: they wait', () => {
    const world = new Simulation({ seed: 7 });
    for (let step = 0; step < 100; step += 1) {
      world.turn();
      world.pass(TICK_MS);
    }
    const before = world.list();
    world.jump(-3_600_000);
    world.turn();
    assert.deepEqual(world.list(), before);
    assert.notEqual(world.sign(), undefined);
  });
});
