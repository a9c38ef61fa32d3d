// The newest checkpoint together with the cosignatures that came for it: what is shown to the
// world. Witnesses are asked and believed elsewhere; here their lines are only held to form and
// bounds, and kept from posing as the log's own.

import {
  equalBytes,
  FormatError,
  formatNote,
  type NoteKey,
  type NoteSignature,
  parseNote,
  type SignedNote,
} from '@countersign/verifier';
import { refusal } from '../transparency-error.ts';

/** The C2SP policy format asks for 32 witnesses; each may sign in two ways. */
const MAX_COSIGNATURES = 64;
/** A time and an ML-DSA-44 signature: with 64 of them verifiers still take the checkpoint. */
const MAX_BLOB_BYTES = 8 + 2_420;

export class CosignedNote {
  readonly #ownKeys: readonly NoteKey[];
  #note: SignedNote;
  #cosignatures: NoteSignature[] = [];

  /** @param ownKeys of the log, by which no other may sign */
  constructor(ownKeys: readonly NoteKey[], note: string) {
    this.#ownKeys = ownKeys;
    this.#note = parseNote(note);
  }

  /** A newer checkpoint: what was said about the one before does not count for it. */
  replace(note: string): void {
    this.#note = parseNote(note);
    this.#cosignatures = [];
  }

  /**
   * Adds signature lines, each in place of an earlier one by its key.
   * @throws CodedError `request_malformed` for lines that are none, too many, or in the log's name
   */
  merge(lines: string): void {
    const signatures = parseLines(this.#note.text, lines);
    const merged = [...this.#cosignatures];
    for (const signature of signatures) {
      if (this.#ownKeys.some((key) => isBy(signature, key))) {
        throw refusal('request_malformed', 'The log signs its checkpoints itself.');
      }
      if (signature.blob.length > MAX_BLOB_BYTES) {
        throw refusal('request_malformed', 'No witness signs as long as that.');
      }
      const at = merged.findIndex((earlier) => isBy(earlier, signature));
      merged.splice(at < 0 ? merged.length : at, at < 0 ? 0 : 1, signature);
    }
    if (merged.length > MAX_COSIGNATURES) {
      throw refusal('request_malformed', `A checkpoint has at most ${MAX_COSIGNATURES} witnesses.`);
    }
    this.#cosignatures = merged;
  }

  /** Takes over the cosignatures of a note shown earlier, when it is of the same checkpoint. */
  adopt(shown: Buffer | undefined): void {
    if (shown === undefined) return;
    try {
      const { text, signatures } = parseNote(shown);
      if (text !== this.#note.text) return;
      const others = signatures.filter((one) => !this.#ownKeys.some((key) => isBy(one, key)));
      this.#cosignatures = others.slice(0, MAX_COSIGNATURES);
    } catch (error) {
      // A damaged copy is written again without them, and the witnesses are asked again.
      if (!(error instanceof FormatError)) throw error;
    }
  }

  /** The whole note. */
  format(): string {
    const { text, signatures } = this.#note;
    return formatNote({ text, signatures: [...signatures, ...this.#cosignatures] });
  }
}

function parseLines(text: string, lines: string): readonly NoteSignature[] {
  try {
    const note = parseNote(`${text}\n${lines}`);
    if (note.text === text) return note.signatures;
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw refusal('request_malformed', cause.message, { cause });
  }
  throw refusal('request_malformed', 'There is more than signature lines.');
}

function isBy(signature: NoteSignature, key: Pick<NoteKey, 'name' | 'id'>): boolean {
  return signature.name === key.name && equalBytes(signature.id, key.id);
}
