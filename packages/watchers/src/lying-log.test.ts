// A log that lies, in every way we could think of, from a seed: each lie is found, by whoever was lied
// to or by whoever compares; an honest log is never blamed. A seed that fails is in the message.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { verifyForkEvidence } from './evidence/fork-evidence.ts';
import type { AlarmCode } from './monitor/monitor-alarm.ts';
import type { MonitorReport } from './monitor/monitor-report.ts';
import { forgeCheckpoint, SIDES, WatchedWorld } from './testing/watched-world.ts';

const SEEDS_EACH = Number(process.env['SIMULATION_SEEDS'] ?? 3);
const HONEST_STEPS = 5;
const LYING_STEPS = 8;

type Begin = (world: WatchedWorld) => void;

/** What the log begins to do, and the alarms of which one must be raised. */
const LIES: Record<string, { begin: Begin; raises: readonly AlarmCode[] }> = {
  'shows everybody another history': {
    begin: (world) => {
      const { size } = world.shown[0];
      const other = world.forkAt(world.draw(size)).grow(1 + world.draw(size), 'other');
      world.shown[0] = other;
      world.shown[1] = other;
    },
    raises: ['log_forked', 'log_rolled_back'],
  },
  'shows one side another history': {
    begin: (world) => {
      world.shown[1] = world.forkAt(world.draw(world.shown[0].size)).grow(300, 'other');
    },
    raises: ['log_forked'],
  },
  'goes back to an earlier state': {
    begin: (world) => {
      const { size } = world.shown[0];
      const earlier = world.forkAt(Math.max(1, size - 1 - world.draw(200)));
      earlier.grow = () => earlier;
      world.shown[0] = earlier;
      world.shown[1] = earlier;
    },
    raises: ['log_rolled_back'],
  },
  'alters entries': {
    begin: (world) => {
      world.lie = (path, honest) => (path.startsWith('tile/entries/') ? flip(honest, 2) : honest);
    },
    raises: ['entry_differs'],
  },
  'alters hashes': {
    begin: (world) => {
      const at = world.draw(20);
      world.lie = (path, honest) => (path.startsWith('tile/0/') ? flip(honest, at) : honest);
    },
    raises: ['entry_differs', 'tile_differs', 'root_differs'],
  },
  'serves entries and tiles that its checkpoint does not cover': {
    begin: (world) => {
      const other = world.forkAt(world.shown[0].size);
      const { grow } = other;
      const [honest] = world.shown;
      world.lie = (path, body) => {
        if (path === 'checkpoint') return body;
        grow.call(other, Math.max(0, honest.size - other.size), 'other');
        return other.serve(path);
      };
    },
    raises: ['root_differs', 'tile_differs'],
  },
  'withholds entries': {
    begin: (world) => {
      world.lie = (path, honest) => (path.startsWith('tile/entries/') ? undefined : honest);
    },
    raises: ['tile_missing'],
  },
  'withholds tiles from one side': {
    begin: (world) => {
      world.lie = (path, honest, side) =>
        side === 1 && path.startsWith('tile/0/') ? undefined : honest;
    },
    raises: ['tile_missing'],
  },
  'stays at one checkpoint': {
    begin: (world) => {
      const stale = world.shown[0].serve('checkpoint');
      world.lie = (path, honest) => (path === 'checkpoint' ? stale : honest);
    },
    raises: ['checkpoint_stale', 'log_behind'],
  },
  'hides what its witnesses have seen': {
    begin: (world) => {
      world.asksWitnesses = false;
    },
    raises: ['checkpoint_stale'],
  },
  'shows a checkpoint that it did not sign': {
    begin: (world) => {
      const [log] = world.shown;
      world.lie = (path, honest) => (path === 'checkpoint' ? forgeCheckpoint(log) : honest);
    },
    raises: ['checkpoint_invalid'],
  },
};

describe('a log that lies', () => {
  for (const [name, { begin, raises }] of Object.entries(LIES)) {
    it(`is caught when it ${name}`, async () => {
      for (let seed = 1; seed <= SEEDS_EACH; seed += 1) await catchLie(seed, begin, raises);
    });
  }
});

describe('the canary', () => {
  it('fails when nothing is raised, so that silence is not taken for a catch', async () => {
    await assert.rejects(
      catchLie(1, () => {}, ['log_forked']),
      /seed 1: raised only nothing/,
    );
  });
});

describe('an honest log', () => {
  it('is never blamed, with monitors and witnesses that stop and start and a poor network', async () => {
    for (let seed = 1; seed <= 2 * SEEDS_EACH; seed += 1) {
      const world = await WatchedWorld.create(seed);
      world.faultsPerMille = seed % 2 === 0 ? 20 : 0;
      for (let step = 0; step < HONEST_STEPS + LYING_STEPS; step += 1) {
        await world.step();
        for (const side of SIDES) {
          if (world.draw(6) === 0) await world.startMonitor(side);
          if (world.draw(6) === 0) await world.startWitness(side);
          checkHonest(await world.look(side), seed, world.faultsPerMille > 0);
        }
      }
      world.faultsPerMille = 0;
      for (const side of SIDES) {
        const report = await world.look(side);
        assert.deepEqual([report.ok, report.size], [true, world.shown[0].size], `seed ${seed}`);
      }
      checkWitnesses(world, seed);
      await world.end();
    }
  });
});

async function catchLie(seed: number, begin: Begin, raises: readonly AlarmCode[]): Promise<void> {
  const world = await WatchedWorld.create(seed);
  try {
    for (let step = 0; step < HONEST_STEPS; step += 1) {
      await world.step();
      for (const side of SIDES) checkHonest(await world.look(side), seed, false);
    }
    begin(world);
    const raised = await listen(world);
    const found = raises.some((code) => raised.has(code));
    assert.ok(found, `seed ${seed}: raised only ${[...raised].join(', ') || 'nothing'}`);
    checkWitnesses(world, seed);
  } finally {
    await world.end();
  }
}

/** Codes that any monitor raises from now on; evidence that comes with them must hold. */
async function listen(world: WatchedWorld): Promise<Set<string>> {
  const raised = new Set<string>();
  for (let step = 0; step < LYING_STEPS; step += 1) {
    await world.step();
    for (const side of SIDES) {
      if (world.draw(6) === 0) await world.startMonitor(side);
      const report = await world.look(side);
      for (const { code, facts } of report.alarms) {
        raised.add(code);
        if (code !== 'log_forked') continue;
        const file = join(world.folderOfMonitor(side), String(facts['evidence']));
        await verifyForkEvidence(readFileSync(file, 'utf8'), world.original.key);
      }
    }
  }
  return raised;
}

function checkHonest({ alarms }: MonitorReport, seed: number, hasFaults: boolean): void {
  const blamed = alarms.filter(({ code }) => !(hasFaults && code === 'log_unreachable'));
  assert.deepEqual(blamed, [], `seed ${seed}`);
}

/** Whatever the log did later, its witnesses cosigned one history alone: the first they saw. */
function checkWitnesses({ cosigned, original }: WatchedWorld, seed: number): void {
  assert.ok(cosigned.length > SIDES.length);
  for (const { side, size, root } of cosigned) {
    assert.deepEqual(root, original.root(size), `seed ${seed}: witness ${side} at ${size}`);
  }
}

function flip(
  bytes: Uint8Array<ArrayBuffer> | undefined,
  at: number,
): Uint8Array<ArrayBuffer> | undefined {
  return bytes?.with(at % bytes.length, (bytes[at % bytes.length] ?? 0) ^ 1);
}
