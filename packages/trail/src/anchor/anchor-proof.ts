// All that shows one tenant's anchor entry to be in the log, in one line of JSON: the entry, its path
// to the root of its anchor, the leaf of the log that holds this root, and the leaf's tlog-proof. A
// tenant who keeps one has pinned its history: whatever is shown later must hold the same events.

import { Buffer } from 'node:buffer';
import { decodeBase64, encodeBase64 } from '@countersign/verifier';
import { trailError } from '../trail-error.ts';
import { type AnchorEntry, formatAnchorEntry, parseAnchorEntry } from './anchor-entry.ts';
import type { AnchorPlace } from './anchor-tree.ts';

export interface AnchorProof {
  readonly entry: AnchorEntry;
  readonly place: AnchorPlace;
  /** The entry of the log, 77 bytes (`encodeAnchorLeaf`). */
  readonly leaf: Uint8Array;
  /** C2SP tlog-proof of it, with the signed checkpoint. */
  readonly log: string;
}

/** Longest proof, in UTF-16 units: a tlog-proof of greatest length, escaped. */
export const MAX_ANCHOR_PROOF_LENGTH = 1_048_576;

const FORMAT = 'countersign/anchor-proof/v1';

/** One line. @throws CodedError `trail_malformed` */
export function formatAnchorProof({ entry, place, leaf, log }: AnchorProof): string {
  return JSON.stringify({
    entry: JSON.parse(formatAnchorEntry(entry)) as object,
    format: FORMAT,
    leaf: encodeBase64(leaf),
    log,
    place: { index: place.index, path: place.path.map(encodeBase64), size: place.size },
  });
}

/**
 * What it says; nothing is verified yet. However the JSON is laid out, it must be canonical otherwise.
 * @throws CodedError `trail_malformed`
 */
export function parseAnchorProof(text: string): AnchorProof {
  if (text.length > MAX_ANCHOR_PROOF_LENGTH) throw malformed('is too long');
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (cause) {
    throw malformed('is no JSON', cause);
  }
  const proof = readProof(given);
  // One spelling: what is in the text beside the proof would be believed to be covered by it.
  if (formatAnchorProof(proof) !== JSON.stringify(given)) throw malformed('has other members');
  return proof;
}

function readProof(given: unknown): AnchorProof {
  if (!isObject(given) || given['format'] !== FORMAT) throw malformed(`is not of ${FORMAT}`);
  const { entry, place, leaf, log } = given;
  if (!isObject(entry) || !isObject(place)) throw malformed('has no entry or no place');
  const { index, size, path } = place;
  if (!isCount(index) || !isCount(size) || !Array.isArray(path) || typeof log !== 'string') {
    throw malformed('has members of another type');
  }
  return {
    entry: parseAnchorEntry(JSON.stringify(entry)),
    place: { index, size, path: path.map(readBytes) },
    leaf: readBytes(leaf),
    log,
  };
}

function readBytes(given: unknown): Uint8Array {
  const bytes = typeof given === 'string' ? decodeBase64(given) : undefined;
  if (bytes === undefined) throw malformed('has bytes that are not base64');
  return Buffer.from(bytes);
}

function isObject(given: unknown): given is Record<string, unknown> {
  return typeof given === 'object' && given !== null && !Array.isArray(given);
}

function isCount(given: unknown): given is number {
  return Number.isSafeInteger(given) && (given as number) >= 0;
}

function malformed(what: string, cause?: unknown): Error {
  return trailError('trail_malformed', `An anchor proof ${what}.`, { cause });
}
