// Anchors over a real archivist and a real store; the log is a list.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { buildAnchorTree, INSTALLATION_TENANT } from '@countersign/trail';
import { decodeAnchorLeaf, encodeHex, hashInstance, hashLeaf } from '@countersign/verifier';
import { ManualClock, systemRandom } from '@countersign/vocabulary';
import { archiveError } from '../archive-error.ts';
import type { Archivist } from '../inside/archivist.ts';
import { type History, INSTANCE, openHistory } from '../testing/open-history.ts';
import type { AnchorAnswer } from './anchor-book.ts';
import { type Anchoring, type AnchoringParts, anchorTrails } from './anchor-trails.ts';
import type { TrailDifference } from './hold-against-anchor.ts';

let history: History;
let archivist: Archivist;
let clock: ManualClock;
let log: Uint8Array[];
let differences: TrailDifference[];

beforeEach(async () => {
  history = await openHistory();
  archivist = await history.archivist();
  clock = new ManualClock(1_800_000_000_000);
  log = [];
  differences = [];
});
afterEach(() => history.close());

async function append(entry: Uint8Array): Promise<AnchorAnswer> {
  const logIndex = log.push(entry) - 1;
  return { logIndex, logOrigin: 'log.example/log', receipt: Uint8Array.of(logIndex) };
}

function open(more: Partial<AnchoringParts> = {}): Anchoring {
  return anchorTrails({
    ...{ store: history.store, archive: archivist, instance: INSTANCE, clock },
    ...{ random: systemRandom, append },
    onDiffers: async (difference) => void differences.push(difference),
    ...more,
  });
}

async function record(...tenants: (string | undefined)[]): Promise<void> {
  await archivist.catchUp(await history.write(tenants.map((tenant) => ({ tenant }))), 10_000);
}

/** Works on the file as somebody with a shell would, behind every trigger. */
function behindTheBack(...statements: string[]): void {
  const database = new DatabaseSync(join(history.folder, 'store.db'));
  for (const statement of statements) database.exec(statement);
  database.close();
}

/** The one before goes on without effect: nobody asks it any more. */
async function restart(): Promise<void> {
  archivist = await history.archivist();
  await archivist.catchUp(await history.newest(), 10_000);
}

describe('anchors of the trails', () => {
  it('hold all tenants in one leaf, each with the head that the archivist has', async () => {
    await record('acme', 'acme', undefined, 'zeta');
    const anchoring = open();
    await anchoring.tick();
    assert.equal(log.length, 1);
    const leaf = decodeAnchorLeaf(log[0] ?? new Uint8Array());
    assert.deepEqual(leaf.instanceHash, hashInstance(INSTANCE));
    const entries = await anchoring.book.entriesOf(1);
    assert.deepEqual(
      entries.map(({ tenant, count }) => [tenant, count]),
      [
        [INSTALLATION_TENANT, 1],
        ['acme', 2],
        ['zeta', 1],
      ],
    );
    assert.equal(encodeHex(leaf.root), encodeHex(buildAnchorTree(entries).root));
    const { heads } = await archivist.followed();
    for (const { tenant, head } of heads) {
      assert.equal(entries.find((entry) => entry.tenant === tenant)?.head, head);
    }
  });

  it('are made when something changed, and not more often than was asked', async () => {
    await record('acme');
    const anchoring = open();
    await anchoring.tick();
    await anchoring.tick();
    clock.advanceMs(60_000);
    await anchoring.tick();
    assert.equal(log.length, 1);
    await record('acme');
    await anchoring.tick();
    assert.equal(log.length, 2);
    await record('acme');
    clock.advanceMs(9_999);
    await anchoring.tick();
    assert.equal(log.length, 2);
    clock.advanceMs(1);
    await anchoring.tick();
    assert.equal(log.length, 3);
  });

  it('are made also when the clock was ahead before, and is right now', async () => {
    await record('acme');
    const anchoring = open();
    await anchoring.tick();
    clock.advanceMs(-86_400_000);
    await record('acme');
    await anchoring.tick();
    assert.equal(log.length, 2);
  });

  it('make segments count as anchored once the log has answered, and not before', async () => {
    await record('acme', 'acme');
    await history.sealAll(archivist);
    const stateOf = async () =>
      (await history.store.read.selectFrom('segment').select('state').execute())[0]?.state;
    let answers = false;
    const anchoring = open({
      append: async (entry) => {
        assert.equal(await stateOf(), 'sealed');
        if (!answers) throw new Error('the log is away');
        return append(entry);
      },
    });
    await assert.rejects(anchoring.tick(), /away/);
    assert.equal(await stateOf(), 'sealed');
    answers = true;
    clock.advanceMs(10_000);
    await anchoring.tick();
    assert.equal(await stateOf(), 'anchored');
    assert.equal((await anchoring.book.entriesOf(2))[0]?.segments, 1);
  });

  it('are announced before the log is asked, answered or not, and known ever after', async () => {
    await record('acme');
    let anchoring = open({
      append: async (entry) => {
        const hash = encodeHex(hashLeaf(entry));
        assert.deepEqual([...(await anchoring.book.announced([hash]))], [hash]);
        await append(entry);
        throw new Error('the answer was lost');
      },
    });
    await assert.rejects(anchoring.tick(), /lost/);
    assert.equal(await anchoring.book.latest(), undefined);
    anchoring = open();
    await anchoring.tick();
    assert.equal((await anchoring.book.latest())?.anchor, 2);
    const hashes = log.map((entry) => encodeHex(hashLeaf(entry)));
    assert.equal((await anchoring.book.announced([...hashes, '00'.repeat(32)])).size, 2);
  });

  it('tell of the first one and of the first after trouble, and of no other', async () => {
    const told: number[] = [];
    let away = false;
    const anchoring = open({
      append: (entry) => (away ? Promise.reject(new Error('away')) : append(entry)),
      onAnchored: async (anchor) => void told.push(anchor),
    });
    for (const state of [false, false, true, true, false, false]) {
      away = state;
      await record('acme');
      clock.advanceMs(10_000);
      await anchoring.tick().catch(() => undefined);
    }
    assert.deepEqual(told, [1, 5]);
  });

  it('fill no store while the log is away: the newest that it answered stays, and a thousand', async () => {
    await record('acme');
    await open().tick();
    const { book } = open();
    const [first] = await book.entriesOf(1);
    assert.ok(first !== undefined);
    const numbers =
      'WITH RECURSIVE n (a) AS (VALUES (2) UNION ALL SELECT a + 1 FROM n WHERE a < 1099)';
    behindTheBack(
      `${numbers} INSERT INTO anchor (anchor, at_ms, leaf, leaf_hash, sequence)
        SELECT a, 0, CAST(a AS BLOB), CAST(a AS BLOB), 1 FROM n`,
      `${numbers} INSERT INTO anchor_entry SELECT a, 'acme', '{}' FROM n`,
    );
    await record('acme');
    clock.advanceMs(10_000);
    await assert.rejects(open({ append: () => Promise.reject(new Error('away')) }).tick(), /away/);
    const kept = await history.store.read.selectFrom('anchor_entry').select('anchor').execute();
    assert.equal(kept.length, 1_001);
    assert.deepEqual(await book.entriesOf(1), [first]);
  });

  it('go on across seals and restarts without a difference', async () => {
    const anchoring = open();
    for (let round = 0; round < 4; round += 1) {
      await record('acme', 'zeta', undefined);
      if (round % 2 === 1) await history.sealAll(archivist);
      clock.advanceMs(10_000);
      await anchoring.tick();
    }
    await restart();
    await open().tick();
    assert.deepEqual(differences, []);
  });
});

describe('a trail that was changed after it was anchored', () => {
  beforeEach(async () => {
    await record('acme', 'acme', 'zeta');
    await history.sealAll(archivist);
    await record('acme', 'acme', 'zeta');
    await open().tick();
  });

  const cases: [string, string[], TrailDifference['reason']][] = [
    [
      'an event that was rewritten',
      ["UPDATE event SET ocsf = replace(ocsf, 'nobody', 'somebody') WHERE sequence = 5"],
      'head_differs',
    ],
    [
      'an event that was taken out',
      ['DROP TRIGGER event_stays', 'DELETE FROM event WHERE sequence = 5'],
      'events_missing',
    ],
    [
      'a manifest that was rewritten',
      [
        'DROP TRIGGER segment_unchanged',
        "UPDATE segment SET last_ms = last_ms + 1 WHERE tenant = 'acme'",
      ],
      'segments_differ',
    ],
  ];
  for (const [name, statements, reason] of cases) {
    it(`by ${name} is told of once, with the anchor it contradicts`, async () => {
      behindTheBack(...statements);
      await restart();
      const anchoring = open();
      clock.advanceMs(10_000);
      await anchoring.tick();
      await anchoring.tick();
      assert.deepEqual(differences, [{ tenant: 'acme', reason, anchor: 1, count: 4 }]);
    });
  }

  it('by cutting off the newest events of all is told of', async () => {
    behindTheBack('DROP TRIGGER event_stays', 'DELETE FROM event WHERE sequence > 4');
    await restart();
    await open().tick();
    assert.deepEqual(
      differences.map(({ tenant, reason }) => [tenant, reason]),
      [
        ['acme', 'events_missing'],
        ['zeta', 'events_missing'],
      ],
    );
  });

  it('by nobody is not told of', async () => {
    await restart();
    await open().tick();
    assert.deepEqual(differences, []);
  });

  it('is looked for at everybody, also while a file of one tenant cannot be read', async () => {
    const readRange: Archivist['readRange'] = async (range) => {
      if (range.tenant === 'acme') throw archiveError('archive_damaged', 'A file is missing.');
      return archivist.readRange(range);
    };
    const followed = () => archivist.followed();
    await record('zeta');
    clock.advanceMs(10_000);
    // After a start everything that was anchored is read again.
    await open({ archive: { followed, readRange } }).tick();
    assert.equal(log.length, 2);
    assert.deepEqual(differences, []);
  });
});
