import assert from 'node:assert/strict';
import { type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeBase64 } from '../bytes/base64.ts';
import { concatBytes, utf8 } from '../bytes/join-bytes.ts';
import { ed25519KeyPair } from '../testing/test-log.ts';
import type { KeyPurpose } from './key-id.ts';
import { formatNote, MAX_NOTE_SIGNATURES, type NoteSignature, parseNote } from './parse-note.ts';
import {
  createNoteKey,
  formatVerifierKey,
  type NoteKey,
  parseVerifierKey,
} from './verifier-key.ts';
import { cosignatureMessage, verifyNote } from './verify-note.ts';

interface Signer {
  key: NoteKey;
  privateKey: KeyObject;
}

function signer(name: string, purpose: KeyPurpose = 'ed25519'): Signer {
  const { privateKey, publicKey } = ed25519KeyPair();
  return { key: createNoteKey(name, purpose, publicKey), privateKey };
}

function signatureBy({ key, privateKey }: Signer, text: string): NoteSignature {
  return { name: key.name, id: key.id, blob: sign(null, utf8(text), privateKey) };
}

function cosignatureBy({ key, privateKey }: Signer, text: string, seconds: number): NoteSignature {
  const time = new Uint8Array(8);
  new DataView(time.buffer).setBigUint64(0, BigInt(seconds));
  const signature = sign(null, cosignatureMessage(seconds, text), privateKey);
  return { name: key.name, id: key.id, blob: concatBytes(time, signature) };
}

function noise(name: string): NoteSignature {
  return { name, id: Uint8Array.of(1, 2, 3, 4), blob: new Uint8Array(70).fill(5) };
}

const TEXT = 'log.example/log\n5\nroot\n';
const log = signer('log.example/log');

test('a note by a known key is verified, from text and from bytes', async () => {
  const note = formatNote({ text: TEXT, signatures: [signatureBy(log, TEXT)] });
  for (const form of [note, utf8(note)]) {
    const { text, verified } = await verifyNote(form, [log.key]);
    assert.equal(text, TEXT);
    assert.deepEqual(verified, [{ key: log.key, timeSeconds: undefined }]);
  }
});

test('what one writes is what one reads, for any text and any order of signatures', () => {
  const line = fc.string({ unit: fc.constantFrom('a', ' ', '—', 'é', '+', '') });
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1 }),
      fc.shuffledSubarray(['a', 'b/c', '名']),
      (lines, names) => {
        const text = `${lines.join('\n')}\n`;
        const signatures = names.map(noise);
        if (signatures.length === 0) return;
        assert.deepEqual(parseNote(formatNote({ text, signatures })), { text, signatures });
      },
    ),
  );
});

test('the split is at the last empty line', () => {
  const text = 'a\n\nb\n';
  assert.equal(parseNote(formatNote({ text, signatures: [noise('x')] })).text, text);
});

test('a note without newline, signatures or plain characters is malformed', () => {
  const line = `— x ${encodeBase64(new Uint8Array(68))}\n`;
  const bad = [
    '',
    'text\n',
    'text\n\n',
    `text\n${line}`,
    `text\n\n${line}\n`,
    `text\n\n${line.slice(0, -1)}`,
    `text\r\n\n${line}`,
    `te\u0000xt\n\n${line}`,
    `te\txt\n\n${line}`,
    `te\u007fxt\n\n${line}`,
    `te\ud800xt\n\n${line}`,
    `text\n\n${line.replace('—', '-')}`,
    `text\n\n${line.replace('—', '–')}`,
    `text\n\n${line.replace('— ', '—')}`,
    `text\n\n${line.replace('x ', 'x  ')}`,
    `text\n\n${line.replace('— x', '— x+y')}`,
    `text\n\n${line.replace('— x', '— x\u00a0y')}`,
    `text\n\n${line.replace('— x', '— ')}`,
    `text\n\n— x AAAA\n`,
    `text\n\n— x ${encodeBase64(new Uint8Array(4))}\n`,
    `text\n\n— x ${encodeBase64(new Uint8Array(68)).replace(/=+$/, '')}\n`,
    `text\n\n— x ${encodeBase64(new Uint8Array(68).fill(255)).replaceAll('/', '_')}\n`,
    `text\n\n— x ${encodeBase64(new Uint8Array(68).fill(7))} more\n`,
    `text\n\n${line}rest\n`,
  ];
  for (const note of bad) {
    assert.throws(() => parseNote(note), { code: 'note_malformed' }, JSON.stringify(note));
  }
  const withCodeUnit = concatBytes(utf8('te'), Uint8Array.of(0xff), utf8(`xt\n\n${line}`));
  assert.throws(() => parseNote(withCodeUnit), { code: 'note_malformed' });
  assert.throws(() => formatNote({ text: 'no newline', signatures: [noise('x')] }), {
    code: 'note_malformed',
  });
});

test('size and number of signatures are bounded, and sixteen are well within', () => {
  const many = (count: number) => ({
    text: 'text\n',
    signatures: Array.from({ length: count }, (_, at) => noise(`witness-${at}`)),
  });
  assert.equal(parseNote(formatNote(many(16))).signatures.length, 16);
  assert.throws(() => formatNote(many(MAX_NOTE_SIGNATURES + 1)), { code: 'note_malformed' });
  assert.throws(() => parseNote(formatNote(many(1)), 20), { code: 'note_malformed' });
});

test('signatures by unknown keys are ignored, also under a known name', async () => {
  const stranger = signatureBy({ ...signer('x'), key: signer('log.example/log').key }, TEXT);
  const signatures = [noise('grease'), stranger, signatureBy(log, TEXT), noise('zzz')];
  const note = formatNote({ text: TEXT, signatures });
  assert.equal((await verifyNote(note, [log.key])).verified.length, 1);
  const unsigned = formatNote({ text: TEXT, signatures: [noise('grease'), stranger] });
  await assert.rejects(verifyNote(unsigned, [log.key]), { code: 'note_unsigned' });
  await assert.rejects(verifyNote(note, []), { code: 'note_unsigned' });
});

test('a bad signature by a known key condemns the note, good ones beside it or not', async () => {
  const good = signatureBy(log, TEXT);
  const bad = { ...good, blob: good.blob.with(3, (good.blob[3] ?? 0) ^ 1) };
  const short = { ...good, blob: good.blob.slice(1) };
  for (const signatures of [[bad], [good, bad], [bad, good], [short], [good, short]]) {
    const note = formatNote({ text: TEXT, signatures });
    await assert.rejects(verifyNote(note, [log.key]), { code: 'note_signature_invalid' });
  }
  const changed = formatNote({ text: TEXT, signatures: [good] }).replace('5', '6');
  await assert.rejects(verifyNote(changed, [log.key]), { code: 'note_signature_invalid' });
});

test('a key that signs twice counts once', async () => {
  const twice = [signatureBy(log, TEXT), signatureBy(log, TEXT)];
  const { verified } = await verifyNote(formatNote({ text: TEXT, signatures: twice }), [log.key]);
  assert.equal(verified.length, 1);
});

test('a cosignature counts with its time, and never as a plain signature or the reverse', async () => {
  const witness = signer('witness.example', 'cosignature');
  const cosigned = cosignatureBy(witness, TEXT, 1_800_000_000);
  const note = formatNote({ text: TEXT, signatures: [signatureBy(log, TEXT), cosigned] });
  const { verified } = await verifyNote(note, [witness.key, log.key]);
  assert.deepEqual(
    verified.map(({ timeSeconds }) => timeSeconds),
    [undefined, 1_800_000_000],
  );
  const plain = { ...signatureBy(witness, TEXT), id: witness.key.id };
  const asPlain = formatNote({ text: TEXT, signatures: [plain] });
  await assert.rejects(verifyNote(asPlain, [witness.key]), { code: 'note_signature_invalid' });
  const moved = { ...cosigned, blob: cosigned.blob.with(7, 1) };
  const asMoved = formatNote({ text: TEXT, signatures: [moved] });
  await assert.rejects(verifyNote(asMoved, [witness.key]), { code: 'note_signature_invalid' });
});

test('a receipt key never signs notes', async () => {
  const receipts = signer('log.example/log', 'receipt');
  const note = formatNote({ text: TEXT, signatures: [signatureBy(receipts, TEXT)] });
  await assert.rejects(verifyNote(note, [receipts.key]), { code: 'note_unsigned' });
});

test('key texts go both ways, and one key under two names or types has different ids', () => {
  const { publicKey } = ed25519KeyPair();
  const ids = new Set<string>();
  for (const name of ['a', 'b']) {
    for (const purpose of ['ed25519', 'cosignature', 'receipt'] as const) {
      const key = createNoteKey(name, purpose, publicKey);
      assert.deepEqual(parseVerifierKey(formatVerifierKey(key)), key);
      ids.add(String(key.id));
    }
  }
  assert.equal(ids.size, 6);
});

test('a key text with a wrong id, type, size or name is refused', () => {
  const text = formatVerifierKey(log.key);
  const [name = '', id = ''] = text.split('+');
  const bad = [
    '',
    'name',
    `${name}+${id}`,
    `${name}+${id}+`,
    `x${text}`,
    text.slice(0, -4),
    `${text}AAAA`,
    text.replace(id, '00000000'),
    text.replace(id, id.toUpperCase().replace(/^\d+$/, 'A')),
    `${name}+${id}+${encodeBase64(concatBytes(Uint8Array.of(2), log.key.publicKey))}`,
    `+${id}+${encodeBase64(concatBytes(Uint8Array.of(1), log.key.publicKey))}`,
  ];
  for (const candidate of bad) {
    assert.throws(() => parseVerifierKey(candidate), { code: 'vkey_malformed' }, candidate);
  }
  for (const bad of ['', 'a b', 'a+b', 'a\u2003b', 'a\u0085b', 'x'.repeat(256)]) {
    assert.throws(() => createNoteKey(bad, 'ed25519', log.key.publicKey), {
      code: 'vkey_malformed',
    });
  }
  assert.throws(() => createNoteKey('a', 'ed25519', new Uint8Array(31)), {
    code: 'vkey_malformed',
  });
});
