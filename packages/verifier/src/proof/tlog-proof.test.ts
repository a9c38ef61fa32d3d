import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeBase64 } from '../bytes/base64.ts';
import { FormatError } from '../format-error.ts';
import { hashLeaf } from '../merkle/hash-node.ts';
import { naiveReader } from '../merkle/naive-tree.ts';
import { hashRange, proveInclusion } from '../merkle/prove.ts';
import { parseTlogPolicy } from '../policy/tlog-policy.ts';
import { publishCheckpoint, TestCosigner } from '../testing/test-cosigner.ts';
import {
  formatTlogProof,
  MAX_EXTRA_BYTES,
  MAX_TLOG_PROOF_LENGTH,
  parseTlogProof,
} from './tlog-proof.ts';
import { type ProvenEntry, verifyTlogProof } from './verify-tlog-proof.ts';

const ORIGIN = 'log.example/log';
const AT = 1_800_000_000;
const log = new TestCosigner(ORIGIN, 'ed25519');
const witness = new TestCosigner('witness.example');
const request = { origin: ORIGIN, logKey: log.key };
const policy = parseTlogPolicy(`witness w ${witness.keyText}\nquorum w\n`);

const entries = Array.from({ length: 300 }, (_, at) => Uint8Array.of(at % 256, at >> 8, 7));
const read = naiveReader(entries.map(hashLeaf));
const entry = (index: number) => entries[index] ?? new Uint8Array(0);
const whole = (size: number) => ({ start: 0, end: size });

function checkpointOf(size: number, witnesses: [TestCosigner, number][] = []): string {
  return publishCheckpoint(
    { origin: ORIGIN, size, root: hashRange(whole(size), read) },
    log,
    witnesses,
  );
}

function proofOf(index: number, size: number, witnesses: [TestCosigner, number][] = []) {
  const proof = proveInclusion(index, whole(size), read);
  return { index, proof, checkpoint: checkpointOf(size, witnesses) };
}

describe('a tlog-proof', () => {
  it('is laid out as the standard says', () => {
    const { checkpoint, proof } = proofOf(2, 4);
    const [sibling = entry(0), parent = entry(0)] = proof;
    const extra = Uint8Array.of(1, 2, 3);
    assert.equal(
      formatTlogProof({ index: 2, proof, checkpoint, extra }),
      `c2sp.org/tlog-proof@v1\nextra AQID\nindex 2\n${encodeBase64(sibling)}\n${encodeBase64(parent)}\n\n${checkpoint}`,
    );
    const alone = proofOf(0, 1);
    assert.equal(
      formatTlogProof(alone),
      `c2sp.org/tlog-proof@v1\nindex 0\n\n${alone.checkpoint}`,
      'a tree of one leaf has the empty proof',
    );
  });

  it('proves every entry of trees of many sizes, with and without extra data', async () => {
    const size = fc.integer({ min: 1, max: 300 });
    const place = size.chain((size) => fc.tuple(fc.nat(size - 1), fc.constant(size)));
    const extra = fc.option(fc.uint8Array({ minLength: 1, maxLength: 40 }), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(place, extra, async ([index, size], extra) => {
        const text = formatTlogProof({ ...proofOf(index, size), extra });
        const proven = await verifyTlogProof(text, entry(index), request);
        assert.deepEqual([proven.index, proven.checkpoint.size], [index, size]);
        assert.deepEqual(proven.extra, extra);
      }),
    );
  });

  it('reads back what was written, and writes what was read', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const some = fc.record({
      index: fc.maxSafeNat(),
      proof: fc.array(hash, { maxLength: 53 }),
      checkpoint: fc.constantFrom(checkpointOf(3), checkpointOf(9, [[witness, AT]])),
    });
    fc.assert(
      fc.property(some, fc.uint8Array({ maxLength: 99 }), (proof, bytes) => {
        const given = bytes.length === 0 ? proof : { ...proof, extra: bytes };
        const text = formatTlogProof(given);
        assert.deepEqual({ ...parseTlogProof(text) }, { ...given });
        assert.equal(formatTlogProof(parseTlogProof(text)), text);
      }),
    );
  });

  it('is refused for another entry, index, tree or proof', async () => {
    const sound = proofOf(70, 130);
    assert.ok(await verifyTlogProof(formatTlogProof(sound), entry(70), request));
    const wrong = [
      { ...sound, index: 71 },
      { ...sound, index: 130 },
      { ...sound, proof: sound.proof.slice(1) },
      { ...sound, proof: [...sound.proof, hashLeaf(entry(1))] },
      { ...sound, proof: sound.proof.toReversed() },
      { ...sound, checkpoint: checkpointOf(131) },
    ];
    for (const proof of wrong) {
      await assert.rejects(verifyTlogProof(formatTlogProof(proof), entry(70), request), {
        code: 'tlog_proof_invalid',
      });
    }
    for (const other of [entry(71), hashLeaf(entry(70)), new Uint8Array(0)]) {
      await assert.rejects(verifyTlogProof(formatTlogProof(sound), other, request), {
        code: 'tlog_proof_invalid',
      });
    }
  });

  it('is refused of another log, by another key, and without the quorum that is asked for', async () => {
    const text = formatTlogProof(proofOf(3, 9));
    const stranger = new TestCosigner(ORIGIN, 'ed25519');
    await assert.rejects(verifyTlogProof(text, entry(3), { ...request, logKey: stranger.key }), {
      code: 'note_unsigned',
    });
    await assert.rejects(verifyTlogProof(text, entry(3), { ...request, origin: 'other' }), {
      code: 'checkpoint_origin_mismatch',
    });
    await assert.rejects(verifyTlogProof(text, entry(3), { ...request, policy }), {
      code: 'checkpoint_unwitnessed',
    });
    const witnessed = formatTlogProof(proofOf(3, 9, [[witness, AT]]));
    const { checkpoint } = await verifyTlogProof(witnessed, entry(3), { ...request, policy });
    assert.equal(checkpoint.witnessedMs, AT * 1000);
  });

  it('is malformed in any other spelling', () => {
    const sound = formatTlogProof({ ...proofOf(10, 20), extra: Uint8Array.of(9) });
    const [first = ''] = sound.split('\n').slice(3);
    const changes: [string, string][] = [
      ['tlog-proof@v1', 'tlog-proof@v2'],
      ['c2sp.org', ' c2sp.org'],
      ['extra CQ==', 'extra CQ'],
      ['extra CQ==', 'extra CR=='],
      ['extra CQ==', 'extra '],
      ['extra CQ==', 'extra CQ== '],
      ['extra CQ==', 'Extra CQ=='],
      ['extra CQ==', 'extra CQ==\nextra CQ=='],
      ['index 10', 'index 010'],
      ['index 10', 'index +10'],
      ['index 10', 'index -10'],
      ['index 10', 'index  10'],
      ['index 10', 'index 10 '],
      ['index 10', 'index 1e1'],
      ['index 10', 'index'],
      ['index 10\n', ''],
      ['index 10\n', 'index 10\nindex 10\n'],
      ['\nindex 10', '\r\nindex 10'],
      [first, first.replace('=', '')],
      [first, first.slice(4)],
      [first, `${first} `],
      [first, encodeBase64(new Uint8Array(31))],
      [first, encodeBase64(new Uint8Array(33))],
      ['\n\nlog.example', '\nlog.example'],
      ['\n\nlog.example', '\n\n\nlog.example'],
    ];
    for (const [from, to] of changes) {
      const text = sound.replace(from, to);
      assert.notEqual(text, sound, from);
      assert.throws(() => parseTlogProof(text), FormatError, `${from} → ${to}`);
    }
    for (const text of ['', '\n\n', 'c2sp.org/tlog-proof@v1\nindex 0\n\n', `${sound}x`]) {
      assert.throws(() => parseTlogProof(text), FormatError);
    }
  });

  it('is bounded in everything', () => {
    const sound = proofOf(10, 20);
    const hash = new Uint8Array(32);
    const proof = Array.from({ length: 54 }, () => hash);
    assert.throws(() => formatTlogProof({ ...sound, proof }), { code: 'tlog_proof_malformed' });
    const extra = new Uint8Array(MAX_EXTRA_BYTES);
    assert.ok(formatTlogProof({ ...sound, extra }));
    assert.throws(() => formatTlogProof({ ...sound, extra: new Uint8Array(MAX_EXTRA_BYTES + 1) }), {
      code: 'tlog_proof_malformed',
    });
    assert.throws(() => parseTlogProof('x'.repeat(MAX_TLOG_PROOF_LENGTH + 1)), {
      code: 'tlog_proof_malformed',
    });
    for (const index of ['9007199254740992', '9223372036854775807']) {
      const text = formatTlogProof(sound).replace('index 10', `index ${index}`);
      assert.throws(() => parseTlogProof(text), { code: 'number_out_of_range' }, index);
    }
    for (const index of [-1, 0.5, Number.NaN, 1e21, 2 ** 53]) {
      assert.throws(() => formatTlogProof({ ...sound, index }), FormatError, String(index));
    }
  });

  it('proves the same entry at the same place or nothing, however its text is changed', async () => {
    const sound = formatTlogProof({ ...proofOf(70, 130), extra: Uint8Array.of(1) });
    const letters = fc.string({ unit: fc.constantFrom(...'AQz09+/= \nindex'), maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.nat(sound.length - 1), fc.nat(3), letters, async (at, removed, put) => {
        const text = sound.slice(0, at) + put + sound.slice(at + removed);
        const judge = (about: Uint8Array) =>
          verifyTlogProof(text, about, request).catch((error: unknown) => error);
        assert.ok((await judge(entry(71))) instanceof FormatError);
        const verdict = await judge(entry(70));
        if (verdict instanceof FormatError) return;
        const { index, checkpoint } = verdict as ProvenEntry;
        assert.deepEqual([index, checkpoint.size, checkpoint.origin], [70, 130, ORIGIN]);
      }),
      { numRuns: 300 },
    );
  });
});
