// The cases that every reader of signed notes and checkpoints must get right, one test a case, by
// name (C2SP signed-note, tlog-checkpoint, tlog-cosignature). GREASE, sizes of blobs and confusion of
// types are in cosigned-note.test.ts.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeBase64 } from '../bytes/base64.ts';
import { concatBytes, utf8 } from '../bytes/join-bytes.ts';
import { openReceiptLog } from '../receipt/verify-receipt.ts';
import { publishCheckpoint, TestCosigner } from '../testing/test-cosigner.ts';
import { TestLog } from '../testing/test-log.ts';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { parseNote } from './parse-note.ts';
import { verifyCheckpoint } from './verify-checkpoint.ts';
import { verifyNote } from './verify-note.ts';

const ORIGIN = 'log.example/log';
const AT = 1_800_000_000;
const log = new TestCosigner(ORIGIN, 'ed25519');
const witness = new TestCosigner('witness.example');
const checkpoint = { origin: ORIGIN, size: 5, root: new Uint8Array(32).fill(251) };
const NOTE = publishCheckpoint(checkpoint, log);
const [BLOB = ''] = NOTE.split(' ').slice(-1);

describe('a note', () => {
  const spoilt: Record<string, (note: string) => string | Uint8Array> = {
    'a hyphen in place of the em dash': (note) => note.replace('— ', '- '),
    'an en dash in place of the em dash': (note) => note.replace('— ', '– '),
    'no space after the em dash': (note) => note.replace('— ', '—'),
    'a body that does not end in a newline': (note) => note.replace('\n\n', '\n'),
    'no final newline': (note) => note.slice(0, -1),
    'an empty line at its end': (note) => `${note}\n`,
    'text after its signatures': (note) => `${note}more\n`,
    'carriage returns': (note) => note.replaceAll('\n', '\r\n'),
    'a carriage return in its text': (note) => note.replace('log', 'l\rog'),
    'a tab': (note) => note.replace('log', 'l\tog'),
    'a NUL': (note) => note.replace('log', 'l\u0000og'),
    'an escape': (note) => note.replace('log', 'l\u001bog'),
    'a DEL': (note) => note.replace('log', 'l\u007fog'),
    'bytes that are not UTF-8': (note) => concatBytes(utf8(note), Uint8Array.of(0xc0, 0x80)),
    'a plus in a name': (note) => note.replace(`— ${ORIGIN}`, `— ${ORIGIN}+1`),
    'a no-break space in a name': (note) => note.replace(`— ${ORIGIN}`, `— ${ORIGIN}\u00a0`),
    'a next-line character in a name': (note) => note.replace(`— ${ORIGIN}`, '— a\u0085b'),
    'an ideographic space in a name': (note) => note.replace(`— ${ORIGIN}`, '— a\u3000b'),
    'an empty name': (note) => note.replace(`— ${ORIGIN}`, '— '),
    'base64url in a signature': (note) => note.replace(BLOB, urlSafe(BLOB)),
    'base64 without its padding': (note) => note.replace(/=+\n$/, '\n'),
    'base64 with a space in it': (note) =>
      note.replace(BLOB, `${BLOB.slice(0, 9)} ${BLOB.slice(9)}`),
    'base64 with loose last bits': (note) => note.replace(BLOB, `${'A'.repeat(6)}B=\n`),
    'a signature of its id alone': (note) => note.replace(BLOB, 'AAAAAA==\n'),
    'no signature at all': (note) => note.slice(0, note.indexOf('—')),
  };
  for (const [what, spoil] of Object.entries(spoilt)) {
    it(`is malformed with ${what}`, () => {
      const note = spoil(NOTE);
      assert.notDeepEqual(note, NOTE);
      assert.throws(() => parseNote(note), { code: 'note_malformed' });
    });
  }

  it('is split at its last empty line', async () => {
    const text = 'first\n\nsecond\n';
    const note = `${text}\n— x ${encodeBase64(new Uint8Array(68))}\n`;
    assert.equal(parseNote(note).text, text);
  });

  it('by a known name with another id is by an unknown key', async () => {
    const namesake = new TestCosigner(ORIGIN, 'ed25519');
    const both = `${NOTE}${publishCheckpoint(checkpoint, namesake).split('\n\n')[1]}`;
    assert.equal((await verifyNote(both, [log.key])).verified.length, 1);
    await assert.rejects(verifyNote(publishCheckpoint(checkpoint, namesake), [log.key]), {
      code: 'note_unsigned',
    });
  });

  it('with a bad signature by a known key is refused, good ones beside it or not', async () => {
    const bad = NOTE.replace('\n5\n', '\n6\n');
    const lines = publishCheckpoint({ ...checkpoint, size: 6 }, log, [[witness, AT]]);
    const cosignature = lines.split('\n').at(-2);
    await assert.rejects(verifyNote(`${bad}${cosignature}\n`, [log.key, witness.key]), {
      code: 'note_signature_invalid',
    });
  });
});

describe('a checkpoint', () => {
  it('of a root that is not exactly 32 bytes is malformed', () => {
    for (const size of [0, 31, 33, 64]) {
      const text = `${ORIGIN}\n5\n${encodeBase64(new Uint8Array(size))}\n`;
      assert.throws(() => parseCheckpoint(text), { code: 'checkpoint_malformed' });
    }
  });

  it('is compared by its origin line, not only by its key', async () => {
    const foreign = publishCheckpoint({ ...checkpoint, origin: 'other.example' }, log);
    await assert.rejects(verifyCheckpoint(foreign, ORIGIN, log.key), {
      code: 'checkpoint_origin_mismatch',
    });
  });

  it('keeps its extension lines, so that cosignatures over them verify', async () => {
    const extensions = ['first extension', '— looks like a signature'];
    const note = publishCheckpoint({ ...checkpoint, extensions }, log, [[witness, AT]]);
    const verified = await verifyCheckpoint(note, ORIGIN, log.key, [witness.key]);
    assert.deepEqual([verified.extensions, verified.verified.length], [extensions, 2]);
    const without = note.replace('first extension\n', '');
    await assert.rejects(verifyCheckpoint(without, ORIGIN, log.key, [witness.key]), {
      code: 'note_signature_invalid',
    });
    assert.equal(parseNote(note).text, formatCheckpoint({ ...checkpoint, extensions }));
  });

  it('is not signed by receipt keys, and checkpoint and witness keys make no receipts', async () => {
    const { origin, receiptKey, checkpointKey } = new TestLog();
    await assert.rejects(verifyCheckpoint(NOTE, ORIGIN, receiptKey), { code: 'note_unsigned' });
    for (const key of [checkpointKey, log.key, { ...witness.key, name: origin }]) {
      await assert.rejects(openReceiptLog(origin, key), { code: 'vkey_malformed' });
    }
  });
});

function urlSafe(text: string): string {
  const safe = text.replaceAll('+', '-').replaceAll('/', '_');
  return safe === text ? `${'_'.repeat(4)}${text.slice(4)}` : safe;
}
