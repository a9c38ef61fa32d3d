// What an anchor says of one tenant: how many events there are, the head of their chain, and the root
// over the manifests of all segments so far. The salt keeps a neighbour in the tree from guessing.

import { Buffer } from 'node:buffer';
import { hashLeaf } from '@countersign/verifier';
import {
  type FlatRecord,
  formatRecord,
  type MemberRule,
  parseRecord,
} from '../canonical-record.ts';

export interface AnchorEntry {
  readonly v: 1;
  /** Anchors of an installation are numbered from 1, without gaps. */
  readonly anchor: number;
  readonly tenant: string;
  /** Number of the newest event. */
  readonly count: number;
  /** Head of the chain after it, lower-case hex. */
  readonly head: string;
  /** Number of the newest sealed segment; 0 before there is one. */
  readonly segments: number;
  /** Lower-case hex: RFC 6962 root over `hashManifest` of segments 1 to `segments`. */
  readonly segmentsRoot: string;
  /** 16 random bytes, lower-case hex, drawn for this entry. */
  readonly salt: string;
}

const RULES: Readonly<Record<keyof AnchorEntry, MemberRule>> = {
  v: 'version',
  anchor: 'positive',
  tenant: 'name',
  count: 'count',
  head: 'hash',
  segments: 'count',
  segmentsRoot: 'hash',
  salt: 'salt',
};

/** Canonical JSON. @throws CodedError `trail_malformed` */
export function formatAnchorEntry(entry: AnchorEntry): string {
  return formatRecord(entry as unknown as FlatRecord, RULES);
}

/** @throws CodedError `trail_malformed` for anything but the one spelling */
export function parseAnchorEntry(text: string): AnchorEntry {
  return parseRecord(text, RULES) as unknown as AnchorEntry;
}

/** Hash of the entry as a leaf of the anchor's tree. @throws CodedError `trail_malformed` */
export function hashAnchorEntry(entry: AnchorEntry): Uint8Array {
  return hashLeaf(Buffer.from(formatAnchorEntry(entry), 'utf8'));
}
