// Judges a receipt: the leaf is rebuilt from the token itself, hashed up its path to the subtree,
// and the log's signature is checked over that. Nothing in it says which log to trust: the key does.

import { verifySignature } from '#platform';
import { equalBytes } from '../bytes/compare-bytes.ts';
import { FormatError } from '../format-error.ts';
import { hashLeaf } from '../merkle/hash-node.ts';
import { subtreeHashFromPath } from '../merkle/verify-inclusion.ts';
import { formatVerifierKey, type NoteKey } from '../note/verifier-key.ts';
import { importNoteKey } from '../note/verify-note.ts';
import type { Ed25519Verify, VerificationKey } from '../platform/verification-key.ts';
import { type CommittedToken, commitToken } from './commit-token.ts';
import { cosignedMessage } from './cosigned-message.ts';
import { decodeReceipt, type Receipt, receiptSubtree } from './encode-receipt.ts';
import { encodeLeafEntry, type LeafTags, leafTypeOf } from './leaf-entry.ts';
import { VerifiedSubtrees } from './verified-subtrees.ts';

/** A log whose receipts are believed. */
export interface ReceiptLog {
  readonly origin: string;
  readonly key: NoteKey;
  readonly imported: VerificationKey;
  /** Text of the key: tells logs apart in the subtree cache. */
  readonly keyText: string;
}

export interface ReceiptToken extends CommittedToken {
  readonly expiresAtSeconds: number;
}

export type ReceiptVerdict =
  | {
      readonly ok: true;
      readonly origin: string;
      readonly index: number;
      readonly issuedMs: number;
      readonly leafHash: Uint8Array;
      /** Of the leaf; signed with it. */
      readonly tags: LeafTags | undefined;
    }
  | {
      readonly ok: false;
      readonly code: 'receipt_malformed' | 'receipt_key_unknown' | 'receipt_invalid';
      /** One safe sentence. */
      readonly reason: string;
    };

export interface ReceiptOptions {
  /** Shared between calls; without it every receipt's signature is checked. */
  readonly subtrees?: VerifiedSubtrees | undefined;
  readonly ed25519?: Ed25519Verify | undefined;
}

/** Default number of verified subtrees remembered. */
export const DEFAULT_SUBTREES = 4096;

export function createSubtreeCache(limit: number = DEFAULT_SUBTREES): VerifiedSubtrees {
  return new VerifiedSubtrees(limit);
}

/** @throws FormatError `vkey_malformed` for a key that is not a receipt key named by the origin */
export async function openReceiptLog(origin: string, key: NoteKey): Promise<ReceiptLog> {
  if (key.purpose !== 'receipt' || key.name !== origin) {
    throw new FormatError(
      'vkey_malformed',
      'Receipts are checked by the receipt key of their log.',
    );
  }
  return { origin, key, imported: await importNoteKey(key), keyText: formatVerifierKey(key) };
}

/** Synchronous on Node, and wherever the subtree is known or `ed25519` is given. */
export function verifyReceipt(
  bytes: Uint8Array,
  token: ReceiptToken,
  logs: readonly ReceiptLog[],
  options: ReceiptOptions = {},
): ReceiptVerdict | Promise<ReceiptVerdict> {
  return verifyLeafReceipt(bytes, (receipt) => rebuildLeafHash(receipt, token), logs, options);
}

/**
 * The same for any leaf. @param rebuild the hash of the leaf that the log must have signed for this
 * receipt; may throw FormatError when there is no such leaf
 */
export function verifyLeafReceipt(
  bytes: Uint8Array,
  rebuild: (receipt: Receipt) => Uint8Array,
  logs: readonly ReceiptLog[],
  options: ReceiptOptions,
): ReceiptVerdict | Promise<ReceiptVerdict> {
  let receipt: Receipt;
  let leafHash: Uint8Array;
  try {
    receipt = decodeReceipt(bytes);
    leafHash = rebuild(receipt);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { ok: false, code: 'receipt_malformed', reason: error.message };
  }
  const log = logs.find(({ key }) => equalBytes(key.id, receipt.keyId));
  if (log === undefined) {
    return {
      ok: false,
      code: 'receipt_key_unknown',
      reason: 'No trusted log has this receipt key.',
    };
  }
  const subtree = receiptSubtree(receipt);
  const root = subtreeHashFromPath(leafHash, receipt.index, subtree, receipt.proof);
  if (root === undefined) return invalid();
  const { index, issuedMs, signature, tags } = receipt;
  const verdict = { ok: true, origin: log.origin, index, issuedMs, leafHash, tags } as const;
  if (options.subtrees?.has(log.keyText, subtree, root, signature) === true) return verdict;

  const conclude = (good: boolean): ReceiptVerdict => {
    if (!good) return invalid();
    options.subtrees?.add(log.keyText, subtree, root, signature);
    return verdict;
  };
  const message = cosignedMessage(log.key.name, log.origin, subtree, root);
  const good =
    options.ed25519 === undefined
      ? verifySignature(log.imported, message, signature)
      : options.ed25519(log.key.publicKey, message, signature);
  return typeof good === 'boolean' ? conclude(good) : good.then(conclude);
}

/** The leaf hash that the log must have signed for this token and this receipt. */
export function rebuildLeafHash(receipt: Receipt, token: ReceiptToken): Uint8Array {
  return hashLeaf(
    encodeLeafEntry({
      type: leafTypeOf(token.typ),
      issuedMs: receipt.issuedMs,
      expiresAtSeconds: token.expiresAtSeconds,
      commitment: commitToken(token),
      tags: receipt.tags,
    }),
  );
}

function invalid(): ReceiptVerdict {
  return {
    ok: false,
    code: 'receipt_invalid',
    reason: 'The log did not sign this receipt for it.',
  };
}
