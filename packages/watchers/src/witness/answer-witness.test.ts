import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { after, describe, it } from 'node:test';
import {
  concatBytes,
  cosignedMessage,
  createNoteKey,
  decodeBase64url,
  EMPTY_ROOT,
  encodeBase64,
  formatCheckpoint,
  parseCheckpoint,
  parseNote,
  parseVerifierKey,
  proveConsistency,
  utf8,
  verifyNote,
} from '@countersign/verifier';
import { ManualClock } from '@countersign/vocabulary';
import fc from 'fast-check';
import { TinyLog } from '../testing/tiny-log.ts';
import { formatRequest, post, requestBody, TestFolder, textOf } from '../testing/witness-folder.ts';
import { answerWitness } from './answer-witness.ts';
import { hashOrigin } from './hash-origin.ts';
import { openWitness, type Witness } from './open-witness.ts';
import { MAX_BODY_BYTES } from './parse-request.ts';

const folders: TestFolder[] = [];
const witnesses: Witness[] = [];
after(async () => {
  for (const witness of witnesses) await witness.close();
  for (const folder of folders) folder.delete();
});

async function newWitness(log: TinyLog, clock = new ManualClock()): Promise<Witness> {
  const folder = new TestFolder();
  folders.push(folder);
  const witness = await openWitness({
    folder: folder.path,
    logs: [log.key],
    make: { name: 'witness.example/w1' },
    clock,
  });
  witnesses.push(witness);
  return witness;
}

async function expectRefusal(witness: Witness, body: string | Uint8Array, expected: string) {
  const answer = await post(witness, body);
  const [code] = textOf(answer).split(':');
  assert.equal(`${answer.status} ${code}`, expected);
  assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
  return answer;
}

describe('a witness', () => {
  it('cosigns what grows, with both keys, as of the second it was asked', async () => {
    const log = new TinyLog().grow(300);
    const clock = new ManualClock(1_800_000_000_999);
    const witness = await newWitness(log, clock);
    const keys = Object.values(witness.keys).map(parseVerifierKey);
    let old = 0;
    for (const size of [1, 2, 7, 256, 256, 300]) {
      clock.advanceMs(1000);
      const answer = await post(witness, requestBody(log, old, size));
      assert.equal(answer.status, 200, textOf(answer));
      const { verified } = await verifyNote(`${log.text(size)}\n${textOf(answer)}`, keys);
      assert.deepEqual(
        verified.map(({ key, timeSeconds }) => [key.purpose, timeSeconds]),
        [
          ['cosignature', Math.floor(clock.nowMs() / 1000)],
          ['mldsa44', Math.floor(clock.nowMs() / 1000)],
        ],
      );
      old = size;
    }
    assert.deepEqual(witness.logs, [{ origin: log.origin, size: 300 }]);
  });

  it('shows the latest checkpoint of a log, signed by the log and by itself', async () => {
    const log = new TinyLog().grow(5);
    const witness = await newWitness(log);
    const path = `/${hashOrigin(log.origin)}/checkpoint`;
    const read = (method = 'GET', from = path) =>
      answerWitness(witness, { method, path: from, body: new Uint8Array(0) });
    assert.equal((await read()).status, 404);
    await post(witness, requestBody(log, 0, 3));
    await post(witness, requestBody(log, 3, 5));
    const answer = await read();
    assert.equal(answer.status, 200);
    const keys = [log.key, ...Object.values(witness.keys).map(parseVerifierKey)];
    const { text, verified } = await verifyNote(textOf(answer), keys);
    assert.equal(text, log.text(5));
    assert.equal(verified.length, 3);
    for (const [method, from, status] of [
      ['HEAD', path, 200],
      ['POST', path, 405],
      ['PUT', '/add-checkpoint', 405],
      ['GET', '/add-checkpoint', 405],
      ['GET', '/', 404],
      ['GET', path.toUpperCase(), 404],
      ['GET', `/${'0'.repeat(64)}/checkpoint`, 404],
      ['POST', '/add-checkpoint/', 404],
      ['POST', '/add-checkpoint?x=1', 404],
      ['GET', `${path}/..`, 404],
    ] as const) {
      assert.equal((await read(method, from)).status, status, `${method} ${from}`);
    }
  });

  it('answers 409 and the size it holds to whoever starts from another', async () => {
    const log = new TinyLog().grow(20);
    const witness = await newWitness(log);
    await post(witness, requestBody(log, 0, 10));
    for (const old of [0, 9, 11, 20]) {
      const answer = await post(witness, requestBody(log, old, 20));
      assert.equal(answer.status, 409);
      assert.equal(answer.headers['content-type'], 'text/x.tlog.size');
      assert.equal(textOf(answer), '10\n');
    }
    assert.equal((await post(witness, requestBody(log, 10, 20))).status, 200);
    assert.equal(textOf(await post(witness, requestBody(log, 0, 5))), '20\n');
  });

  it('has a code and a status for every malformed request', async () => {
    const log = new TinyLog().grow(8);
    const witness = await newWitness(log);
    const note = log.checkpoint();
    const hash = encodeBase64(new Uint8Array(32));
    const good = `old 0\n\n${note}`;
    const cases: [string, string | Uint8Array][] = [
      ['400 body_malformed', ''],
      ['400 body_malformed', 'old 0\n'],
      ['400 body_malformed', concatBytes(utf8(good), Uint8Array.of(0xff))],
      ['400 old_size_malformed', good.replace('old 0', 'old')],
      ['400 old_size_malformed', good.replace('old 0', 'old  0')],
      ['400 old_size_malformed', good.replace('old 0', 'old 00')],
      ['400 old_size_malformed', good.replace('old 0', 'old 01')],
      ['400 old_size_malformed', good.replace('old 0', 'old +1')],
      ['400 old_size_malformed', good.replace('old 0', 'old -1')],
      ['400 old_size_malformed', good.replace('old 0', 'old 0 ')],
      ['400 old_size_malformed', good.replace('old 0', 'Old 0')],
      ['400 old_size_malformed', good.replace('old 0', 'old 0\r')],
      ['400 old_size_malformed', good.replace('old 0', 'old 9007199254740992')],
      ['400 old_size_malformed', good.replace('old 0', 'old 18446744073709551616')],
      ['400 old_size_malformed', good.replace('old 0', `${hash}\nold 0`)],
      ['400 old_size_malformed', `\n${good}`],
      ['400 proof_malformed', `old 1\n${hash.slice(0, -1)}\n\n${note}`],
      ['400 proof_malformed', `old 1\n${hash.replace('=', '')}\n\n${note}`],
      ['400 proof_malformed', `old 1\n${encodeBase64(new Uint8Array(31))}\n\n${note}`],
      ['400 proof_malformed', `old 1\n${encodeBase64(new Uint8Array(33))}\n\n${note}`],
      ['400 proof_malformed', `old 1\n${hash} \n\n${note}`],
      ['400 proof_malformed', `old 1\n${hash}\r\n\n${note}`],
      ['400 proof_too_long', `old 1\n${`${hash}\n`.repeat(64)}\n${note}`],
      ['400 checkpoint_malformed', `old 0\n\n${note.slice(0, -1)}`],
      ['400 checkpoint_malformed', `old 0\n\n${log.text()}`],
      ['400 checkpoint_malformed', `old 0\n\n${log.signed('log.example/log\n08\nAAAA\n')}`],
      ['400 checkpoint_malformed', `old 0\n\n${log.signed('log.example/log\n8\n')}`],
      ['400 checkpoint_malformed', `old 0\n\n\n${note}`],
      ['400 checkpoint_malformed', `old 0\n\n${note.replace('—', '-')}`],
      [
        '400 checkpoint_malformed',
        `old 0\n\n${log.signed(log.text().replace('\n8\n', '\n9007199254740992\n'))}`,
      ],
      ['400 old_size_too_large', formatRequest(9, [], note)],
      ['413 body_too_large', new Uint8Array(MAX_BODY_BYTES + 1)],
    ];
    for (const [expected, body] of cases) await expectRefusal(witness, body, expected);
    assert.equal((await post(witness, good)).status, 200);
  });

  it('knows no log but those it was told of, by 404', async () => {
    const log = new TinyLog().grow(1);
    const witness = await newWitness(log);
    const other = new TinyLog('other.example/log').grow(1);
    await expectRefusal(witness, requestBody(other, 0, 1), '404 origin_unknown');
    const inDisguise = new TinyLog('other.example/log', log.pair).grow(1);
    await expectRefusal(witness, requestBody(inDisguise, 0, 1), '404 origin_unknown');
  });

  it('answers 403 to a checkpoint that its log did not sign', async () => {
    const log = new TinyLog().grow(4);
    const witness = await newWitness(log);
    const stranger = new TinyLog(log.origin).grow(4);
    await expectRefusal(witness, requestBody(stranger, 0, 4), '403 signature_missing');
    const altered = requestBody(log, 0, 4).replace('\n4\n', '\n5\n');
    await expectRefusal(witness, altered, '403 signature_invalid');
    log.cosign = () => [{ name: 'grease', id: Uint8Array.of(1, 2, 3, 4), blob: new Uint8Array(9) }];
    assert.equal((await post(witness, requestBody(log, 0, 4))).status, 200);
  });

  it('knows a log by its ML-DSA-44 key as well as by its Ed25519 key', async () => {
    const log = new TinyLog().grow(6);
    const { privateKey, publicKey } = generateKeyPairSync('ml-dsa-44');
    const { pub } = publicKey.export({ format: 'jwk' }) as { pub?: string };
    const raw = decodeBase64url(pub ?? '') ?? assert.fail();
    const key = createNoteKey(log.origin, 'mldsa44', raw);
    log.cosign = (text) => {
      const { size, root } = parseCheckpoint(text);
      const tree = cosignedMessage(log.origin, log.origin, { start: 0, end: size }, root);
      const blob = concatBytes(new Uint8Array(8), sign(null, tree, privateKey));
      return [{ name: key.name, id: key.id, blob }];
    };
    for (const logs of [[key], [log.key, key]]) {
      const folder = new TestFolder();
      folders.push(folder);
      const make = { name: 'witness.example/w1' };
      const witness = await openWitness({ folder: folder.path, logs, make });
      witnesses.push(witness);
      assert.equal((await post(witness, requestBody(log, 0, 6))).status, 200);
      const latest = witness.latest(hashOrigin(log.origin)) ?? assert.fail();
      assert.equal(parseNote(latest).signatures.length, logs.length + 2);
      const stranger = new TinyLog(log.origin).grow(7);
      await expectRefusal(witness, requestBody(stranger, 6, 7), '403 signature_missing');
    }
  });

  it('answers 422 to a proof that does not lead there', async () => {
    const log = new TinyLog().grow(40);
    const witness = await newWitness(log);
    const hash = new Uint8Array(32);
    await expectRefusal(witness, formatRequest(0, [hash], log.checkpoint(10)), '422 proof_invalid');
    await post(witness, requestBody(log, 0, 10));
    const proof = proveConsistency({ start: 0, end: 10 }, 40, log.node);
    for (const wrong of [
      [],
      proof.slice(1),
      proof.slice(0, -1),
      [...proof, hash],
      proof.toReversed(),
      Array.from({ length: 63 }, () => hash),
    ]) {
      const body = formatRequest(10, wrong, log.checkpoint(40));
      await expectRefusal(witness, body, '422 proof_invalid');
    }
    const same = formatRequest(10, proof, log.checkpoint(10));
    await expectRefusal(witness, same, '422 proof_invalid');
    assert.equal((await post(witness, requestBody(log, 10, 40))).status, 200);
  });

  it('answers 422 to another root of a size it knows, and to an empty tree with one', async () => {
    const log = new TinyLog().grow(10);
    const witness = await newWitness(log);
    const text = (root: Uint8Array) =>
      log.signed(formatCheckpoint({ origin: log.origin, size: 0, root, extensions: [] }));
    const full = formatRequest(0, [], text(new Uint8Array(32)));
    await expectRefusal(witness, full, '422 root_not_empty');
    assert.equal((await post(witness, formatRequest(0, [], text(EMPTY_ROOT)))).status, 200);
    await post(witness, requestBody(log, 0, 10));
    const other = log.fork(9).grow(1, 'other');
    await expectRefusal(witness, requestBody(other, 10, 10), '422 root_differs');
    assert.equal((await post(witness, requestBody(log, 10, 10))).status, 200);
  });

  it('never cosigns two trees that contradict each other, whatever it is sent', async () => {
    const step = fc.record({
      fork: fc.boolean(),
      old: fc.integer({ min: -1, max: 24 }),
      size: fc.integer({ min: 0, max: 24 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const log = new TinyLog().grow(24);
        const fork = log.fork(6).grow(18, 'other');
        const witness = await newWitness(log);
        let held = 0;
        const signed = new Map<number, string>();
        for (const { fork: lies, old, size } of steps) {
          const from = Math.min(old < 0 ? held : old, size);
          const teller = lies ? fork : log;
          const answer = await post(witness, requestBody(teller, from, size));
          if (answer.status !== 200) continue;
          const root = encodeBase64(teller.root(size));
          assert.equal(signed.get(size) ?? root, root);
          signed.set(size, root);
          assert.ok(size >= held);
          held = size;
        }
        const roots = [...signed];
        const of = (teller: TinyLog) =>
          roots.every(([size, root]) => root === encodeBase64(teller.root(size)));
        assert.ok(of(log) || of(fork), 'cosigned on both branches');
      }),
      { numRuns: 40 },
    );
  });
});
