import assert from 'node:assert/strict';
import { createPublicKey, randomBytes, randomInt, verify } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type NotaryClient, proveFromTiles } from '@countersign/transparency';
import {
  cosignedMessage,
  decodeReceipt,
  encodeLeafEntry,
  equalBytes,
  hashLeaf,
  parseVerifierKey,
  receiptSubtree,
  subtreeHashFromPath,
  verifyCheckpoint,
  verifyInclusion,
} from '@countersign/verifier';
import { NotaryHome, TEST_ORIGIN } from './testing/notary-home.ts';

const KILLS = 8;
const WRITERS = 64;
const PROBES = 50;
const home = new NotaryHome();
after(() => home.delete());

/** By index: what was sent, and the receipt that came back before some kill. */
const acknowledged = new Map<number, { entry: Uint8Array; receipt: Uint8Array }>();

function newEntry(): Uint8Array {
  const issuedMs = Date.now();
  const expiresAtSeconds = Math.floor(issuedMs / 1000) + 600;
  return encodeLeafEntry({
    type: 'access',
    issuedMs,
    expiresAtSeconds,
    commitment: randomBytes(32),
  });
}

async function writeUntilItDies(notary: NotaryClient): Promise<void> {
  for (;;) {
    const entry = newEntry();
    const receipt = await notary.append(entry);
    const { index } = decodeReceipt(receipt);
    assert.ok(!acknowledged.has(index), `index ${index} was given twice`);
    acknowledged.set(index, { entry, receipt });
  }
}

function checkReceipts(receiptKey: string): void {
  const x = Buffer.from(parseVerifierKey(receiptKey).publicKey).toString('base64url');
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  for (const [index, { entry, receipt }] of acknowledged) {
    const { proof, signature, log2Span } = decodeReceipt(receipt);
    const subtree = receiptSubtree({ index, log2Span });
    const root = subtreeHashFromPath(hashLeaf(entry), index, subtree, proof);
    assert.ok(root, `the path in receipt ${index} fits`);
    const message = cosignedMessage(TEST_ORIGIN, TEST_ORIGIN, subtree, root);
    assert.ok(verify(null, message, publicKey, signature), `receipt ${index}`);
  }
}

async function readAll(notary: NotaryClient): Promise<Uint8Array[]> {
  const { durableSize } = await notary.size();
  const entries: Uint8Array[] = [];
  while (entries.length < durableSize) {
    entries.push(...(await notary.readEntries(entries.length, 4096)).entries);
  }
  return entries;
}

describe('the notary under load', () => {
  it(`killed ${KILLS} times keeps every entry it gave a receipt for, at its index`, async () => {
    for (let kill = 0; kill < KILLS; kill += 1) {
      const { notary, child } = home.start();
      await notary.ready();
      const writers = Array.from({ length: WRITERS }, () =>
        assert.rejects(writeUntilItDies(notary), { code: 'peer_gone' }),
      );
      // On a busy machine the lives before may have been too short for any load.
      const isLast = kill === KILLS - 1;
      while (isLast && acknowledged.size <= KILLS * WRITERS)
        await new Promise((resolve) => setTimeout(resolve, 5));
      setTimeout(() => child.kill('SIGKILL'), randomInt(5, 150));
      await Promise.all([once(child, 'exit'), ...writers]);
    }
    assert.ok(acknowledged.size > KILLS * WRITERS, 'there was load');

    const { notary, stop } = home.start([]);
    const { receiptKey, checkpointKey } = await notary.keys();
    const entries = await readAll(notary);
    await stop();
    checkReceipts(receiptKey);
    for (const [index, { entry }] of acknowledged) {
      assert.ok(equalBytes(entries[index] ?? new Uint8Array(0), entry), `entry ${index}`);
    }

    const publicFile = (path: string) => readFile(join(home.folder, 'public', path));
    const note = await publicFile('checkpoint');
    const key = parseVerifierKey(checkpointKey);
    const { size, root } = await verifyCheckpoint(note, TEST_ORIGIN, key);
    assert.equal(size, entries.length);
    const fetch = (path: string) => publicFile(path).catch(() => undefined);
    for (let probe = 0; probe < PROBES; probe += 1) {
      const index = randomInt(size);
      const proof = await proveFromTiles(fetch, index, size);
      assert.ok(verifyInclusion(hashLeaf(entries[index] as Uint8Array), index, size, proof, root));
    }
  });
});
