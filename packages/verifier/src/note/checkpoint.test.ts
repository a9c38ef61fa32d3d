import assert from 'node:assert/strict';
import { sign } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { utf8 } from '../bytes/join-bytes.ts';
import { TestLog } from '../testing/test-log.ts';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { formatNote } from './parse-note.ts';
import { verifyCheckpoint } from './verify-checkpoint.ts';

const ROOT = new Uint8Array(32).fill(3);
const log = new TestLog('log.example/log');

function publish(text: string, by = log): string {
  const { name, id } = by.checkpointKey;
  const blob = sign(null, utf8(text), by.checkpointPrivateKey);
  return formatNote({ text, signatures: [{ name, id, blob }] });
}

test('a checkpoint says what was written, for any size up to 2^53-1', () => {
  const extension = fc.string({ unit: fc.constantFrom('a', ' ', 'é'), minLength: 1 });
  fc.assert(
    fc.property(
      fc.maxSafeNat(),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.array(extension),
      (size, root, extensions) => {
        const checkpoint = { origin: 'log.example/log', size, root, extensions };
        assert.deepEqual(parseCheckpoint(formatCheckpoint(checkpoint)), checkpoint);
      },
    ),
  );
});

test('a size that is not a plain decimal number is refused', () => {
  const text = (size: string) =>
    formatCheckpoint({ origin: 'a', size: 1, root: ROOT, extensions: [] }).replace(
      '\n1\n',
      `\n${size}\n`,
    );
  for (const size of [
    '01',
    '+1',
    '-1',
    ' 1',
    '1 ',
    '',
    '1e3',
    '0x1',
    '１',
    '99999999999999999999',
  ]) {
    assert.throws(() => parseCheckpoint(text(size)), { code: 'checkpoint_malformed' }, size);
  }
  for (const size of ['9007199254740992', '9223372036854775807']) {
    assert.throws(() => parseCheckpoint(text(size)), { code: 'number_out_of_range' }, size);
  }
  assert.equal(parseCheckpoint(text('9007199254740991')).size, 2 ** 53 - 1);
});

test('a root of another size or spelling, an empty line and a missing one are refused', () => {
  const sound = formatCheckpoint({ origin: 'a', size: 1, root: ROOT, extensions: ['x'] });
  const [, , root = ''] = sound.split('\n');
  const bad = [
    '',
    'a\n1\n',
    `a\n1\n${root}`,
    `\n1\n${root}\n`,
    `a\n1\n${root.slice(0, -4)}\n`,
    `a\n1\n${root.replace('=', '')}\n`,
    `a\n1\n${root}\n\n`,
    `a\n1\n${root}\nx\n\ny\n`,
  ];
  for (const text of bad) {
    assert.throws(
      () => parseCheckpoint(text),
      { code: 'checkpoint_malformed' },
      JSON.stringify(text),
    );
  }
  for (const broken of [
    { origin: 'a\nb' },
    { extensions: ['x\ny'] },
    { root: new Uint8Array(31) },
  ]) {
    const checkpoint = { origin: 'a', size: 1, root: ROOT, extensions: [], ...broken };
    assert.throws(() => formatCheckpoint(checkpoint), { code: 'checkpoint_malformed' });
  }
});

test("a checkpoint is this log's only by its key and its origin line", async () => {
  const text = formatCheckpoint({ origin: log.origin, size: 5, root: ROOT, extensions: [] });
  const checkpoint = await verifyCheckpoint(publish(text), log.origin, log.checkpointKey);
  assert.equal(checkpoint.size, 5);
  const foreign = formatCheckpoint({ origin: 'other/log', size: 5, root: ROOT, extensions: [] });
  await assert.rejects(verifyCheckpoint(publish(foreign), log.origin, log.checkpointKey), {
    code: 'checkpoint_origin_mismatch',
  });
  const stranger = publish(text, new TestLog('log.example/log'));
  await assert.rejects(verifyCheckpoint(stranger, log.origin, log.checkpointKey), {
    code: 'note_unsigned',
  });
});

test('a witness alone does not make a checkpoint', async () => {
  const text = formatCheckpoint({ origin: log.origin, size: 5, root: ROOT, extensions: [] });
  const witness = new TestLog('witness.example');
  const note = publish(text, witness);
  await assert.rejects(
    verifyCheckpoint(note, log.origin, log.checkpointKey, [witness.checkpointKey]),
    { code: 'note_unsigned' },
  );
});
