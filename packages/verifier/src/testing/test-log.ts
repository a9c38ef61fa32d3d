// A log in memory with a real key, for tests: appends leaves and gives real receipts for aligned
// batches. It stands on the naive tree, not on the code that the tests judge.

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { decodeBase64url } from '../bytes/base64.ts';
import { hashLeaf } from '../merkle/hash-node.ts';
import { naiveReader } from '../merkle/naive-tree.ts';
import { hashRange, proveInclusion } from '../merkle/prove.ts';
import { createNoteKey, formatVerifierKey, type NoteKey } from '../note/verifier-key.ts';
import type { CommittedToken } from '../receipt/commit-token.ts';
import { commitToken } from '../receipt/commit-token.ts';
import { cosignedMessage } from '../receipt/cosigned-message.ts';
import { encodeReceipt, receiptSubtree } from '../receipt/encode-receipt.ts';
import { encodeKeyEntry, type KeyEntry } from '../receipt/key-entry.ts';
import { encodeLeafEntry, type LeafTags, leafTypeOf } from '../receipt/leaf-entry.ts';

export interface LogToken extends CommittedToken {
  expiresAtSeconds: number;
  issuedMs: number;
  tags?: LeafTags;
}

export function ed25519KeyPair(): { privateKey: KeyObject; publicKey: Uint8Array } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = decodeBase64url(publicKey.export({ format: 'jwk' }).x ?? '');
  if (raw === undefined) throw new Error('the platform exported no key');
  return { privateKey, publicKey: raw };
}

export class TestLog {
  readonly origin: string;
  readonly receiptKey: NoteKey;
  readonly checkpointKey: NoteKey;
  readonly checkpointPrivateKey: KeyObject;
  readonly leafHashes: Uint8Array[] = [];
  readonly #receiptPrivateKey: KeyObject;

  constructor(origin = 'log.example/log') {
    this.origin = origin;
    const receipt = ed25519KeyPair();
    const checkpoint = ed25519KeyPair();
    this.#receiptPrivateKey = receipt.privateKey;
    this.receiptKey = createNoteKey(origin, 'receipt', receipt.publicKey);
    this.checkpointPrivateKey = checkpoint.privateKey;
    this.checkpointKey = createNoteKey(origin, 'ed25519', checkpoint.publicKey);
  }

  get receiptKeyText(): string {
    return formatVerifierKey(this.receiptKey);
  }

  get checkpointKeyText(): string {
    return formatVerifierKey(this.checkpointKey);
  }

  /** Appends filler leaves up to the next multiple of `span`, so that a batch can start there. */
  alignTo(span: number): void {
    while (this.leafHashes.length % span !== 0) {
      this.leafHashes.push(hashLeaf(Uint8Array.of(this.leafHashes.length % 256)));
    }
  }

  /** Appends one batch and returns its receipts; the count must be a power of two. */
  append(tokens: readonly LogToken[]): Uint8Array[] {
    return this.#appendEntries(
      tokens.map(({ issuedMs, tags, ...token }) => ({
        issuedMs,
        tags,
        entry: encodeLeafEntry({
          type: leafTypeOf(token.typ),
          issuedMs,
          expiresAtSeconds: token.expiresAtSeconds,
          commitment: commitToken(token),
          tags,
        }),
      })),
    );
  }

  /** Appends one event of a key and returns its receipt. */
  appendKey(entry: KeyEntry): Uint8Array {
    const logged = { issuedMs: entry.atMs, tags: undefined, entry: encodeKeyEntry(entry) };
    return this.#appendEntries([logged])[0] ?? new Uint8Array();
  }

  #appendEntries(
    entries: readonly { entry: Uint8Array; issuedMs: number; tags: LeafTags | undefined }[],
  ): Uint8Array[] {
    const log2Span = Math.log2(entries.length);
    this.alignTo(entries.length);
    const first = this.leafHashes.length;
    for (const { entry } of entries) this.leafHashes.push(hashLeaf(entry));
    const read = naiveReader(this.leafHashes);
    const subtree = receiptSubtree({ index: first, log2Span });
    const message = cosignedMessage(this.origin, this.origin, subtree, hashRange(subtree, read));
    const signature = sign(null, message, this.#receiptPrivateKey);
    return entries.map(({ issuedMs, tags }, at) =>
      encodeReceipt({
        keyId: this.receiptKey.id,
        index: first + at,
        issuedMs,
        tags,
        log2Span,
        proof: proveInclusion(first + at, subtree, read),
        signature,
      }),
    );
  }
}
