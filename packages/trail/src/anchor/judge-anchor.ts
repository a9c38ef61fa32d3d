// Holds an anchor proof together from the entry to the signed checkpoint, and names the joint that
// does not hold. Each joint is judged by itself, so that what is right above and below it shows.

import { Buffer } from 'node:buffer';
import {
  type AnchorLeaf,
  decodeAnchorLeaf,
  equalBytes,
  FormatError,
  hashInstance,
  hashLeaf,
  parseCheckpoint,
  parseNote,
  parseTlogProof,
  rootFromInclusionPath,
  type TlogPolicy,
  type TlogProof,
  verifyInclusion,
  verifyWitnessedCheckpoint,
} from '@countersign/verifier';
import type { Alteration, BundleAnchor, TrailLevel } from '../bundle/verdict.ts';
import { hashAnchorEntry } from './anchor-entry.ts';
import type { AnchorProof } from './anchor-proof.ts';

export interface AnchorFault {
  level: TrailLevel;
  alteration: Alteration;
  message: string;
}

export interface AnchorJudgement {
  anchor: BundleAnchor;
  faults: AnchorFault[];
  /** Size and root of the checkpoint, as it says. */
  tree: { size: number; root: Uint8Array } | undefined;
}

/**
 * @param instance name of the installation that it must be of; undefined where that is not known
 * @param policy logs and witnesses to believe; without it nobody's signature is looked at
 */
export async function judgeAnchor(
  proof: AnchorProof,
  instance: string | undefined,
  policy?: TlogPolicy,
): Promise<AnchorJudgement> {
  const faults: AnchorFault[] = [];
  const leaf = judgeEntry(proof, instance, faults);
  const log = readLogProof(proof.log, faults);
  const checkpoint = log && parseCheckpoint(parseNote(log.checkpoint).text);
  if (log !== undefined && checkpoint !== undefined) judgePath(proof, log, checkpoint, faults);
  const signer =
    log && policy && (await judgeSignature(log.checkpoint, checkpoint?.origin, policy, faults));
  return {
    anchor: {
      anchor: proof.entry.anchor,
      atMs: leaf?.atMs,
      logOrigin: checkpoint?.origin,
      logIndex: log?.index,
      logSize: checkpoint?.size,
      signed: signer !== undefined,
      witnessedMs: signer?.witnessedMs,
    },
    faults,
    tree: checkpoint && { size: checkpoint.size, root: checkpoint.root },
  };
}

function judgeEntry(
  { entry, place, leaf: bytes }: AnchorProof,
  instance: string | undefined,
  faults: AnchorFault[],
): AnchorLeaf | undefined {
  let leaf: AnchorLeaf;
  try {
    leaf = decodeAnchorLeaf(bytes);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    faults.push(fault('anchor_leaf', 'malformed', 'The leaf of the log is no anchor.'));
    return undefined;
  }
  if (instance !== undefined && !equalBytes(leaf.instanceHash, hashInstance(instance))) {
    faults.push(fault('anchor_leaf', 'foreign', 'The anchor is of another installation.'));
  }
  if (leaf.anchor !== entry.anchor) {
    faults.push(fault('anchor_entry', 'replayed', 'The entry is of another anchor than the leaf.'));
  }
  const root = rootFromInclusionPath(hashAnchorEntry(entry), place.index, place.size, place.path);
  if (root === undefined || !equalBytes(root, leaf.root)) {
    const message = 'The entry does not lead to the root in the leaf of the log.';
    faults.push(fault('anchor_entry', 'flipped', message));
  }
  return leaf;
}

function readLogProof(text: string, faults: AnchorFault[]): TlogProof | undefined {
  try {
    return parseTlogProof(text);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    const level = error.code.startsWith('tlog_proof') ? 'log_proof' : 'checkpoint';
    faults.push(fault(level, 'malformed', `The proof of the log cannot be read: ${error.message}`));
    return undefined;
  }
}

function judgePath(
  { leaf }: AnchorProof,
  { index, proof }: TlogProof,
  { size, root }: { size: number; root: Uint8Array },
  faults: AnchorFault[],
): void {
  if (index >= size) {
    const message = 'The checkpoint is older than the leaf that it should prove.';
    faults.push(fault('checkpoint', 'replayed', message));
  } else if (!verifyInclusion(hashLeaf(Buffer.from(leaf)), index, size, proof, root)) {
    const message = 'The leaf does not lead to the root of the checkpoint.';
    faults.push(fault('log_proof', 'flipped', message));
  }
}

async function judgeSignature(
  note: string,
  origin: string | undefined,
  policy: TlogPolicy,
  faults: AnchorFault[],
): Promise<{ witnessedMs: number | undefined } | undefined> {
  const keys = policy.logs.filter(({ key }) => key.name === origin);
  let refused: FormatError | undefined;
  for (const { key } of keys) {
    try {
      const request = { origin: key.name, logKey: key, policy };
      const { witnessedMs } = await verifyWitnessedCheckpoint(note, request);
      return { witnessedMs };
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      refused = error;
    }
  }
  const why = refused?.message ?? 'The policy does not name this log.';
  const alteration = keys.length === 0 ? 'foreign' : 'flipped';
  faults.push(fault('checkpoint', alteration, `The checkpoint is not believed: ${why}`));
  return undefined;
}

function fault(level: TrailLevel, alteration: Alteration, message: string): AnchorFault {
  return { level, alteration, message };
}
