// The canaries of the crash simulation: protocols that wait for nothing where the real one waits,
// as a disk brings them about that acknowledges what it does not hold yet. Each must be caught.

import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { isCodedError } from '@countersign/vocabulary';
import type { Lie } from '../testing/memory-disk.ts';
import { makeTemplates, type Setting, Simulation, type Template } from '../testing/simulation.ts';

const CAUGHT_WITHIN = 300;
const FOUND_AT_OPENING =
  /^(rollback|wal_corrupt|log_forked|head_corrupt|tiles_corrupt|log_half_made|log_missing)$/;

let templates: Template[] = [];
before(async () => {
  templates = await makeTemplates();
});

/** How a life ended: well, at an opening that was refused, or with a broken promise found. */
async function endOf(seed: number, setting: Setting): Promise<string> {
  try {
    await new Simulation(seed, templates, setting).run();
    return 'well';
  } catch (error) {
    if (isCodedError(error)) return error.code;
    if (error instanceof assert.AssertionError) {
      return /that was shown|two roots/.test(error.message) ? 'shown tree lost' : 'promise broken';
    }
    throw error;
  }
}

async function firstCaught(lie: Lie): Promise<number> {
  for (let seed = 1; seed <= CAUGHT_WITHIN; seed += 1) {
    if ((await endOf(seed, { lie })) !== 'well') return seed;
  }
  return Number.POSITIVE_INFINITY;
}

describe('the crash simulation (canaries)', () => {
  const orders: [string, Lie][] = [
    ['answers before the WAL is durable', { paths: /^wal\//, steps: 2 }],
    ['shows a checkpoint before its head is durable', { paths: /^head$/, steps: 4 }],
    ['signs a head before its tiles are durable', { paths: /^public\/tile\//, steps: 12 }],
    ['waits for nothing', { paths: /./, steps: 10 }],
  ];
  for (const [what, lie] of orders) {
    it(`catches a log that ${what}`, async () => {
      const seed = await firstCaught(lie);
      assert.ok(seed <= CAUGHT_WITHIN, `not caught in ${CAUGHT_WITHIN} lives`);
    });
  }
});

describe('a disk that loses what it acknowledged', () => {
  async function endsOfAll(witness: boolean): Promise<Map<string, number>> {
    const ends = new Map<string, number>();
    for (let seed = 1; seed <= CAUGHT_WITHIN; seed += 1) {
      const lie = { paths: /./, steps: 1 + (seed % 40) };
      const end = await endOf(seed, { lie, witness });
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }
    return ends;
  }
  const OPENED = ['well', 'promise broken', 'shown tree lost'];

  it('is found at the next opening, or by whoever holds a receipt or a checkpoint', async () => {
    const ends = await endsOfAll(false);
    const refusals = [...ends.keys()].filter((end) => !OPENED.includes(end));
    for (const code of refusals) assert.match(code, FOUND_AT_OPENING);
    assert.ok(refusals.length > 0, 'some openings are refused');
    assert.ok(ends.has('promise broken'), 'what an opening cannot know, the world outside finds');
    assert.ok(ends.has('shown tree lost'), 'a log rolled back whole forks where nobody is asked');
    assert.ok(ends.has('well'), 'some losses cost nothing');
  });

  it('never makes a log go on from an older tree while one witness is asked before', async () => {
    const ends = await endsOfAll(true);
    assert.equal(ends.get('shown tree lost'), undefined);
    assert.ok(ends.has('rollback'), 'the witness stops the log');
  });
});
