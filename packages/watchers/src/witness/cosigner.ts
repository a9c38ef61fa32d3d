// The two keys of a witness, and what it signs with them (C2SP tlog-cosignature): cosignature/v1 by
// Ed25519 over the time and the checkpoint's text, and ML-DSA-44 over the tree it speaks of.

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';
import {
  ByteWriter,
  type Checkpoint,
  concatBytes,
  cosignatureMessage,
  cosignedMessage,
  createNoteKey,
  decodeBase64url,
  type NoteKey,
  type NoteSignature,
} from '@countersign/verifier';
import { refusal } from '../watcher-error.ts';

export const COSIGNER_KEYS = ['ed25519', 'mldsa44'] as const;
export type CosignerKey = (typeof COSIGNER_KEYS)[number];

export interface Cosigner {
  readonly name: string;
  readonly keys: Readonly<Record<CosignerKey, NoteKey>>;
  /** Both signatures, as of this second. */
  sign(text: string, checkpoint: Checkpoint, timeSeconds: number): NoteSignature[];
}

export type PrivateKeys = Record<CosignerKey, KeyObject>;

export function drawPrivateKeys(): PrivateKeys {
  return {
    ed25519: generateKeyPairSync('ed25519').privateKey,
    mldsa44: generateKeyPairSync('ml-dsa-44').privateKey,
  };
}

export function exportPrivateKey(key: KeyObject): Uint8Array {
  return key.export({ format: 'der', type: 'pkcs8' });
}

/** @throws CodedError `key_unreadable` */
export function importPrivateKey(bytes: Uint8Array, type: CosignerKey): KeyObject {
  try {
    const key = createPrivateKey({ key: Buffer.from(bytes), format: 'der', type: 'pkcs8' });
    if (key.asymmetricKeyType === (type === 'ed25519' ? 'ed25519' : 'ml-dsa-44')) return key;
  } catch (cause) {
    throw refusal('key_unreadable', `The ${type} key is damaged.`, { cause });
  }
  throw refusal('key_unreadable', `The ${type} key is of another type.`);
}

/** @throws FormatError `vkey_malformed` for a name that notes cannot carry */
export function createCosigner(name: string, privateKeys: PrivateKeys): Cosigner {
  const keys = {
    ed25519: createNoteKey(name, 'cosignature', publicBytes(privateKeys.ed25519, 'x')),
    mldsa44: createNoteKey(name, 'mldsa44', publicBytes(privateKeys.mldsa44, 'pub')),
  };
  return {
    name,
    keys,
    sign: (text, { origin, size, root }, timeSeconds) => {
      const tree = cosignedMessage(name, origin, { start: 0, end: size }, root, timeSeconds);
      const time = new ByteWriter(8).u64(timeSeconds).finish();
      const statements: [NoteKey, Uint8Array, KeyObject][] = [
        [keys.ed25519, cosignatureMessage(timeSeconds, text), privateKeys.ed25519],
        [keys.mldsa44, tree, privateKeys.mldsa44],
      ];
      return statements.map(([{ id }, message, privateKey]) => ({
        name,
        id,
        blob: concatBytes(time, sign(null, message, privateKey)),
      }));
    },
  };
}

function publicBytes(privateKey: KeyObject, member: 'x' | 'pub'): Uint8Array {
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' }) as Record<string, unknown>;
  const text = jwk[member];
  const bytes = typeof text === 'string' ? decodeBase64url(text) : undefined;
  if (bytes === undefined) throw refusal('key_unreadable', 'A key has no public half.');
  return bytes;
}
