// The body of add-checkpoint (C2SP tlog-witness): `old N`, at most 63 hashes in base64, an empty
// line, a signed checkpoint. Read strictly: every deviation has its code.

import {
  type Checkpoint,
  decodeBase64,
  FormatError,
  HASH_BYTES,
  parseCheckpoint,
  parseNote,
  type SignedNote,
} from '@countersign/verifier';
import { WitnessRefusal } from './witness-answer.ts';

export interface AddCheckpoint {
  oldSize: number;
  proof: Uint8Array[];
  note: SignedNote;
  checkpoint: Checkpoint;
}

/** A note of a hundred ML-DSA-44 signatures, and room to spare. */
export const MAX_BODY_BYTES = 512 * 1024;
const MAX_PROOF_LINES = 63;

/** @throws WitnessRefusal with a code that answers 400 or 413 */
export function parseAddCheckpoint(body: Uint8Array): AddCheckpoint {
  if (body.length > MAX_BODY_BYTES) {
    throw new WitnessRefusal('body_too_large', `A request has at most ${MAX_BODY_BYTES} bytes.`);
  }
  const text = decode(body);
  const split = text.indexOf('\n\n');
  if (split < 0) {
    throw new WitnessRefusal('body_malformed', 'There is no empty line before the checkpoint.');
  }
  const [first = '', ...lines] = text.slice(0, split).split('\n');
  return {
    oldSize: parseOldSize(first),
    proof: parseProof(lines),
    ...parseSigned(text.slice(split + 2)),
  };
}

function decode(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch (cause) {
    throw new WitnessRefusal('body_malformed', 'The request is not UTF-8.', cause);
  }
}

function parseOldSize(line: string): number {
  const digits = /^old (0|[1-9][0-9]{0,18})$/.exec(line)?.[1];
  const size = Number(digits);
  if (digits === undefined || !Number.isSafeInteger(size)) {
    throw new WitnessRefusal(
      'old_size_malformed',
      'The first line is "old", one space and a plain decimal number up to 2^53-1.',
    );
  }
  return size;
}

function parseProof(lines: readonly string[]): Uint8Array[] {
  if (lines.length > MAX_PROOF_LINES) {
    throw new WitnessRefusal('proof_too_long', `A proof has at most ${MAX_PROOF_LINES} lines.`);
  }
  return lines.map((line) => {
    const hash = decodeBase64(line);
    if (hash?.length === HASH_BYTES) return hash;
    throw new WitnessRefusal('proof_malformed', 'A proof line is not 32 bytes in base64.');
  });
}

function parseSigned(text: string): Pick<AddCheckpoint, 'note' | 'checkpoint'> {
  try {
    const note = parseNote(text);
    return { note, checkpoint: parseCheckpoint(note.text) };
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new WitnessRefusal('checkpoint_malformed', cause.message, cause);
  }
}
