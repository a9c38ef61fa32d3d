import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeBase64url } from '../bytes/base64.ts';
import { type LogToken, TestLog } from '../testing/test-log.ts';
import { decodeReceipt, encodeReceipt } from './encode-receipt.ts';
import { createSubtreeCache, openReceiptLog, verifyReceipt } from './verify-receipt.ts';

const TAGS = { user: new Uint8Array(16).fill(7), instance: new Uint8Array(8).fill(9) };

function tokenNumber(at: number, tagged = false): LogToken {
  return {
    iss: 'https://id.example/acme/workforce',
    kid: 'key-1',
    alg: 'ES256',
    typ: at % 3 === 0 ? 'JWT' : 'at+jwt',
    payloadSegment: encodeBase64url(new TextEncoder().encode(`{"jti":"${at}"}`)),
    expiresAtSeconds: 1_800_000_600 + at,
    issuedMs: 1_800_000_000_000 + at,
    ...(tagged ? { tags: TAGS } : {}),
  };
}

test('a receipt for one token or for a batch of any size is good for its token', async () => {
  const log = new TestLog();
  const logs = [await openReceiptLog(log.origin, log.receiptKey)];
  for (const count of [1, 2, 16, 64]) {
    const tokens = Array.from({ length: count }, (_, at) => tokenNumber(at, count === 2));
    const subtrees = createSubtreeCache();
    const receipts = log.append(tokens);
    for (const [at, token] of tokens.entries()) {
      const verdict = await verifyReceipt(receipts[at] ?? new Uint8Array(), token, logs, {
        subtrees,
      });
      assert.ok(verdict.ok);
      assert.deepEqual(verdict.leafHash, log.leafHashes[verdict.index]);
      assert.equal(verdict.issuedMs, token.issuedMs);
    }
  }
});

test('a good receipt is refused for a token that differs in any committed fact', async () => {
  const log = new TestLog();
  const logs = [await openReceiptLog(log.origin, log.receiptKey)];
  const token = tokenNumber(1);
  const [receipt = new Uint8Array()] = log.append([token]);
  const others: Partial<LogToken>[] = [
    { iss: 'https://id.example/acme/customer' },
    { kid: 'key-2' },
    { alg: 'EdDSA' },
    { typ: 'JWT' },
    { payloadSegment: `${token.payloadSegment}A` },
    { expiresAtSeconds: token.expiresAtSeconds + 1 },
  ];
  for (const change of others) {
    const verdict = await verifyReceipt(receipt, { ...token, ...change }, logs);
    assert.ok(!verdict.ok && verdict.code === 'receipt_invalid', JSON.stringify(change));
  }
});

test('a receipt of a log that is not trusted is told apart from a false one', async () => {
  const log = new TestLog();
  const stranger = new TestLog();
  const logs = [await openReceiptLog(log.origin, log.receiptKey)];
  const token = tokenNumber(1);
  const [receipt = new Uint8Array()] = stranger.append([token]);
  const verdict = await verifyReceipt(receipt, token, logs);
  assert.ok(!verdict.ok && verdict.code === 'receipt_key_unknown');
  const none = await verifyReceipt(receipt, token, []);
  assert.ok(!none.ok && none.code === 'receipt_key_unknown');
});

test('only the receipt key of a log, by the name of the log, checks receipts', async () => {
  const log = new TestLog();
  await assert.rejects(openReceiptLog(log.origin, log.checkpointKey), { code: 'vkey_malformed' });
  await assert.rejects(openReceiptLog('other/log', log.receiptKey), { code: 'vkey_malformed' });
});

test('a receipt decodes to what was encoded, and the plain one has 83 bytes', () => {
  const log = new TestLog();
  const [plain = new Uint8Array()] = log.append([tokenNumber(1)]);
  const [tagged = new Uint8Array()] = log.append([tokenNumber(1, true)]);
  assert.equal(plain.length, 83);
  assert.equal(tagged.length, 83 + 25);
  assert.deepEqual(encodeReceipt(decodeReceipt(plain)), plain);
  assert.deepEqual(encodeReceipt(decodeReceipt(tagged)), tagged);
  assert.deepEqual(decodeReceipt(tagged).tags, TAGS);
});

test('a receipt over more than 4,096 leaves, or with a proof that does not fit, is malformed', () => {
  const log = new TestLog();
  const [bytes = new Uint8Array()] = log.append([tokenNumber(1)]);
  const receipt = decodeReceipt(bytes);
  const hash = new Uint8Array(32);
  const thirteen = { ...receipt, log2Span: 13, proof: Array.from({ length: 13 }, () => hash) };
  assert.throws(() => encodeReceipt(thirteen), { code: 'receipt_malformed' });
  assert.throws(() => encodeReceipt({ ...receipt, proof: [hash] }), { code: 'receipt_malformed' });
  const twelve = { ...receipt, log2Span: 12, proof: Array.from({ length: 12 }, () => hash) };
  assert.equal(decodeReceipt(encodeReceipt(twelve)).proof.length, 12);
});
