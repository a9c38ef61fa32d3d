// A leaf of the log, version 3: the root of a tree over the heads of all tenants' audit trails. What
// an installation says happened is fixed from here on: who changes it later contradicts the log.

import { sha256 } from '#platform';
import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { utf8 } from '../bytes/join-bytes.ts';
import { FormatError } from '../format-error.ts';

export interface AnchorLeaf {
  /** When it was made, in milliseconds since the Unix epoch; the receipt repeats it. */
  readonly atMs: number;
  /** 32 bytes from `hashInstance`. */
  readonly instanceHash: Uint8Array;
  /** Anchors of an installation are numbered from 1, without gaps. */
  readonly anchor: number;
  /** 32 bytes: RFC 6962 root over the entries of the tenants, sorted by name. */
  readonly root: Uint8Array;
}

export const ANCHOR_VERSION = 3;
export const ANCHOR_LEAF_BYTES = 77;

/** SHA-256 of the installation's name: a log tells nobody whose trails it anchors who does not know. */
export function hashInstance(instance: string): Uint8Array<ArrayBuffer> {
  return sha256(utf8(`countersign/instance/v1\n${instance}`));
}

/** @throws FormatError `leaf_malformed`, `number_out_of_range` */
export function encodeAnchorLeaf(leaf: AnchorLeaf): Uint8Array<ArrayBuffer> {
  if (leaf.instanceHash.length !== 32) throw malformed('has an instance hash that is not 32 bytes');
  if (leaf.root.length !== 32) throw malformed('has a root that is not 32 bytes');
  if (leaf.anchor === 0) throw malformed('has number 0');
  return new ByteWriter(ANCHOR_LEAF_BYTES)
    .u8(ANCHOR_VERSION)
    .u48(leaf.atMs)
    .bytes(leaf.instanceHash)
    .u48(leaf.anchor)
    .bytes(leaf.root)
    .finish();
}

/** @throws FormatError `leaf_malformed` */
export function decodeAnchorLeaf(bytes: Uint8Array): AnchorLeaf {
  if (bytes.length !== ANCHOR_LEAF_BYTES) throw malformed('has not 77 bytes');
  const reader = new ByteReader(bytes);
  if (reader.u8() !== ANCHOR_VERSION) throw malformed('is of an unknown version');
  const atMs = reader.u48();
  const instanceHash = Uint8Array.from(reader.bytes(32));
  const anchor = reader.u48();
  if (anchor === 0) throw malformed('has number 0');
  return { atMs, instanceHash, anchor, root: Uint8Array.from(reader.bytes(32)) };
}

function malformed(what: string): FormatError {
  return new FormatError('leaf_malformed', `The anchor leaf ${what}.`);
}
