// Leaves and receipts made by hand from the published format, on purpose without the product's own
// encoders: where the two disagree, a genuine vector fails.

import { createHash } from 'node:crypto';
import { deriveEd25519 } from './derive-keys.ts';

export const LOG_ORIGIN = 'log.example/log';
const RECEIPT_TYPE = Buffer.concat([Buffer.of(0xff), Buffer.from('itlog/receipt/v1')]);
const ED25519_TYPE = Buffer.of(0x01);

export interface ZooLogKey {
  name: string;
  id: Buffer;
  vkey: string;
  sign(message: Buffer): Buffer;
}

function logKey(label: string, name: string, type: Buffer): ZooLogKey {
  const key = deriveEd25519(label);
  const bound = Buffer.concat([Buffer.from(`${name}\n`), type, key.publicRaw]);
  const id = sha256(bound).subarray(0, 4);
  const encoded = Buffer.concat([type, key.publicRaw]).toString('base64');
  return { name, id, vkey: `${name}+${id.toString('hex')}+${encoded}`, sign: key.sign };
}

/** The pinned log, its former receipt key, and a log that nobody pinned. */
export const receiptKey = logKey('log receipts', LOG_ORIGIN, RECEIPT_TYPE);
export const checkpointKey = logKey('log checkpoints', LOG_ORIGIN, ED25519_TYPE);
export const feedKey = logKey('log feed', `${LOG_ORIGIN}/feed`, ED25519_TYPE);
export const retiredReceiptKey = logKey('log receipts 2025', LOG_ORIGIN, RECEIPT_TYPE);
export const strangerReceiptKey = logKey('stranger', 'stranger.example/log', RECEIPT_TYPE);

export function sha256(...parts: (Buffer | string)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

export interface Commitment {
  iss: string;
  kid: string;
  alg: string;
  typ: string;
  payloadSegment: string;
}

export interface LeafPlan extends Commitment {
  issuedMs: number;
  expiresAtSeconds: number;
  tags?: { user: Buffer; instance: Buffer } | undefined;
}

export interface KeyLeafPlan {
  /** 1 published, 2 activated, 3 retired, 4 revoked. */
  event: number;
  atMs: number;
  notAfterSeconds: number;
  iss: string;
  /** 32 bytes: SHA-256 thumbprint (RFC 7638). */
  thumbprint: Buffer;
  kid: string;
}

function keyLeafHash(leaf: KeyLeafPlan): Buffer {
  const entry = Buffer.concat([
    Buffer.of(2, leaf.event),
    number(leaf.atMs, 6),
    number(leaf.notAfterSeconds, 4),
    sha256(leaf.iss),
    leaf.thumbprint,
    len8(leaf.kid),
  ]);
  return sha256(Buffer.of(0x00), entry);
}

/** The receipt of a key's entry, as it stands in the JWK. */
export function buildKeyReceipt(leaf: KeyLeafPlan, signer = receiptKey): ReceiptFields {
  const plan = { index: indexFor(`key ${leaf.kid} ${leaf.event}`), log2Span: 2, signer };
  return signLeaf(keyLeafHash(leaf), leaf.atMs, undefined, plan);
}

function leafHash(leaf: LeafPlan): Buffer {
  const commitment = sha256(
    'itlog/token/v1\n',
    ...[leaf.iss, leaf.kid, leaf.alg, leaf.typ].map(len8),
    leaf.payloadSegment,
  );
  const type = { 'at+jwt': 1, JWT: 2 }[leaf.typ] ?? 3;
  const entry = Buffer.concat([
    Buffer.of(1, type),
    number(leaf.issuedMs, 6),
    number(leaf.expiresAtSeconds, 4),
    commitment,
    tagBytes(leaf.tags),
  ]);
  return sha256(Buffer.of(0x00), entry);
}

export interface ReceiptPlan {
  /** Place in the log; by default one that the vector's name determines. */
  index: number;
  /** log2 of the batch: 0 for a leaf of its own. */
  log2Span: number;
  signer: ZooLogKey;
  /** Key id written into the receipt; default the signer's. */
  keyId?: Buffer | undefined;
  /** Origin and cosigner in the signed message; default the signer's name. */
  origin?: string | undefined;
  cosigner?: string | undefined;
  /** First leaf of the signed span; default the aligned one. */
  start?: number | undefined;
}

/** The parts of a receipt, so that a vector can damage exactly one of them. */
export interface ReceiptFields {
  version: Buffer;
  keyId: Buffer;
  index: Buffer;
  issuedMs: Buffer;
  flags: Buffer;
  userTag: Buffer;
  instanceTag: Buffer;
  log2Span: Buffer;
  proofLength: Buffer;
  proof: Buffer;
  signature: Buffer;
}

export function buildReceipt(leaf: LeafPlan, plan: ReceiptPlan): ReceiptFields {
  return signLeaf(leafHash(leaf), leaf.issuedMs, leaf.tags, plan);
}

function signLeaf(
  leaf: Buffer,
  issuedMs: number,
  tags: LeafPlan['tags'],
  plan: ReceiptPlan,
): ReceiptFields {
  const span = 2 ** plan.log2Span;
  const start = plan.start ?? plan.index - (plan.index % span);
  const siblings: Buffer[] = [];
  let hash = leaf;
  for (let level = 0, place = plan.index; level < plan.log2Span; level += 1) {
    // The other tokens of the batch are nobody's: any hash can stand for their subtree.
    const sibling = sha256(`filler ${level} ${Math.floor(place)}`);
    siblings.push(sibling);
    hash =
      place % 2 === 0
        ? sha256(Buffer.of(0x01), hash, sibling)
        : sha256(Buffer.of(0x01), sibling, hash);
    place = Math.floor(place / 2);
  }
  const origin = plan.origin ?? plan.signer.name;
  const message = Buffer.concat([
    Buffer.from('subtree/v1\n\0'),
    len8(plan.cosigner ?? origin),
    number(0, 8),
    len8(origin),
    number(start, 8),
    number(start + span, 8),
    hash,
  ]);
  return {
    version: Buffer.of(tags === undefined ? 1 : 2),
    keyId: plan.keyId ?? plan.signer.id,
    index: number(plan.index, 6),
    issuedMs: number(issuedMs, 6),
    flags: tags === undefined ? Buffer.alloc(0) : Buffer.of(1),
    userTag: tags?.user ?? Buffer.alloc(0),
    instanceTag: tags?.instance ?? Buffer.alloc(0),
    log2Span: Buffer.of(plan.log2Span),
    proofLength: Buffer.of(siblings.length),
    proof: Buffer.concat(siblings),
    signature: plan.signer.sign(message),
  };
}

export function joinReceipt(fields: ReceiptFields): Buffer {
  return Buffer.concat(Object.values(fields));
}

/** An index that a name determines: below 2^40, beyond what 32 bits hold. */
export function indexFor(name: string): number {
  return 2 ** 32 + sha256('index of ', name).readUInt32BE(0);
}

/** A C2SP signed note, for the feed. */
export function signNote(text: string, key: ZooLogKey): string {
  const blob = Buffer.concat([key.id, key.sign(Buffer.from(text))]).toString('base64');
  return `${text}\n— ${key.name} ${blob}\n`;
}

function tagBytes(tags: LeafPlan['tags']): Buffer {
  return tags === undefined
    ? Buffer.alloc(0)
    : Buffer.concat([Buffer.of(1), tags.user, tags.instance]);
}

function len8(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([number(bytes.length, 1), bytes]);
}

function number(value: number, width: number): Buffer {
  const bytes = Buffer.alloc(width);
  if (width === 8) bytes.writeBigUInt64BE(BigInt(value));
  else bytes.writeUIntBE(value, 0, width);
  return bytes;
}
