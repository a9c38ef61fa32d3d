// Cosigners of checkpoints with real keys, for tests: a log's own keys and witnesses, Ed25519 and
// ML-DSA-44.

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { concatBytes, utf8 } from '../bytes/join-bytes.ts';
import { type Checkpoint, formatCheckpoint, parseCheckpoint } from '../note/checkpoint.ts';
import { formatNote, type NoteSignature } from '../note/parse-note.ts';
import { createNoteKey, formatVerifierKey, type NoteKey } from '../note/verifier-key.ts';
import { cosignatureMessage } from '../note/verify-note.ts';
import { cosignedMessage } from '../receipt/cosigned-message.ts';
import { ed25519KeyPair } from './test-log.ts';

type CosignerPurpose = 'ed25519' | 'cosignature' | 'mldsa44';

export class TestCosigner {
  readonly key: NoteKey;
  readonly #privateKey: KeyObject;

  constructor(name: string, purpose: CosignerPurpose = 'cosignature') {
    const { privateKey, publicKey } = purpose === 'mldsa44' ? mlDsaKeyPair() : ed25519KeyPair();
    this.key = createNoteKey(name, purpose, publicKey);
    this.#privateKey = privateKey;
  }

  get keyText(): string {
    return formatVerifierKey(this.key);
  }

  /** The signature line's content over a checkpoint's text. Plain Ed25519 states no time. */
  sign(text: string, seconds = 0): NoteSignature {
    const { name, id, purpose } = this.key;
    if (purpose === 'ed25519') return { name, id, blob: this.#signBytes(utf8(text)) };
    const message =
      purpose === 'mldsa44' ? this.#treeMessage(text, seconds) : cosignatureMessage(seconds, text);
    const time = new ByteWriter(8).u64(seconds).finish();
    return { name, id, blob: concatBytes(time, this.#signBytes(message)) };
  }

  #treeMessage(text: string, seconds: number): Uint8Array {
    const { origin, size, root } = parseCheckpoint(text);
    return cosignedMessage(this.key.name, origin, { start: 0, end: size }, root, seconds);
  }

  #signBytes(message: Uint8Array): Uint8Array {
    return Uint8Array.from(sign(null, message, this.#privateKey));
  }
}

/** A checkpoint signed by its log at once, and by each witness at its time. */
export function publishCheckpoint(
  checkpoint: Omit<Checkpoint, 'extensions'> & { extensions?: readonly string[] },
  log: TestCosigner,
  witnesses: readonly (readonly [TestCosigner, number])[] = [],
): string {
  const text = formatCheckpoint({ extensions: [], ...checkpoint });
  const cosignatures = witnesses.map(([witness, seconds]) => witness.sign(text, seconds));
  return formatNote({ text, signatures: [log.sign(text), ...cosignatures] });
}

function mlDsaKeyPair(): { privateKey: KeyObject; publicKey: Uint8Array } {
  const { privateKey, publicKey } = generateKeyPairSync('ml-dsa-44');
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  return { privateKey, publicKey: Uint8Array.from(spki.subarray(-1312)) };
}
