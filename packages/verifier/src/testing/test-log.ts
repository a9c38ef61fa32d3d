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
    const log2Span = Math.log2(tokens.length);
    this.alignTo(tokens.length);
    const first = this.leafHashes.length;
    for (const token of tokens) {
      this.leafHashes.push(
        hashLeaf(
          encodeLeafEntry({
            type: leafTypeOf(token.typ),
            issuedMs: token.issuedMs,
            expiresAtSeconds: token.expiresAtSeconds,
            commitment: commitToken(token),
            tags: token.tags,
          }),
        ),
      );
    }
    const read = naiveReader(this.leafHashes);
    const subtree = receiptSubtree({ index: first, log2Span });
    const message = cosignedMessage(this.origin, this.origin, subtree, hashRange(subtree, read));
    const signature = sign(null, message, this.#receiptPrivateKey);
    return tokens.map((token, at) =>
      encodeReceipt({
        keyId: this.receiptKey.id,
        index: first + at,
        issuedMs: token.issuedMs,
        tags: token.tags,
        log2Span,
        proof: proveInclusion(first + at, subtree, read),
        signature,
      }),
    );
  }
}
