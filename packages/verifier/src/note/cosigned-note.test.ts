// Signatures with a time: cosignature/v1 by Ed25519 (0x04) and ML-DSA-44 (0x06), and that no blob of
// one kind ever passes for another.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { concatBytes } from '../bytes/join-bytes.ts';
import * as onNode from '../platform/node.ts';
import * as onWeb from '../platform/web.ts';
import { cosignedMessage } from '../receipt/cosigned-message.ts';
import { publishCheckpoint, TestCosigner } from '../testing/test-cosigner.ts';
import { formatCheckpoint } from './checkpoint.ts';
import { KEY_TYPE, noteKeyId } from './key-id.ts';
import { formatNote, type NoteSignature } from './parse-note.ts';
import { createNoteKey, formatVerifierKey, parseVerifierKey } from './verifier-key.ts';
import { verifyNote } from './verify-note.ts';

const ROOT = new Uint8Array(32).fill(3);
const ORIGIN = 'log.example/log';
const AT = 1_800_000_000;
const checkpoint = { origin: ORIGIN, size: 5, root: ROOT };
const text = formatCheckpoint({ ...checkpoint, extensions: [] });
const log = new TestCosigner(ORIGIN, 'ed25519');
const logMlDsa = new TestCosigner(ORIGIN, 'mldsa44');
const witness = new TestCosigner('witness.example/w1');
const postQuantum = new TestCosigner('witness.example/pq', 'mldsa44');
const ALL = [log, logMlDsa, witness, postQuantum];

const note = (...signatures: NoteSignature[]) => formatNote({ text, signatures });

describe('an ML-DSA-44 signature of a checkpoint', () => {
  it('counts with its time, beside the Ed25519 signature of the same log', async () => {
    const signed = note(log.sign(text), logMlDsa.sign(text), postQuantum.sign(text, AT));
    const { verified } = await verifyNote(
      signed,
      ALL.map(({ key }) => key),
    );
    assert.deepEqual(verified, [
      { key: log.key, timeSeconds: undefined },
      { key: logMlDsa.key, timeSeconds: undefined },
      { key: postQuantum.key, timeSeconds: AT },
    ]);
  });

  it('covers origin, size, root, name and time, and no extension line', async () => {
    const signature = postQuantum.sign(text, AT);
    const [key] = [postQuantum.key];
    const over = (changed: object) =>
      formatNote({
        text: formatCheckpoint({ ...checkpoint, extensions: [], ...changed }),
        signatures: [signature],
      });
    assert.equal((await verifyNote(over({ extensions: ['new'] }), [key])).verified.length, 1);
    for (const changed of [{ origin: 'other' }, { size: 6 }, { root: ROOT.with(0, 9) }]) {
      await assert.rejects(verifyNote(over(changed), [key]), { code: 'note_signature_invalid' });
    }
    const renamed = createNoteKey('other.example', 'mldsa44', key.publicKey);
    const moved = { ...signature, name: renamed.name, id: renamed.id };
    await assert.rejects(verifyNote(note(moved), [renamed]), { code: 'note_signature_invalid' });
    const later = { ...signature, blob: signature.blob.with(7, 1) };
    await assert.rejects(verifyNote(note(later), [key]), { code: 'note_signature_invalid' });
  });

  it('is refused when any of its bytes is another, in a place chosen at random', async () => {
    const signature = postQuantum.sign(text, AT);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(signature.blob.length - 1),
        fc.integer({ min: 1, max: 255 }),
        (at, by) =>
          assert.rejects(
            verifyNote(
              note({ ...signature, blob: signature.blob.with(at, (signature.blob[at] ?? 0) ^ by) }),
              [postQuantum.key],
            ),
            { code: 'note_signature_invalid' },
          ),
      ),
      { numRuns: 100 },
    );
  });

  it('is refused on a text that is no checkpoint', async () => {
    const signature = postQuantum.sign(text, AT);
    const signed = formatNote({ text: 'no checkpoint\n', signatures: [signature] });
    await assert.rejects(verifyNote(signed, [postQuantum.key]), { code: 'note_signature_invalid' });
  });

  it('has the same verdict on both platforms, and none where ML-DSA is unknown', async () => {
    const signer = new TestCosigner('x', 'mldsa44');
    const { blob } = signer.sign(text, AT);
    const message = cosignedMessage('x', ORIGIN, { start: 0, end: 5 }, ROOT, AT);
    for (const { verifyMlDsa44 } of [onNode, onWeb]) {
      const { publicKey } = signer.key;
      assert.equal(await verifyMlDsa44(publicKey, message, blob.subarray(8)), true);
      assert.equal(await verifyMlDsa44(publicKey, message.subarray(1), blob.subarray(8)), false);
      assert.equal(await verifyMlDsa44(publicKey, message, blob), false, 'a wrong size');
      assert.equal(await verifyMlDsa44(publicKey.subarray(1), message, blob.subarray(8)), false);
    }
    const { importKey } = crypto.subtle;
    try {
      crypto.subtle.importKey = () => Promise.reject(new DOMException('no', 'NotSupportedError'));
      const verdict = await onWeb.verifyMlDsa44(signer.key.publicKey, message, blob.subarray(8));
      assert.equal(verdict, undefined);
    } finally {
      crypto.subtle.importKey = importKey;
    }
  });
});

describe('signatures of different types', () => {
  it('a 0x04 blob is not accepted as 0x01, nor any kind as another', async () => {
    for (const from of ALL) {
      const { blob } = from.sign(text, AT);
      for (const { key } of ALL.filter((other) => other !== from)) {
        const posing = { name: key.name, id: key.id, blob };
        await assert.rejects(
          verifyNote(note(posing), [key]),
          { code: 'note_signature_invalid' },
          `${from.key.purpose} as ${key.purpose}`,
        );
      }
    }
  });

  it('one Ed25519 key under 0x01 and 0x04 signs two different things', async () => {
    const asPlain = createNoteKey(witness.key.name, 'ed25519', witness.key.publicKey);
    const { blob } = witness.sign(text, AT);
    for (const cut of [blob, blob.subarray(8)]) {
      const posing = note({ name: asPlain.name, id: asPlain.id, blob: cut });
      await assert.rejects(verifyNote(posing, [asPlain]), { code: 'note_signature_invalid' });
    }
    const plain = new TestCosigner('both.example', 'ed25519');
    const asCosigner = createNoteKey('both.example', 'cosignature', plain.key.publicKey);
    const timed = concatBytes(new Uint8Array(8), plain.sign(text).blob);
    const posing = note({ name: 'both.example', id: asCosigner.id, blob: timed });
    await assert.rejects(verifyNote(posing, [asCosigner]), { code: 'note_signature_invalid' });
  });

  it('a blob of any wrong size by a known key condemns the note', async () => {
    for (const from of ALL) {
      const { name, id, blob } = from.sign(text, AT);
      const sizes = [1, 8, 63, 64, 65, 71, 72, 73, 2420, 2427, 2428, 2429];
      for (const size of sizes.filter((wrong) => wrong !== blob.length)) {
        const resized = new Uint8Array(size);
        resized.set(blob.subarray(0, size));
        const signed = note({ name, id, blob: resized });
        await assert.rejects(verifyNote(signed, [from.key]), { code: 'note_signature_invalid' });
      }
    }
  });

  it('a time above 2^53-1 is no good signature, and does not stop the reader otherwise', async () => {
    for (const from of [witness, postQuantum]) {
      const { name, id, blob } = from.sign(text, AT);
      const signed = note({ name, id, blob: blob.with(0, 0x7f) });
      await assert.rejects(verifyNote(signed, [from.key]), { code: 'note_signature_invalid' });
    }
  });

  it('GREASE signatures of unknown types and sizes are ignored, in any order', async () => {
    const grease = [1, 5, 64, 72, 2428, 5000].map((size, at) => ({
      name: at % 2 === 0 ? `grease-${at}.example` : ORIGIN,
      id: Uint8Array.of(0xfa, at, 1, 2),
      blob: new Uint8Array(size).fill(at),
    }));
    const known = [log.sign(text), witness.sign(text, AT), postQuantum.sign(text, AT)];
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...grease, ...known], { minLength: 9 }),
        async (lines) => {
          const { verified } = await verifyNote(
            note(...lines),
            ALL.map(({ key }) => key),
          );
          assert.equal(verified.length, 3);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('sixteen cosignatures of both kinds, and more, are all verified', async () => {
    const kinds = ['cosignature', 'mldsa44'] as const;
    const many = Array.from(
      { length: 32 },
      (_, at) => new TestCosigner(`witness.example/${at}`, kinds[at % 2]),
    );
    const signed = publishCheckpoint(
      checkpoint,
      log,
      many.map((cosigner) => [cosigner, AT]),
    );
    const { verified } = await verifyNote(
      signed,
      many.map(({ key }) => key),
    );
    assert.equal(verified.length, 32);
  });
});

describe('the text of an ML-DSA-44 key', () => {
  it('goes both ways, and its id is that of type 0x06', () => {
    const { key, keyText } = postQuantum;
    assert.deepEqual(parseVerifierKey(keyText), key);
    assert.equal(formatVerifierKey(parseVerifierKey(keyText)), keyText);
    assert.deepEqual(KEY_TYPE.mldsa44, Uint8Array.of(6));
    assert.deepEqual(key.id, noteKeyId(key.name, Uint8Array.of(6), key.publicKey));
  });

  it('is refused with a key of any other size, 32 bytes of Ed25519 included', () => {
    for (const size of [0, 32, 1311, 1313, 1952]) {
      assert.throws(() => createNoteKey('a', 'mldsa44', new Uint8Array(size)), {
        code: 'vkey_malformed',
      });
    }
    for (const purpose of ['ed25519', 'cosignature', 'receipt'] as const) {
      assert.throws(() => createNoteKey('a', purpose, new Uint8Array(1312)), {
        code: 'vkey_malformed',
      });
    }
  });
});
