// What is said of a sealed segment: which events it holds, the Merkle root of their leaves, and the
// heads of the chain on both sides. A tombstone says the same of a segment that was deleted after its
// time, so that the chain goes on across it.

import { Buffer } from 'node:buffer';
import { hashLeaf } from '@countersign/verifier';
import {
  type FlatRecord,
  formatRecord,
  type MemberRule,
  parseRecord,
} from '../canonical-record.ts';
import { trailError } from '../trail-error.ts';

export interface SegmentManifest {
  readonly v: 1;
  /** Name of the installation. */
  readonly instance: string;
  readonly tenant: string;
  /** Segments of a tenant are numbered from 1. */
  readonly segment: number;
  /** Numbers of the first and of the last event. */
  readonly first: number;
  readonly last: number;
  /** Lower-case hex: RFC 6962 root over the leaves first to last. */
  readonly root: string;
  /** Heads of the chain before `first` and after `last`, lower-case hex. */
  readonly headBefore: string;
  readonly headAfter: string;
  /** Times of the oldest and of the newest event, as they say. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly sealedMs: number;
}

export interface Tombstone extends SegmentManifest {
  readonly deletedMs: number;
  /** Name of the retention profile under which it was deleted. */
  readonly profile: string;
}

const RULES: Readonly<Record<keyof SegmentManifest, MemberRule>> = {
  v: 'version',
  instance: 'name',
  tenant: 'name',
  segment: 'positive',
  first: 'positive',
  last: 'positive',
  root: 'hash',
  headBefore: 'hash',
  headAfter: 'hash',
  firstMs: 'count',
  lastMs: 'count',
  sealedMs: 'count',
};

const TOMBSTONE_RULES: Readonly<Record<keyof Tombstone, MemberRule>> = {
  ...RULES,
  deletedMs: 'count',
  profile: 'name',
};

/** Canonical JSON. @throws CodedError `trail_malformed` */
export function formatManifest(manifest: SegmentManifest): string {
  checkNumbers(manifest);
  return formatRecord(manifest as unknown as FlatRecord, RULES);
}

/** @throws CodedError `trail_malformed` for anything but the one spelling */
export function parseManifest(text: string): SegmentManifest {
  return checkNumbers(parseRecord(text, RULES) as unknown as SegmentManifest);
}

/** @throws CodedError `trail_malformed` */
export function formatTombstone(tombstone: Tombstone): string {
  checkNumbers(tombstone);
  return formatRecord(tombstone as unknown as FlatRecord, TOMBSTONE_RULES);
}

/** @throws CodedError `trail_malformed` for anything but the one spelling */
export function parseTombstone(text: string): Tombstone {
  return checkNumbers(parseRecord(text, TOMBSTONE_RULES) as unknown as Tombstone);
}

/** The manifest that a tombstone stands for: what was anchored when the segment was sealed. */
export function manifestOf({ deletedMs: _, profile: __, ...manifest }: Tombstone): SegmentManifest {
  return manifest;
}

/** Hash of the manifest as a leaf of the tenant's tree of segments. @throws CodedError `trail_malformed` */
export function hashManifest(manifest: SegmentManifest): Uint8Array {
  return hashLeaf(Buffer.from(formatManifest(manifest), 'utf8'));
}

function checkNumbers<M extends SegmentManifest>(manifest: M): M {
  if (manifest.last >= manifest.first) return manifest;
  throw trailError('trail_malformed', 'A segment holds at least one event.');
}
