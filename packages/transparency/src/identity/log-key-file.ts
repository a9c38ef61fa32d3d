// One private key of the log at rest: AES-256-GCM under a key made of the passphrase. What the key
// is for is authenticated with it, so that no file can be passed off as another: role, name,
// public key, cost and salt are all additional data.

import assert from 'node:assert';
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import {
  createNoteKey,
  decodeBase64url,
  encodeBase64url,
  FormatError,
  formatVerifierKey,
  type KeyPurpose,
  type NoteKey,
  parseVerifierKey,
} from '@countersign/verifier';
import type { Random } from '@countersign/vocabulary';
import { refusal } from '../transparency-error.ts';
import { type KeyCost, WrappingKeys } from './derive-wrapping-key.ts';

/** The keys that every log has. */
export const FIRST_KEY_ROLES = ['receipt', 'checkpoint', 'feed'] as const;
/** Logs made before ML-DSA-44 was signed with have no key for it, and never get one. */
export const LOG_KEY_ROLES = [...FIRST_KEY_ROLES, 'checkpointMlDsa44'] as const;
export type FirstKeyRole = (typeof FIRST_KEY_ROLES)[number];
export type LogKeyRole = (typeof LOG_KEY_ROLES)[number];

export interface LogKey {
  role: LogKeyRole;
  /** Name, type and public half, as notes and policies carry them. */
  note: NoteKey;
  /** The same as text. */
  verifierKey: string;
  /** Ed25519; ML-DSA-44 for the role that says so. */
  privateKey: KeyObject;
}

const FORMAT = 'countersign/log-key/v1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

interface KeyFile {
  format: string;
  role: LogKeyRole;
  verifierKey: string;
  cost: KeyCost;
  salt: string;
  nonce: string;
  /** Ciphertext of the 32-byte seed, then the 16-byte tag. */
  sealed: string;
}

export interface KeySeal {
  wrapping: WrappingKeys;
  /** May be shared by the keys of one log; the nonce never is. */
  salt: Uint8Array;
  cost: KeyCost;
  random: Random;
}

/** The name that a key of this log signs under: the origin, and for the feed its own. */
export function keyName(role: LogKeyRole, origin: string): string {
  return role === 'feed' ? `${origin}/feed` : origin;
}

export function makeLogKey(
  role: LogKeyRole,
  origin: string,
  seal: KeySeal,
): { key: LogKey; file: Buffer } {
  const { privateKey, publicKey, seed } = drawKeyPair(role);
  const note = createNoteKey(keyName(role, origin), purposeOf(role), publicKey);
  const verifierKey = formatVerifierKey(note);
  const nonce = seal.random.bytes(NONCE_BYTES);
  const facts = {
    format: FORMAT,
    role,
    verifierKey,
    cost: seal.cost,
    salt: encodeBase64url(seal.salt),
    nonce: encodeBase64url(nonce),
  };
  const wrapping = seal.wrapping.derive(seal.salt, seal.cost);
  const cipher = createCipheriv('aes-256-gcm', wrapping, nonce);
  cipher.setAAD(boundFacts(facts));
  const sealed = Buffer.concat([cipher.update(seed), cipher.final(), cipher.getAuthTag()]);
  seed.fill(0);
  const file: KeyFile = { ...facts, sealed: encodeBase64url(sealed) };
  const text = `${JSON.stringify(file, undefined, 2)}\n`;
  return { key: { role, note, verifierKey, privateKey }, file: Buffer.from(text) };
}

/**
 * Opens one key file of a log, as the notary does at start, or as a thief does who has both the
 * file and the passphrase.
 * @param passphrase the bytes, or keys already derived from them
 * @throws CodedError `key_unreadable`: damaged, of another format, or not this passphrase
 */
export function openLogKeyFile(bytes: Uint8Array, passphrase: Uint8Array | WrappingKeys): LogKey {
  const file = parseKeyFile(bytes);
  const wrapping = passphrase instanceof WrappingKeys ? passphrase : new WrappingKeys(passphrase);
  const seed = unseal(file, wrapping);
  if (wrapping !== passphrase) wrapping.wipe();
  const note = parseVerifierKey(file.verifierKey);
  const privateKey = importSeed(file.role, seed, note.publicKey);
  seed.fill(0);
  return { role: file.role, note, verifierKey: file.verifierKey, privateKey };
}

function purposeOf(role: LogKeyRole): KeyPurpose {
  if (role === 'checkpointMlDsa44') return 'mldsa44';
  return role === 'receipt' ? 'receipt' : 'ed25519';
}

interface DrawnKey {
  privateKey: KeyObject;
  publicKey: Uint8Array;
  /** 32 bytes, from which both come again. */
  seed: Uint8Array;
}

function drawKeyPair(role: LogKeyRole): DrawnKey {
  if (role !== 'checkpointMlDsa44') {
    const { privateKey } = generateKeyPairSync('ed25519');
    const { d, x } = privateKey.export({ format: 'jwk' });
    return { privateKey, publicKey: bytesOf(x), seed: bytesOf(d) };
  }
  const { privateKey } = generateKeyPairSync('ml-dsa-44');
  const { priv, pub }: Record<string, unknown> = { ...privateKey.export({ format: 'jwk' }) };
  return { privateKey, publicKey: bytesOf(pub), seed: bytesOf(priv) };
}

function importSeed(role: LogKeyRole, seed: Uint8Array, publicKey: Uint8Array): KeyObject {
  const [secret, open] = [encodeBase64url(seed), encodeBase64url(publicKey)];
  const key =
    role === 'checkpointMlDsa44'
      ? { kty: 'AKP', alg: 'ML-DSA-44', priv: secret, pub: open }
      : { kty: 'OKP', crv: 'Ed25519', d: secret, x: open };
  return createPrivateKey({ key, format: 'jwk' });
}

function bytesOf(member: unknown): Uint8Array {
  const bytes = typeof member === 'string' ? decodeBase64url(member) : undefined;
  assert(bytes !== undefined, 'a key just drawn can be exported');
  return bytes;
}

function unseal(file: KeyFile, wrapping: WrappingKeys): Buffer {
  const sealed = decodeBase64url(file.sealed);
  const nonce = decodeBase64url(file.nonce);
  const salt = decodeBase64url(file.salt);
  if (sealed === undefined || nonce?.length !== NONCE_BYTES || salt === undefined) {
    throw unreadable('The key file is damaged.');
  }
  const key = wrapping.derive(salt, file.cost);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(boundFacts(file));
  try {
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw unreadable(
      `The ${file.role} key is damaged or does not open with this passphrase.`,
      cause,
    );
  }
}

/** One spelling of everything but the ciphertext; JSON of an array, so that no field can bleed. */
function boundFacts(file: Omit<KeyFile, 'sealed'>): Buffer {
  const { format, role, verifierKey, cost, salt, nonce } = file;
  return Buffer.from(
    JSON.stringify([format, role, verifierKey, cost.memoryKiB, cost.passes, salt, nonce]),
  );
}

function parseKeyFile(bytes: Uint8Array): KeyFile {
  try {
    const file = JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<KeyFile> | null;
    const texts = [file?.verifierKey, file?.salt, file?.nonce, file?.sealed];
    if (file?.format !== FORMAT || texts.some((text) => typeof text !== 'string')) {
      throw unreadable('The key file is of an unknown format.');
    }
    if (!LOG_KEY_ROLES.some((role) => role === file.role) || !hasCost(file)) {
      throw unreadable('The key file does not say what it is for.');
    }
    parseVerifierKey(file.verifierKey ?? '');
    return file as KeyFile;
  } catch (cause) {
    if (!(cause instanceof SyntaxError) && !(cause instanceof FormatError)) throw cause;
    throw unreadable('The key file is damaged.', cause);
  }
}

function hasCost({ cost }: Partial<KeyFile>): boolean {
  return typeof cost?.memoryKiB === 'number' && typeof cost.passes === 'number';
}

function unreadable(message: string, cause?: unknown): Error {
  return refusal('key_unreadable', message, { cause });
}
