import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import type { Witness } from '@countersign/watchers';
import { fetchFrom, newWitness, type Stand, WitnessedTestLog } from '../testing/witnessed-log.ts';
import type { Witnessing } from './witnessing.ts';

const trash: string[] = [];
after(() => {
  for (const folder of trash) rmSync(folder, { recursive: true, force: true });
});

const HANG: Stand = (_, { signal }) =>
  new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));

const says =
  (body: string, status = 200, headers: Record<string, string> = {}): Stand =>
  async () =>
    new Response(body, { status, headers });

let log: WitnessedTestLog;
let stands: Map<string, Stand>;
let witnesses: Witness[];

beforeEach(async () => {
  log = await new WitnessedTestLog().open();
  stands = new Map();
  witnesses = [];
  for (const name of ['w1', 'w2', 'w3']) {
    const { witness, stand, folder } = await newWitness(log, `witness.example/${name}`);
    trash.push(folder);
    witnesses.push(witness);
    stands.set(name, stand);
  }
});
afterEach(async () => {
  log.delete();
  for (const witness of witnesses) await witness.close();
});

function policy(quorum: string): string {
  const lines = witnesses.map(
    ({ keys }, at) => `witness w${at + 1} ${keys.ed25519} https://w${at + 1}`,
  );
  return `${lines.join('\n')}\ngroup quorum ${quorum} w1 w2 w3\nquorum quorum\n`;
}

const open = (quorum = 'any', elapsedMs?: () => number) =>
  log.witnessing({
    policy: policy(quorum),
    fetch: fetchFrom(stands),
    ...(elapsedMs === undefined ? {} : { elapsedMs }),
  });

/** Looks, and lets all who are asked answer. */
async function settle(witnessing: Witnessing): Promise<void> {
  await witnessing.look();
  await witnessing.settled();
}

async function untilShownBy(count: number): Promise<string[]> {
  for (const startMs = performance.now(); ; await new Promise(setImmediate)) {
    const { by } = await log.shown(witnesses);
    if (by.length === count) return by;
    assert.ok(performance.now() - startMs < 60_000, `shown by ${by.join()}`);
  }
}

describe('witnessing', () => {
  it('shows a checkpoint with the cosignatures of all who answer', async () => {
    const witnessing = open('2');
    await log.grow(3);
    await settle(witnessing);
    const by = ['witness.example/w1', 'witness.example/w2', 'witness.example/w3'];
    assert.deepEqual(await log.shown(witnesses), { size: 3, by });
    assert.deepEqual(witnessing.told, []);
  });

  it('goes on with the others when one is dead and one lies', async () => {
    stands.delete('w2');
    stands.set('w3', says('— witness.example/w3 AAAAAAAAAAAAAAAA\n'));
    const witnessing = open('any');
    await log.grow(1);
    await settle(witnessing);
    const shown = await log.shown(witnesses);
    assert.deepEqual(shown, { size: 1, by: ['witness.example/w1'] });
    assert.deepEqual(witnessing.told.sort(), ['w2 unreachable', 'w3 signature_invalid']);
  });

  it('does not wait for one that hangs once the quorum is there, and shows it when it comes', async () => {
    // Made before it is asked: on a busy machine the others may have answered by then.
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const slow = stands.get('w3') ?? assert.fail();
    stands.set('w3', async (path, init) => {
      await released;
      return await slow(path, init);
    });
    const witnessing = open('2');
    await log.grow(2);
    await witnessing.look();
    assert.deepEqual(await untilShownBy(2), ['witness.example/w1', 'witness.example/w2']);
    release();
    await untilShownBy(3);
  });

  it('never keeps an entry waiting, whatever the witnesses do', async () => {
    for (const name of stands.keys()) stands.set(name, HANG);
    const witnessing = open('all');
    await log.grow(1);
    await witnessing.look();
    const receipts = await Promise.all(Array.from({ length: 20 }, () => log.grow(1)));
    assert.equal(receipts.length, 20);
    assert.ok(witnessing.turns.anyoneIsAsked, 'they are still being asked');
    assert.equal((await log.shown(witnesses)).size, 0, 'and the checkpoint still waits');
  });

  it('finds the size that a witness knows, and proves the way from there', async () => {
    await log.grow(5);
    await settle(open('all'));
    for (const more of [1, 250, 1, 300]) {
      await log.grow(more);
      log.clock.advanceMs(1000);
      await log.grow(0);
      await settle(open('all'));
    }
    const shown = await log.shown(witnesses);
    assert.deepEqual([shown.size, shown.by.length], [557, 3]);
  });

  it('takes the ML-DSA-44 cosignature of a witness whose policy line holds that key', async () => {
    const [one, two] = witnesses.map(({ keys }) => keys);
    const lines = [
      `witness w1 ${one?.mldsa44} https://w1`,
      `witness w2 ${two?.ed25519} https://w2`,
      'group both all w1 w2',
      'quorum both',
      '',
    ];
    const witnessing = log.witnessing({ policy: lines.join('\n'), fetch: fetchFrom(stands) });
    log.clock.advanceMs(1000);
    await log.grow(4);
    await settle(witnessing);
    assert.deepEqual(witnessing.told, []);
    assert.equal(witnessing.witnessedMs, log.clock.nowMs());
    assert.equal((await log.shown(witnesses)).size, 4);
  });

  it('asks again for an unchanged checkpoint before its cosignatures are old', async () => {
    let elapsedMs = 0;
    const witnessing = open('2', () => elapsedMs);
    await log.grow(1);
    await settle(witnessing);
    const startMs = log.clock.nowMs();
    for (let seconds = 0; seconds < 180; seconds += 5) {
      log.clock.advanceMs(5000);
      elapsedMs += 5000;
      await settle(witnessing);
      const ageMs = log.clock.nowMs() - witnessing.witnessedMs;
      assert.ok(ageMs < 30_000, `${ageMs} ms old`);
    }
    assert.ok(witnessing.witnessedMs > startMs);
  });

  it('counts as witnessed only what meets the quorum', async () => {
    stands.delete('w2');
    stands.delete('w3');
    const witnessing = open('2');
    const before = witnessing.witnessedMs;
    log.clock.advanceMs(30_000);
    await log.grow(1);
    await settle(witnessing);
    assert.deepEqual((await log.shown(witnesses)).by, ['witness.example/w1']);
    assert.equal(witnessing.witnessedMs, before);
  });

  it('takes nothing that is not a good cosignature of now, and says what was wrong', async () => {
    const good = stands.get('w1') ?? assert.fail();
    const shifted =
      (ms: number): Stand =>
      async (path, init) => {
        log.clock.advanceMs(ms);
        try {
          return await good(path, init);
        } finally {
          log.clock.advanceMs(-ms);
        }
      };
    const answers: [string, Stand][] = [
      ['timed_out', HANG],
      ['refused', says('', 500)],
      ['refused', says('', 403)],
      ['unreachable', says('', 302, { location: 'https://w2' })],
      ['answer_malformed', says('')],
      ['answer_malformed', says('garbage')],
      ['answer_malformed', says('\u0000'.repeat(70_000))],
      ['answer_malformed', says('— w '.repeat(20_000))],
      ['answer_malformed', says('7\n', 409)],
      ['answer_malformed', says('07\n', 409, { 'content-type': 'text/x.tlog.size' })],
      ['answer_malformed', says('x', 409, { 'content-type': 'text/x.tlog.size' })],
      ['conflict', says('9007199254740991\n', 409, { 'content-type': 'text/x.tlog.size' })],
      ['conflict', says('0\n', 409, { 'content-type': 'text/x.tlog.size' })],
      ['clock_skew', shifted(61_000)],
      ['signature_invalid', (path, init) => (stands.get('w2') ?? HANG)(path, init)],
    ];
    await log.grow(1);
    for (const [code, stand] of answers) {
      stands.set('w1', stand);
      const cosigner = log.witnessing({ policy: only('w1'), fetch: fetchFrom(stands) });
      await settle(cosigner);
      assert.equal(cosigner.told[0], `w1 ${code}`);
    }
    assert.deepEqual((await log.shown(witnesses)).by, []);
    assert.deepEqual(log.fatal, []);
  });

  it('follows only some conflicts: a witness can name sizes for ever', async () => {
    let size = 0;
    stands.set('w1', async () => {
      size += 1;
      const headers = { 'content-type': 'text/x.tlog.size' };
      return new Response(`${size}\n`, { status: 409, headers });
    });
    await log.grow(40);
    const cosigner = log.witnessing({ policy: only('w1'), fetch: fetchFrom(stands) });
    await settle(cosigner);
    assert.deepEqual(cosigner.told, ['w1 conflict']);
    assert.equal(size, 4);
  });
});

function only(name: string): string {
  const at = Number(name.slice(1)) - 1;
  const key = witnesses[at]?.keys.ed25519 ?? assert.fail();
  return `witness ${name} ${key} https://${name}\nquorum ${name}\n`;
}

describe('a log that a witness knows better', () => {
  /** The log as it was at 10 entries, after witnesses have seen 12. */
  async function restoreOlder(): Promise<WitnessedTestLog> {
    await log.grow(10);
    await settle(open('all'));
    await log.close();
    const copy = mkdtempSync(join(tmpdir(), 'countersign-restored-'));
    trash.push(copy);
    cpSync(log.folder, copy, { recursive: true, filter: (path) => !path.endsWith('/lock') });
    await log.open();
    await log.grow(2);
    await settle(open('all'));
    assert.equal((await log.shown(witnesses)).by.length, 3);
    return new WitnessedTestLog(copy, log.clock).open();
  }

  it('is found out before it goes on', async () => {
    const older = await restoreOlder();
    const witnessing = older.witnessing({ policy: policy('any'), fetch: fetchFrom(stands) });
    await assert.rejects(witnessing.compareAll(), { code: 'rollback', message: /12/ });
    await assert.rejects(older.notary.nextHead(0).then(() => older.grow(1)));
    older.crash();
    await assert.rejects(older.open(), { code: 'rollback' });
  });

  it('is found out while it runs, by the witness that it asks', async () => {
    const older = await restoreOlder();
    const witnessing = older.witnessing({ policy: policy('any'), fetch: fetchFrom(stands) });
    await settle(witnessing);
    assert.ok(witnessing.told.some((line) => / proved rollback$/.test(line)));
    await new Promise(setImmediate);
    assert.equal(older.fatal.length, 1, 'it stops once');
    const asked = witnessing.told.length;
    await settle(witnessing);
    assert.equal(witnessing.told.length, asked, 'nobody is asked any more');
    older.crash();
  });

  it('is found out when it went on to another history', async () => {
    const older = await restoreOlder();
    older.salt = 99;
    await older.grow(7);
    const witnessing = older.witnessing({ policy: policy('any'), fetch: fetchFrom(stands) });
    await settle(witnessing);
    assert.ok(
      witnessing.told.some((line) => / proved log_forked$/.test(line)),
      witnessing.told.join(),
    );
    older.crash();
  });

  it('goes on when witnesses cannot be asked, or hold what it never signed', async () => {
    const stranger = await new WitnessedTestLog().open();
    await stranger.grow(30);
    const lie = (await stranger.notary.nextHead(0))?.note ?? assert.fail();
    stands.set('w1', says(lie));
    stands.delete('w2');
    await log.grow(1);
    const witnessing = open('any');
    const silent = await witnessing.compareAll();
    assert.deepEqual(silent, ['w1 (answer_malformed)', 'w2 (unreachable)']);
    await log.grow(1);
    assert.deepEqual(log.fatal, []);
    stranger.delete();
  });
});
