// One signature in the journal: 96 bytes, checked by CRC-32, big-endian.
// u8 kind=1 | u8 alg | u48 number | u48 keyNumber | u48 timeMs | u48 groupStart
// | 32 B kid (RFC 7638 thumbprint) | 32 B SHA-256 of the signing input | u16 zero | u32 crc.
// Other kinds are reserved for events of a key's life; a reader refuses a kind it does not know.

import { crc32 } from 'node:zlib';
import type { SignatureAlg } from '../scope/key-scope.ts';

export const RECORD_BYTES = 96;
const CRC_AT = 92;
const KIND_SIGNATURE = 1;
const ALG_CODES: Readonly<Record<SignatureAlg, number>> = { ES256: 1, EdDSA: 2, RS256: 3 };

export interface SignatureRecord {
  /** Gapless over the whole journal, from 1. */
  number: number;
  /** Gapless for its key, from 1. */
  keyNumber: number;
  kid: string;
  alg: SignatureAlg;
  timeMs: number;
  /**
   * Number of the first record of the group that was written and made durable together. A group
   * starts only when the one before is durable, so this tells a torn tail from damage.
   */
  groupStart: number;
  /** SHA-256 of the ASCII bytes `header.payload`. */
  inputHash: Uint8Array;
}

/** Writes one record into `target` at `offset`. */
export function writeRecord(target: Buffer, offset: number, record: SignatureRecord): void {
  target.writeUInt8(KIND_SIGNATURE, offset);
  target.writeUInt8(ALG_CODES[record.alg], offset + 1);
  target.writeUIntBE(record.number, offset + 2, 6);
  target.writeUIntBE(record.keyNumber, offset + 8, 6);
  target.writeUIntBE(record.timeMs, offset + 14, 6);
  target.writeUIntBE(record.groupStart, offset + 20, 6);
  target.write(record.kid, offset + 26, 32, 'base64url');
  target.set(record.inputHash, offset + 58);
  target.writeUInt16BE(0, offset + 90);
  target.writeUInt32BE(crc32(target.subarray(offset, offset + CRC_AT)), offset + CRC_AT);
}

/** Reads the record at `offset`; undefined when there is none that is whole. */
export function readRecord(source: Buffer, offset: number): SignatureRecord | undefined {
  if (source.length - offset < RECORD_BYTES) return undefined;
  const crc = source.readUInt32BE(offset + CRC_AT);
  if (crc !== crc32(source.subarray(offset, offset + CRC_AT))) return undefined;
  const alg = algOf(source.readUInt8(offset + 1));
  if (source.readUInt8(offset) !== KIND_SIGNATURE || alg === undefined) return undefined;
  return {
    number: source.readUIntBE(offset + 2, 6),
    keyNumber: source.readUIntBE(offset + 8, 6),
    kid: source.toString('base64url', offset + 26, offset + 58),
    alg,
    timeMs: source.readUIntBE(offset + 14, 6),
    groupStart: source.readUIntBE(offset + 20, 6),
    inputHash: new Uint8Array(source.subarray(offset + 58, offset + 90)),
  };
}

function algOf(code: number): SignatureAlg | undefined {
  for (const [alg, known] of Object.entries(ALG_CODES)) {
    if (known === code) return alg as SignatureAlg;
  }
  return undefined;
}
