import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { publishCheckpoint, TestCosigner } from '../testing/test-cosigner.ts';
import { parseTlogPolicy } from './tlog-policy.ts';
import { verifyWitnessedCheckpoint } from './verify-witnessed.ts';

const ORIGIN = 'log.example/log';
const AT = 1_800_000_000;
const checkpoint = { origin: ORIGIN, size: 5, root: new Uint8Array(32).fill(3) };
const log = new TestCosigner(ORIGIN, 'ed25519');
const [first, second, third] = [
  new TestCosigner('witness.example/1'),
  new TestCosigner('witness.example/2', 'mldsa44'),
  new TestCosigner('witness.example/3'),
];
const policy = parseTlogPolicy(
  [
    `witness a ${first.keyText}`,
    `witness b ${second.keyText}`,
    `witness c ${third.keyText}`,
    'group two 2 a b c',
    'quorum two\n',
  ].join('\n'),
);
const request = { origin: ORIGIN, logKey: log.key, policy };

describe('a witnessed checkpoint', () => {
  it('is signed by its log and by a quorum, and says as of when', async () => {
    const note = publishCheckpoint(checkpoint, log, [
      [first, AT + 9],
      [second, AT],
      [third, AT + 4],
    ]);
    const verified = await verifyWitnessedCheckpoint(note, request);
    assert.equal(verified.size, 5);
    assert.equal(verified.witnessedMs, (AT + 4) * 1000, 'two of three had seen it by then');
    assert.equal(verified.verified.length, 4);
  });

  it('is refused with too few witnesses, with strangers, or with one witness twice', async () => {
    const stranger = new TestCosigner('stranger.example');
    const notes = [
      publishCheckpoint(checkpoint, log),
      publishCheckpoint(checkpoint, log, [[first, AT]]),
      publishCheckpoint(checkpoint, log, [
        [first, AT],
        [first, AT + 1],
        [stranger, AT],
      ]),
    ];
    for (const note of notes) {
      await assert.rejects(verifyWitnessedCheckpoint(note, request), {
        code: 'checkpoint_unwitnessed',
      });
    }
  });

  it('needs the log itself: witnesses alone make none', async () => {
    const note = publishCheckpoint(checkpoint, first, [
      [second, AT],
      [third, AT],
    ]);
    await assert.rejects(verifyWitnessedCheckpoint(note, request), { code: 'note_unsigned' });
    const foreign = publishCheckpoint({ ...checkpoint, origin: 'other.example' }, log, [
      [first, AT],
      [second, AT],
    ]);
    await assert.rejects(verifyWitnessedCheckpoint(foreign, request), {
      code: 'checkpoint_origin_mismatch',
    });
  });

  it('is too old when its quorum is, however fresh a single witness', async () => {
    const note = publishCheckpoint(checkpoint, log, [
      [first, AT],
      [second, AT - 60],
    ]);
    const since = (seconds: number) => ({ ...request, notOlderThanMs: seconds * 1000 });
    assert.ok(await verifyWitnessedCheckpoint(note, since(AT - 60)));
    await assert.rejects(verifyWitnessedCheckpoint(note, since(AT - 59)), {
      code: 'checkpoint_unwitnessed',
    });
  });

  it('counts a signature without a time towards the quorum, but not towards its age', async () => {
    const note = publishCheckpoint(checkpoint, log, [
      [first, AT],
      [second, 0],
    ]);
    const { witnessedMs } = await verifyWitnessedCheckpoint(note, request);
    assert.equal(witnessedMs, undefined);
    await assert.rejects(verifyWitnessedCheckpoint(note, { ...request, notOlderThanMs: 1 }), {
      code: 'checkpoint_unwitnessed',
    });
  });

  it('needs no witness when the quorum is none, and then has no age', async () => {
    const none = { ...request, policy: parseTlogPolicy('quorum none\n') };
    const note = publishCheckpoint(checkpoint, log);
    assert.equal((await verifyWitnessedCheckpoint(note, none)).witnessedMs, undefined);
  });

  it('is condemned by a bad signature of a known witness', async () => {
    const note = publishCheckpoint(checkpoint, log, [
      [first, AT],
      [second, AT],
    ]);
    const bad = note.replace(
      /(witness\.example\/1 \S{40})(.)/,
      (_, before, letter) => `${before}${letter === 'A' ? 'B' : 'A'}`,
    );
    assert.notEqual(bad, note);
    await assert.rejects(verifyWitnessedCheckpoint(bad, request), {
      code: 'note_signature_invalid',
    });
  });
});
