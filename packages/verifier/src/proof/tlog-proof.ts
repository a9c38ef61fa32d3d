// The text of a tlog-proof (C2SP tlog-proof@v1): an entry's index, its inclusion proof and a signed
// checkpoint, all that somebody without a connection needs. One text for one proof: whatever is not
// written exactly so is refused.

import { decodeBase64, encodeBase64 } from '../bytes/base64.ts';
import { FormatError } from '../format-error.ts';
import { HASH_BYTES } from '../merkle/hash-node.ts';
import { parseCheckpoint } from '../note/checkpoint.ts';
import { parseNote } from '../note/parse-note.ts';

export interface TlogProof {
  /** Place of the entry in the log. */
  readonly index: number;
  /** Inclusion proof, from the leaf's sibling to the root's child; 32 bytes each. */
  readonly proof: readonly Uint8Array[];
  /** Signed note, exactly as the log served it. */
  readonly checkpoint: string;
  /** Signed by nobody: for whoever reads it, not to be believed. */
  readonly extra?: Uint8Array | undefined;
}

/** Longest text, in UTF-16 units: a checkpoint with 64 ML-DSA cosignatures, and what comes with it. */
export const MAX_TLOG_PROOF_LENGTH = 524_288;
export const MAX_EXTRA_BYTES = 65_536;
/** A tree of 2^53-1 leaves is 53 levels deep. */
const MAX_PROOF_HASHES = 53;

const HEADER = 'c2sp.org/tlog-proof@v1';
const EXTRA = 'extra ';
const INDEX = 'index ';

/** @throws FormatError `tlog_proof_malformed`, and as `parseNote` and `parseCheckpoint` */
export function formatTlogProof({ index, proof, checkpoint, extra }: TlogProof): string {
  const lines = [
    HEADER,
    ...(extra === undefined || extra.length === 0 ? [] : [EXTRA + encodeBase64(extra)]),
    `${INDEX}${index}`,
    ...proof.map(encodeBase64),
  ];
  const text = `${lines.join('\n')}\n\n${checkpoint}`;
  parseTlogProof(text);
  return text;
}

/**
 * What the text says; nothing is verified yet.
 * @throws FormatError `tlog_proof_malformed`, and as `parseNote` and `parseCheckpoint`
 */
export function parseTlogProof(text: string): TlogProof {
  if (text.length > MAX_TLOG_PROOF_LENGTH) throw malformed('is longer than allowed');
  const split = text.indexOf('\n\n');
  if (split < 0) throw malformed('has no checkpoint');
  const [header, ...lines] = text.slice(0, split).split('\n');
  if (header !== HEADER) throw malformed('does not begin with its name and version');
  const extra = lines[0]?.startsWith(EXTRA) ? readExtra(lines.shift() ?? '') : undefined;
  const index = readIndex(lines.shift() ?? '');
  if (lines.length > MAX_PROOF_HASHES) throw malformed('has more hashes than any tree has levels');
  const proof = lines.map(readHash);
  const checkpoint = text.slice(split + 2);
  parseCheckpoint(parseNote(checkpoint).text);
  return { index, proof, checkpoint, ...(extra === undefined ? {} : { extra }) };
}

function readExtra(line: string): Uint8Array {
  const bytes = decodeBase64(line.slice(EXTRA.length));
  if (bytes === undefined || bytes.length === 0 || bytes.length > MAX_EXTRA_BYTES) {
    throw malformed('has extra data that is not canonical base64 of a size allowed');
  }
  return bytes;
}

function readIndex(line: string): number {
  const [, digits] = /^index (0|[1-9][0-9]{0,18})$/.exec(line) ?? [];
  if (digits === undefined) throw malformed('has no index that is a plain number');
  const index = Number(digits);
  if (!Number.isSafeInteger(index)) {
    throw new FormatError('number_out_of_range', 'The index in the proof is above 2^53-1.');
  }
  return index;
}

function readHash(line: string): Uint8Array {
  const hash = decodeBase64(line);
  if (hash?.length !== HASH_BYTES) throw malformed('has a hash that is not 32 bytes in base64');
  return hash;
}

function malformed(what: string): FormatError {
  return new FormatError('tlog_proof_malformed', `The proof ${what}.`);
}
