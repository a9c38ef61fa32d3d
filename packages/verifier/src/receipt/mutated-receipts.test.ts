// No receipt but the one that the log gave is accepted for a token: every bit of every byte, every
// element of the path, span, index, tags and signature, with a warm memory of verified batches and
// without one; and the genuine receipts stay good all the while.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeBase64url } from '../bytes/base64.ts';
import { subtreeHashFromPath } from '../merkle/verify-inclusion.ts';
import { type LogToken, TestLog } from '../testing/test-log.ts';
import { decodeReceipt, encodeReceipt, type Receipt, receiptSubtree } from './encode-receipt.ts';
import {
  createSubtreeCache,
  openReceiptLog,
  type ReceiptLog,
  rebuildLeafHash,
  verifyReceipt,
} from './verify-receipt.ts';

const TAGS = { user: new Uint8Array(16).fill(7), instance: new Uint8Array(8).fill(9) };
/** Order of the group of Ed25519, little-endian: S and S + L would be two spellings of one signature. */
const GROUP_ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

function tokenNumber(at: number, tagged: boolean): LogToken {
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

/** Every bit of every byte, one at a time. */
function flips(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length * 8 }, (_, at) => {
    const place = Math.floor(at / 8);
    return bytes.with(place, (bytes[place] ?? 0) ^ (1 << (at % 8)));
  });
}

function resized(bytes: Uint8Array): Uint8Array[] {
  const cut = [0, 1, 4, 82, bytes.length - 32, bytes.length - 1].map((end) => bytes.slice(0, end));
  const grown = [1, 25, 32, 64].map((more) => {
    const longer = new Uint8Array(bytes.length + more);
    longer.set(bytes);
    return longer;
  });
  return [...cut.filter((part) => part.length !== bytes.length), ...grown];
}

/** Well-formed receipts in which one thing is another. */
function forged(genuine: Receipt, neighbour: Receipt, stranger: Receipt, foreignKeyId: Uint8Array) {
  const { proof, log2Span, index, issuedMs, signature, tags } = genuine;
  const zero = new Uint8Array(32);
  const span = 2 ** log2Span;
  const start = index - (index % span);
  const paths = proof.flatMap((hash, at) => [
    proof.with(at, zero),
    proof.with(at, neighbour.proof[at] ?? zero),
    proof.with(at, stranger.proof[at] ?? zero),
    proof.with(at, Uint8Array.from(hash.toReversed())),
    proof.with(at, proof[(at + 1) % proof.length] ?? zero),
  ]);
  const spans = [
    { log2Span: log2Span + 1, proof: [...proof, zero] },
    { log2Span: log2Span + 1, proof: [...proof, proof.at(-1) ?? zero] },
    { log2Span: 12, proof: Array.from({ length: 12 }, (_, at) => proof[at] ?? zero) },
    { log2Span: 0, proof: [] },
    ...(log2Span === 0
      ? []
      : [
          { log2Span: log2Span - 1, proof: proof.slice(1) },
          { log2Span: log2Span - 1, proof: proof.slice(0, -1) },
        ]),
  ];
  const everyOther = Array.from({ length: Math.min(span, 32) }, (_, at) => start + at);
  const indexes = [...everyOther, start + span, index + 2 ** 32, 0, 2 ** 48 - 1];
  const signatures = [
    neighbour.signature,
    stranger.signature,
    new Uint8Array(64),
    new Uint8Array(64).fill(255),
    Uint8Array.from([...signature.subarray(32), ...signature.subarray(0, 32)]),
    respelt(signature),
  ];
  const changes: Partial<Receipt>[] = [
    ...paths.map((proof) => ({ proof })),
    ...spans,
    ...indexes.map((index) => ({ index })),
    ...signatures.map((signature) => ({ signature })),
    ...[issuedMs - 1, issuedMs + 1, 0, 2 ** 48 - 1].map((issuedMs) => ({ issuedMs })),
    { tags: tags === undefined ? TAGS : undefined },
    { tags: { ...TAGS, user: new Uint8Array(16) } },
    { tags: { ...TAGS, instance: new Uint8Array(8) } },
    { keyId: foreignKeyId },
    { keyId: new Uint8Array(4) },
  ];
  const genuineBytes = String(encodeReceipt(genuine));
  return changes
    .map((change) => encodeReceipt({ ...genuine, ...change }))
    .filter((bytes) => String(bytes) !== genuineBytes);
}

/** The same signature with S + L in place of S. */
function respelt(signature: Uint8Array): Uint8Array {
  const scalar = signature.subarray(32).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
  const other = scalar + GROUP_ORDER;
  const bytes = Array.from({ length: 32 }, (_, at) => Number((other >> BigInt(8 * at)) & 255n));
  return Uint8Array.from([...signature.subarray(0, 32), ...bytes]);
}

interface Batch {
  tokens: LogToken[];
  receipts: Uint8Array[];
}

function issueBatch(log: TestLog, count: number, tagged: boolean, first = 0): Batch {
  const tokens = Array.from({ length: count }, (_, at) => tokenNumber(first + at, tagged));
  return { tokens, receipts: log.append(tokens) };
}

describe('a mutated receipt', () => {
  for (const [count, tagged] of [
    [1, false],
    [1, true],
    [16, true],
    [256, false],
  ] as const) {
    it(`is never accepted, cold or warm: batch of ${count}${tagged ? ', tagged' : ''}`, async () => {
      const [log, foreign] = [new TestLog(), new TestLog('other.example/log')];
      const logs: ReceiptLog[] = [];
      for (const { origin, receiptKey } of [log, foreign]) {
        logs.push(await openReceiptLog(origin, receiptKey));
      }
      const { tokens, receipts } = issueBatch(log, count, tagged);
      const stranger = issueBatch(log, count, tagged, 1_000).receipts;
      const warm = createSubtreeCache();
      const accepts = async (at: number, bytes: Uint8Array, subtrees = warm) => {
        const token = tokens[at] ?? tokenNumber(at, tagged);
        return (await verifyReceipt(bytes, token, logs, { subtrees })).ok;
      };
      const receipt = (at: number, from = receipts) => from[at] ?? new Uint8Array(0);
      const demandGenuine = async () => {
        for (const at of tokens.keys()) assert.ok(await accepts(at, receipt(at)), `token ${at}`);
      };
      await demandGenuine();

      let tried = 0;
      const accepted: string[] = [];
      for (const at of new Set([0, count >> 1, count - 1])) {
        const bytes = receipt(at);
        const neighbour = count === 1 ? bytes : receipt(at ^ 1);
        const mutations = [
          // All bits at one place of the batch, one bit of each byte at the others.
          ...flips(bytes).filter((_, bit) => at === count >> 1 || bit % 8 === at % 8),
          ...resized(bytes),
          ...receipts.filter((_, other) => other !== at),
          ...stranger,
          ...forged(
            decodeReceipt(bytes),
            decodeReceipt(neighbour),
            decodeReceipt(receipt(at, stranger)),
            foreign.receiptKey.id,
          ),
        ];
        for (const mutated of mutations) {
          for (const subtrees of [createSubtreeCache(0), warm]) {
            tried += 1;
            if (await accepts(at, mutated, subtrees)) accepted.push(`${at}: ${mutated}`);
          }
        }
      }
      assert.deepEqual(accepted, []);
      assert.ok(tried >= (count === 1 ? 1_300 : 3_000), `only ${tried} mutations`);
      await demandGenuine();
    });
  }

  it('would be caught by these mutations if the memory believed a batch without its signature', () => {
    const { tokens, receipts } = issueBatch(new TestLog(), 16, false);
    const [token = tokenNumber(0, false)] = tokens;
    const [receipt = new Uint8Array(0)] = receipts;
    const carelessRoot = (bytes: Uint8Array): string | undefined => {
      try {
        const read = decodeReceipt(bytes);
        const hash = rebuildLeafHash(read, token);
        return String(subtreeHashFromPath(hash, read.index, receiptSubtree(read), read.proof));
      } catch {
        return undefined;
      }
    };
    const known = carelessRoot(receipt);
    const accepted = flips(receipt).filter((mutated) => carelessRoot(mutated) === known);
    assert.ok(accepted.length >= 8 * 64, 'every bit of the signature, and of the key id');
  });
});
