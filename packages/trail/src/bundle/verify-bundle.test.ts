import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { INSTANCE, inChunks, START_MS, TENANT, TestTrail, YEAR_MS } from '../testing/test-trail.ts';
import type { BundleSection } from './bundle-source.ts';
import { verifyBundle } from './verify-bundle.ts';
import { writeBundle } from './write-bundle.ts';

const gapText = (reason: string): string =>
  `{"message":"Lost.","time":17,"unmapped":{"countersign":{"event":"log.gap","reason":"${reason}"}}}`;

describe('an evidence bundle', () => {
  it('of sealed segments and a tail is whole, and proven by the log of the policy', async () => {
    const trail = new TestTrail().add(5).seal().add(3).seal().add(4);
    const anchor = trail.anchor();
    const verdict = await verifyBundle(inChunks(await trail.bundle(anchor)), {
      policy: trail.log.policy,
    });
    assert.deepEqual(verdict.problems, []);
    assert.deepEqual(
      [verdict.verdict, verdict.ok, verdict.proven, verdict.instance, verdict.tenant],
      ['whole', true, true, INSTANCE, TENANT],
    );
    assert.deepEqual([verdict.count, verdict.segments, verdict.events], [12, 2, 12]);
    assert.equal(verdict.anchor?.logOrigin, trail.log.key.name);
  });

  it('is not called proven when nobody says which log to believe', async () => {
    const trail = new TestTrail().add(2);
    const verdict = await verifyBundle(inChunks(await trail.bundle(trail.anchor())));
    assert.deepEqual([verdict.ok, verdict.proven], [true, false]);
  });

  it('of a trail without events is whole', async () => {
    const trail = new TestTrail();
    const verdict = await verifyBundle(inChunks(await trail.bundle(trail.anchor())), {
      policy: trail.log.policy,
    });
    assert.deepEqual([verdict.verdict, verdict.proven, verdict.count], ['whole', true, 0]);
  });

  it('tells what was erased, withheld and deleted from what is there', async () => {
    const trail = new TestTrail().add(4).seal().add(4).seal().add(4).seal().add(4);
    const anchor = trail.anchorAt(1, START_MS + YEAR_MS);
    const text = await trail.bundle(anchor, {
      deleted: new Set([1]),
      closed: new Set([2]),
      erased: new Set([10, 14]),
      withhold: (number) => number === 11 || number === 12,
    });
    const verdict = await verifyBundle(inChunks(text), { policy: trail.log.policy });
    assert.deepEqual(verdict.problems, []);
    const { events, deleted, withheld, erased, count } = verdict;
    assert.deepEqual(
      { events, deleted, withheld, erased, count },
      { events: 4, deleted: 4, withheld: 6, erased: 2, count: 16 },
    );
  });

  it('keeps what an earlier anchor pinned, wherever the segments were cut', async () => {
    const trail = new TestTrail().add(3);
    const pins = [trail.anchor()];
    pins.push(trail.add(2).seal().anchor());
    pins.push(trail.add(6).anchor(), trail.anchor());
    trail.seal();
    const verdict = await verifyBundle(inChunks(await trail.bundle(trail.anchor())), { pins });
    assert.deepEqual(
      verdict.pins.map(({ state }) => state),
      ['kept', 'kept', 'kept', 'kept'],
    );
  });

  it('says when it cannot tell whether a pinned place was kept', async () => {
    const trail = new TestTrail().add(3);
    const pin = trail.anchor();
    trail.add(3).seal();
    const text = await trail.bundle(trail.anchor(), { closed: new Set([1]) });
    const verdict = await verifyBundle(inChunks(text), { pins: [pin] });
    assert.deepEqual([verdict.ok, verdict.pins[0]?.state], [true, 'unproven']);
  });

  it('tells of the gaps that the log itself knows, and only of those', async () => {
    const foreign = JSON.stringify({ raw_data: gapText('not ours') });
    const texts = new Map([
      [2, gapText('throttled')],
      [3, foreign],
      [9, gapText('late')],
    ]);
    const trail = new TestTrail().add(12, (number) => texts.get(number) ?? '{"x":1}').seal();
    const text = await trail.bundle(trail.anchor());
    for (const size of [7, 100, 100_000]) {
      const verdict = await verifyBundle(inChunks(text, size));
      assert.deepEqual(
        verdict.gaps.map(({ number, reason }) => [number, reason]),
        [
          [2, 'throttled'],
          [9, 'late'],
        ],
      );
      assert.deepEqual([verdict.verdict, verdict.ok], ['gap', true]);
    }
  });

  it('is whole however many events, segments, erasures and chunks it is made of', async () => {
    const shape = fc.array(fc.nat(9), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        shape,
        fc.nat(8),
        fc.integer({ min: 1, max: 300 }),
        async (seals, tail, size) => {
          const trail = new TestTrail();
          for (const count of seals) if (count > 0) trail.add(count).seal();
          trail.add(tail);
          const view = { erased: new Set([3, 8]), withhold: (number: number) => number % 5 === 0 };
          const text = await trail.bundle(trail.anchor(), view);
          const verdict = await verifyBundle(inChunks(text, size), { policy: trail.log.policy });
          assert.deepEqual(verdict.problems, []);
          assert.equal(verdict.proven, true);
          assert.equal(verdict.events + verdict.erased + verdict.withheld, trail.events.length);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('that is none is malformed, whatever it is, and nothing is thrown', async () => {
    const words = [
      'countersign/evidence/v1',
      'trail {',
      'segment {}',
      'leaves 1 AA==',
      'e 1 A b',
      'end 0',
    ];
    const text = fc
      .array(fc.oneof(fc.constantFrom(...words), fc.string()))
      .map((lines) => lines.join('\n'));
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      text.map((one) => Buffer.from(one)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (given) => {
        const verdict = await verifyBundle([given]);
        assert.deepEqual([verdict.verdict, verdict.ok, verdict.proven], ['invalid', false, false]);
      }),
      { numRuns: 300 },
    );
  });

  it('is not written from what does not go on, so that no half of one passes for a whole', async () => {
    const trail = new TestTrail().add(6).seal().add(3);
    const anchor = trail.anchor();
    const write = async (take: (section: BundleSection, at: number) => BundleSection[]) => {
      const sections = async function* (): AsyncGenerator<BundleSection> {
        let at = 0;
        for await (const section of trail.sections(anchor, {})) yield* take(section, at++);
      };
      const source = { instance: INSTANCE, tenant: TENANT, anchor, sections: sections() };
      for await (const _ of writeBundle(source));
    };
    await write((section) => [section]);
    const code = 'trail_inconsistent';
    await assert.rejects(
      write((section, at) => (at === 0 ? [] : [section])),
      { code },
    );
    await assert.rejects(
      write((section) => [section, section]),
      { code },
    );
    const short = (from: number, to: number) => trail.shown(from, to, {});
    for (const events of [short(1, 5), short(2, 6), short(1, 7)]) {
      const cut = (section: BundleSection) =>
        section.kind === 'segment' ? [{ ...section, events }] : [section];
      await assert.rejects(write(cut), { code });
    }
  });

  it('holds remarks for a person, which cannot pass for lines of their own', async () => {
    const trail = new TestTrail().add(1);
    const anchor = trail.anchor();
    const sections = trail.sections(anchor, {});
    const remarks = ['asked by alice\nend 0', 'for\r\nher'];
    let text = '';
    for await (const part of writeBundle({
      instance: INSTANCE,
      tenant: TENANT,
      anchor,
      sections,
      remarks,
    }))
      text += part;
    assert.match(text, /^# asked by alice end 0\n# for her$/m);
    assert.equal((await verifyBundle(inChunks(text))).ok, true);
  });
});
