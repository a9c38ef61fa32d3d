// Verifies a tlog-proof offline (C2SP tlog-proof): the log and, if asked for, a quorum of witnesses
// signed the checkpoint, and the entry is in its tree at that index.

import { FormatError } from '../format-error.ts';
import { hashLeaf } from '../merkle/hash-node.ts';
import { verifyInclusion } from '../merkle/verify-inclusion.ts';
import type { NoteKey } from '../note/verifier-key.ts';
import type { TlogPolicy } from '../policy/tlog-policy.ts';
import { verifyWitnessedCheckpoint, type WitnessedCheckpoint } from '../policy/verify-witnessed.ts';
import { parseTlogProof } from './tlog-proof.ts';

export interface TlogProofRequest {
  /** The log the entry must be in. */
  readonly origin: string;
  readonly logKey: NoteKey;
  /** Witnesses and quorum; without it the log's own signature is enough. */
  readonly policy?: TlogPolicy | undefined;
}

export interface ProvenEntry {
  readonly index: number;
  readonly checkpoint: WitnessedCheckpoint;
  /** Not covered by any signature. */
  readonly extra?: Uint8Array | undefined;
}

const NO_WITNESSES: TlogPolicy = {
  logs: [],
  witnesses: new Map(),
  groups: new Map(),
  quorum: 'none',
};

/**
 * @param entry the logged entry itself, not its hash
 * @throws FormatError as `parseTlogProof` and `verifyWitnessedCheckpoint`; `tlog_proof_invalid`
 */
export async function verifyTlogProof(
  text: string,
  entry: Uint8Array,
  { origin, logKey, policy = NO_WITNESSES }: TlogProofRequest,
): Promise<ProvenEntry> {
  const { index, proof, checkpoint: note, extra } = parseTlogProof(text);
  const checkpoint = await verifyWitnessedCheckpoint(note, { origin, logKey, policy });
  if (!verifyInclusion(hashLeaf(entry), index, checkpoint.size, proof, checkpoint.root)) {
    throw new FormatError(
      'tlog_proof_invalid',
      'The proof does not lead from this entry to the root of its checkpoint.',
    );
  }
  return { index, checkpoint, ...(extra === undefined ? {} : { extra }) };
}
