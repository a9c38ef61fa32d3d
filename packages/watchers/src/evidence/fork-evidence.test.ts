import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseVerifierKey, proveConsistency } from '@countersign/verifier';
import fc from 'fast-check';
import { TinyLog } from '../testing/tiny-log.ts';
import { type ForkEvidence, formatForkEvidence, verifyForkEvidence } from './fork-evidence.ts';

/** Evidence as whoever holds both trees would make it. */
function evidenceOf(log: TinyLog, size: number, other: TinyLog, later: number): ForkEvidence {
  const notes = { first: log.checkpoint(size), second: other.checkpoint(later) };
  if (size === later) return notes;
  const proof = proveConsistency({ start: 0, end: size }, later, other.node);
  return { ...notes, prefix: { root: other.root(size), proof } };
}

describe('evidence of a fork', () => {
  it('proves any two histories that part before the smaller checkpoint', async () => {
    const log = new TinyLog().grow(80);
    const sizes = fc.integer({ min: 1, max: 80 });
    await fc.assert(
      fc.asyncProperty(sizes, sizes, fc.nat(), async (one, two, seed) => {
        const [size, later] = one < two ? [one, two] : [two, one];
        const other = log.fork(seed % size).grow(80, 'other');
        const text = formatForkEvidence(log.key, evidenceOf(log, size, other, later));
        const proven = await verifyForkEvidence(text, log.key);
        assert.deepEqual(proven, {
          origin: log.origin,
          first: { size, root: log.root(size) },
          second: { size: later, root: other.root(later) },
        });
      }),
      { numRuns: 60 },
    );
  });

  it('cannot be made of an honest log', async () => {
    const log = new TinyLog().grow(40);
    for (const [size, later] of [
      [20, 20],
      [20, 40],
      [1, 2],
    ] as const) {
      const text = formatForkEvidence(log.key, evidenceOf(log, size, log, later));
      await assert.rejects(verifyForkEvidence(text), { code: 'evidence_proves_nothing' });
    }
    const empty = { first: log.checkpoint(0), second: log.checkpoint(40) };
    const prefix = { root: new Uint8Array(32), proof: [] };
    for (const evidence of [empty, { ...empty, prefix }]) {
      const text = formatForkEvidence(log.key, evidence);
      await assert.rejects(verifyForkEvidence(text), { code: 'evidence_proves_nothing' });
    }
  });

  it('proves nothing with another key, another order, or anything altered', async () => {
    const log = new TinyLog().grow(40);
    const other = log.fork(10).grow(40, 'other');
    const evidence = evidenceOf(log, 20, other, 40);
    const good = formatForkEvidence(log.key, evidence);
    await verifyForkEvidence(good);
    const stranger = new TinyLog();
    await assert.rejects(verifyForkEvidence(good, stranger.key), {
      code: 'evidence_proves_nothing',
    });
    const turned = { ...evidence, first: evidence.second, second: evidence.first };
    const { prefix } = evidence;
    const weak: ForkEvidence[] = [
      turned,
      { first: evidence.first, second: evidence.second },
      { ...evidence, first: stranger.grow(20).checkpoint() },
      { ...evidence, prefix: { root: log.root(20), proof: prefix?.proof ?? [] } },
      { ...evidence, prefix: { root: other.root(20), proof: [] } },
    ];
    for (const one of weak) {
      const text = formatForkEvidence(log.key, one);
      await assert.rejects(verifyForkEvidence(text), { code: 'evidence_proves_nothing' });
    }
    const keyed = good.replace(log.vkey, stranger.vkey);
    await assert.rejects(verifyForkEvidence(keyed), { code: 'evidence_proves_nothing' });
    assert.deepEqual(parseVerifierKey(log.vkey), log.key);
  });

  it('is refused when it is not written as evidence is', async () => {
    const log = new TinyLog().grow(40);
    const good = formatForkEvidence(log.key, evidenceOf(log, 20, log.fork(9).grow(31, 'o'), 40));
    const bad = [
      '',
      'countersign/log-fork@v1\n',
      good.replace('@v1', '@v2'),
      good.replace('key ', 'kee '),
      good.replace('key ', 'key x'),
      good.replace('prefix ', 'suffix '),
      good.replace('prefix ', 'prefix A'),
      good.replace('\n\n', '\nAAAA\n\n'),
      good.replace('\n\n', `\n${`${'A'.repeat(43)}=\n`.repeat(64)}\n`),
      `${good}\n\n`,
      good.split('\n\n').slice(0, 3).join('\n\n'),
      'x'.repeat(2_200_000),
    ];
    for (const text of bad) {
      await assert.rejects(
        verifyForkEvidence(text),
        { code: 'evidence_malformed' },
        JSON.stringify(text.slice(0, 80)),
      );
    }
  });
});
