// Proof that a log lied, for somebody who trusts nobody but the log's key: two checkpoints that it
// signed, and for different sizes the proof that the second tree begins otherwise than the first.

import {
  decodeBase64,
  encodeBase64,
  equalBytes,
  FormatError,
  formatVerifierKey,
  HASH_BYTES,
  type NoteKey,
  parseVerifierKey,
  type VerifiedCheckpoint,
  verifyCheckpoint,
  verifyConsistency,
} from '@countersign/verifier';
import { refusal } from '../watcher-error.ts';

export interface ForkEvidence {
  /** Signed, as it was served. Of the same size as `second`, or of a smaller one. */
  first: string;
  second: string;
  /** Absent when both have one size. */
  prefix?: {
    /** Root of the first tree's number of leaves in the second tree. */
    root: Uint8Array;
    /** Consistency proof from that root to the second one. */
    proof: readonly Uint8Array[];
  };
}

export interface ProvenFork {
  origin: string;
  /** Sizes and roots that the log signed. */
  first: { size: number; root: Uint8Array };
  second: { size: number; root: Uint8Array };
}

const TITLE = 'countersign/log-fork@v1';
const MAX_PROOF_LINES = 63;
const MAX_EVIDENCE_LENGTH = 2_100_000;

/** Title, key, prefix and proof, then the two notes: five parts, as notes hold one empty line each. */
export function formatForkEvidence(key: NoteKey, { first, second, prefix }: ForkEvidence): string {
  const lines = [TITLE, `key ${formatVerifierKey(key)}`];
  if (prefix !== undefined) {
    lines.push(`prefix ${encodeBase64(prefix.root)}`, ...prefix.proof.map(encodeBase64));
  }
  return `${lines.join('\n')}\n\n${first}\n${second}`;
}

/**
 * Checks evidence offline. The key in the text is believed unless `key` is given: compare it with
 * the one you know the log by.
 * @throws CodedError `evidence_malformed`, `evidence_proves_nothing`
 */
export async function verifyForkEvidence(text: string, key?: NoteKey): Promise<ProvenFork> {
  const evidence = parseForkEvidence(text);
  if (key !== undefined && formatVerifierKey(key) !== formatVerifierKey(evidence.key)) {
    throw nothing('It is about another log than the key you gave.');
  }
  const [first, second] = await Promise.all([
    readSigned(evidence.first, evidence.key),
    readSigned(evidence.second, evidence.key),
  ]);
  checkContradiction(first, second, evidence.prefix);
  return { origin: first.origin, first: treeOf(first), second: treeOf(second) };
}

function checkContradiction(
  first: VerifiedCheckpoint,
  second: VerifiedCheckpoint,
  prefix: ForkEvidence['prefix'],
): void {
  if (first.size === second.size) {
    if (equalBytes(first.root, second.root)) throw nothing('Both checkpoints say the same.');
    return;
  }
  if (prefix === undefined || first.size > second.size || first.size === 0) {
    throw nothing('Two sizes contradict each other only by a proof.');
  }
  const { root, proof } = prefix;
  if (!verifyConsistency(first.size, second.size, proof, root, second.root)) {
    throw nothing('The proof does not lead to the second checkpoint.');
  }
  if (equalBytes(root, first.root))
    throw nothing('The second tree extends the first, as it should.');
}

interface ParsedEvidence extends ForkEvidence {
  key: NoteKey;
}

function parseForkEvidence(text: string): ParsedEvidence {
  if (text.length > MAX_EVIDENCE_LENGTH) throw malformed('is longer than evidence can be');
  const parts = text.split('\n\n');
  const [head = '', body1, signatures1, body2, signatures2] = parts;
  if (parts.length !== 5) throw malformed('has not the five parts of evidence');
  const [title, keyLine = '', prefixLine, ...proofLines] = head.split('\n');
  if (title !== TITLE || !keyLine.startsWith('key ')) throw malformed(`does not begin "${TITLE}"`);
  if (proofLines.length > MAX_PROOF_LINES) throw malformed('has too long a proof');
  return {
    key: parseKey(keyLine.slice('key '.length)),
    first: `${body1}\n\n${signatures1}\n`,
    // The last part brings its own final newline.
    second: `${body2}\n\n${signatures2}`,
    ...(prefixLine === undefined ? {} : { prefix: parsePrefix(prefixLine, proofLines) }),
  };
}

function parsePrefix(line: string, proofLines: readonly string[]): ForkEvidence['prefix'] {
  if (!line.startsWith('prefix ')) throw malformed('has a line that is none');
  return { root: parseHash(line.slice('prefix '.length)), proof: proofLines.map(parseHash) };
}

function parseHash(text: string): Uint8Array {
  const hash = decodeBase64(text);
  if (hash?.length === HASH_BYTES) return hash;
  throw malformed('has a hash that is not 32 bytes in base64');
}

function parseKey(text: string): NoteKey {
  try {
    return parseVerifierKey(text);
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw malformed('has no sound key', cause);
  }
}

async function readSigned(note: string, key: NoteKey): Promise<VerifiedCheckpoint> {
  try {
    return await verifyCheckpoint(note, key.name, key);
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw nothing(`A checkpoint does not count: ${cause.message}`, cause);
  }
}

function treeOf({ size, root }: VerifiedCheckpoint): { size: number; root: Uint8Array } {
  return { size, root };
}

function malformed(what: string, cause?: unknown): Error {
  return refusal('evidence_malformed', `The file ${what}.`, { cause });
}

function nothing(why: string, cause?: unknown): Error {
  return refusal('evidence_proves_nothing', `This proves no fork. ${why}`, { cause });
}
