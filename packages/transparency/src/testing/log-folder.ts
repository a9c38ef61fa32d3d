// A log in a temporary folder that a test may open, lose and open again.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  decodeReceipt,
  equalBytes,
  hashLeaf,
  parseVerifierKey,
  receiptSubtree,
  subtreeHashFromPath,
  type VerifiedCheckpoint,
  verifyCheckpoint,
} from '@countersign/verifier';
import { ManualClock, systemRandom } from '@countersign/vocabulary';
import { nodeDisk } from '../disk/node-disk.ts';
import { type OpenLogOptions, openLog } from '../log/open-log.ts';
import type { TransparencyLog } from '../log/transparency-log.ts';
import { FaultyDisk } from './faulty-disk.ts';
import { verifySubtreeSignature } from './verify-subtree-signature.ts';

export const TEST_ORIGIN = 'log.example/log';
export const TEST_PASSPHRASE = Buffer.from('a passphrase for tests only');

export class LogFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'countersign-log-'));
  readonly disk = new FaultyDisk(nodeDisk(this.path));
  readonly clock = new ManualClock();
  readonly fatal: unknown[] = [];
  #log: TransparencyLog | undefined;

  /** Opens (or makes) the log; integration happens only when a test asks for it. */
  async open(options: Partial<OpenLogOptions> = {}): Promise<TransparencyLog> {
    this.#log = await openLog({
      folder: this.path,
      origin: TEST_ORIGIN,
      passphrase: TEST_PASSPHRASE,
      clock: this.clock,
      random: systemRandom,
      onFatal: (error) => this.fatal.push(error),
      make: true,
      disk: this.disk,
      keyCost: { memoryKiB: 8, passes: 1 },
      integrateEveryMs: 1_000_000,
      segmentBytes: 64 * 1024,
      ...options,
    });
    return this.#log;
  }

  /** Drops the log as a crash would: nothing is written any more, and the kernel's lock is gone. */
  crash(): void {
    this.#log?.abandon();
    this.#log = undefined;
  }

  async checkpoint(log: TransparencyLog): Promise<VerifiedCheckpoint> {
    const note = this.disk.read('public/checkpoint');
    assert.ok(note, 'there is a checkpoint');
    return verifyCheckpoint(note, TEST_ORIGIN, parseVerifierKey(log.identity.keys.checkpoint));
  }

  delete(): void {
    this.crash();
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Checks a receipt against the entry and the log's key by the verifier's own means. */
export function receiptIndex(log: TransparencyLog, entry: Uint8Array, bytes: Uint8Array): number {
  const receipt = decodeReceipt(bytes);
  const key = parseVerifierKey(log.identity.keys.receipt);
  assert.ok(equalBytes(receipt.keyId, key.id));
  const subtree = receiptSubtree(receipt);
  const root = subtreeHashFromPath(hashLeaf(entry), receipt.index, subtree, receipt.proof);
  assert.ok(root, 'the proof fits its subtree');
  assert.ok(verifySubtreeSignature(key, TEST_ORIGIN, subtree, root, receipt.signature));
  return receipt.index;
}
