// Bundles that are made to mislead the check, or to use it up: verdicts that should be worse, pins that
// should have caught something, lines that no writer writes.

import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { inChunks, START_MS, TestTrail, YEAR_MS } from '../testing/test-trail.ts';
import { verifyBundle } from './verify-bundle.ts';

describe('the worst of what was found', () => {
  it('is the verdict, also behind more problems than are listed', async () => {
    const trail = new TestTrail().add(4_000).seal().add(2);
    const lines = (await trail.bundle(trail.anchor())).split('\n');
    const text = lines
      .filter((line) => !/^e \d*[02468] /.test(line) || line.startsWith('e 4002 '))
      .map((line) => (line.startsWith('e 4002 ') ? line.replace('event', 'Event') : line))
      .join('\n');
    const { verdict, problemsLeftOut } = await verifyBundle(inChunks(text, 65_536));
    assert.ok(problemsLeftOut > 0);
    assert.equal(verdict, 'invalid');
  });
});

describe('an event that is called erased', () => {
  it('and shown as well contradicts itself', async () => {
    const trail = new TestTrail().add(4);
    const text = (await trail.bundle(trail.anchor())).replace('\ne 2 ', '\nx 2\ne 2 ');
    const { verdict, problems } = await verifyBundle(inChunks(text));
    assert.deepEqual([verdict, problems[0]?.alteration], ['invalid', 'replayed']);
  });
});

describe('a segment that is called deleted', () => {
  const DAY_MS = 86_400_000;
  const cases: [string, number, number, string][] = [
    ['after a year, before the anchor', START_MS + YEAR_MS, START_MS + YEAR_MS, 'whole'],
    ['after a month', START_MS + YEAR_MS, START_MS + 31 * DAY_MS, 'missing'],
    ['in a time that the anchor knows nothing of', START_MS, START_MS + YEAR_MS, 'missing'],
  ];
  for (const [name, anchoredMs, deletedMs, expected] of cases) {
    it(`${name} is ${expected}`, async () => {
      const trail = new TestTrail().add(4).seal().add(2);
      const anchor = trail.anchorAt(1, anchoredMs);
      const text = await trail.bundle(anchor, { deleted: new Set([1]), deletedMs });
      const { verdict, problems } = await verifyBundle(inChunks(text));
      assert.equal(verdict, expected);
      assert.equal(problems[0]?.segment, expected === 'whole' ? undefined : 1);
    });
  }
});

describe('a pin', () => {
  it('of more segments than a later anchor speaks for tells of a fork', async () => {
    const trail = new TestTrail().add(2).seal().add(2).seal();
    const pin = trail.anchor();
    trail.manifests.pop();
    const { verdict, problems } = await verifyBundle(
      inChunks(await trail.bundle(trail.add(1).anchor())),
      { pins: [pin] },
    );
    assert.deepEqual([verdict, problems[0]?.alteration], ['invalid', 'forked']);
  });

  it('that is newer than the bundle, and speaks for less, tells of a fork', async () => {
    const long = new TestTrail().add(6);
    const early = long.anchor();
    const short = new TestTrail({ log: long.log }).add(4);
    short.anchor();
    const { verdict, problems } = await verifyBundle(inChunks(await long.bundle(early)), {
      pins: [short.anchor()],
    });
    assert.deepEqual([verdict, problems[0]?.alteration], ['invalid', 'forked']);
  });

  it('of the same number in another leaf of the log tells of two anchors', async () => {
    const trail = new TestTrail().add(2);
    const pin = trail.anchor();
    const again = new TestTrail({ log: trail.log }).add(2).anchorAt(1, START_MS + 1);
    assert.deepEqual(again.entry, pin.entry);
    const { verdict, problems } = await verifyBundle(inChunks(await trail.bundle(again)), {
      pins: [pin],
    });
    assert.deepEqual([verdict, problems[0]?.level], ['invalid', 'anchor_leaf']);
  });
});

describe('who a bundle must be of', () => {
  it('is asked for: a house of the same log can call its tenant what it likes', async () => {
    const evil = new TestTrail({ instance: 'evil-1' }).add(3);
    const text = await evil.bundle(evil.anchor());
    const policy = evil.log.policy;
    const expected = [
      [{ instance: 'evil-1', tenant: 'acme' }, 'whole'],
      [{ instance: 'house-1' }, 'invalid'],
      [{ tenant: 'other' }, 'invalid'],
    ] as const;
    for (const [of, verdict] of expected) {
      const judged = await verifyBundle(inChunks(text), { policy, of });
      assert.deepEqual([judged.verdict, judged.proven], [verdict, verdict === 'whole']);
      assert.equal(judged.problems[0]?.alteration, verdict === 'whole' ? undefined : 'foreign');
    }
  });
});

describe('a line that no writer writes', () => {
  const LONG = `{"v":${'['.repeat(3_000_000)}`;
  /** Longest text that was read as JSON: one of 60 MB took two gigabytes and a minute. */
  const LONGEST = 1_048_576;

  function watchParsing(): () => number {
    const parse = mock.method(JSON, 'parse');
    return () => {
      const lengths = parse.mock.calls.map(({ arguments: [text] }) => String(text).length);
      parse.mock.restore();
      return Math.max(...lengths);
    };
  }

  for (const kind of ['trail', 'segment', 'tombstone', 'anchor']) {
    it(`is not read as a ${kind}, however deep its JSON is`, async () => {
      const trail = new TestTrail().add(2);
      const text = await trail.bundle(trail.anchor());
      const before = kind === 'trail' ? '\ntrail ' : kind === 'anchor' ? '\nanchor ' : '\ntail ';
      const longest = watchParsing();
      const { verdict, problems } = await verifyBundle(
        inChunks(text.replace(before, `\n${kind} ${LONG}${before}`), 1 << 20),
      );
      assert.ok(longest() <= LONGEST);
      assert.deepEqual([verdict, problems[0]?.alteration], ['invalid', 'malformed']);
    });
  }

  it('is not read for gaps when it is longer than any event of ours', async () => {
    const trail = new TestTrail().add(1, () => `{"event":"log.gap","x":${LONG}`);
    const text = await trail.bundle(trail.anchor());
    const longest = watchParsing();
    const { gaps, verdict } = await verifyBundle(inChunks(text, 1 << 20));
    assert.ok(longest() <= LONGEST);
    assert.deepEqual([verdict, gaps], ['whole', []]);
  });
});
