// Private keys in DER, anywhere in bytes: PKCS#1 (RFC 8017 A.1.2), PKCS#8 plain and encrypted
// (RFC 5958), SEC1 (RFC 5915), and that a PKCS#12 store is there (RFC 7292 §4).

import type { Report } from '../find.ts';
import { type DerItem, readItem, sequenceBefore } from './read-der.ts';

// Every plain form begins with a version: INTEGER of one byte.
const VERSION = Buffer.from([0x02, 0x01]);
// 1.2.840.113549.1: .5 are the PBES of PKCS#5, .12.1 those of PKCS#12.
const RSADSI = Buffer.from('2a864886f70d01', 'hex');
const PKCS7_DATA = Buffer.from('06092a864886f70d0107', 'hex');
/** Of 32 random bytes some 30 differ, and never so few as 20. */
const SHORT_BYTES = 32;
const FEWEST_DIFFERENT = 20;
const INTEGER = 0x02;
const OCTETS = 0x04;
const OID = 0x06;
const SEQUENCE = 0x30;
const INDEFINITE = Buffer.from('3080', 'hex');
/** 1.2.840.10045.2.1, id-ecPublicKey (RFC 5480): the secret is one in SEC1. */
const EC_KEY = Buffer.from('2a8648ce3d0201', 'hex');
/** 1.3.101, of which .110 to .113 are X25519, X448, Ed25519, Ed448 (RFC 8410), as an OID begins. */
const EDWARDS = Buffer.from('06032b65', 'hex');
const LONGEST = 1 << 15;
const LONGEST_STORE = 1 << 24;

export function findDer(bytes: Buffer, from: number, report: Report): void {
  for (let at = bytes.indexOf(VERSION, from); at !== -1; at = bytes.indexOf(VERSION, at + 2)) {
    const version = bytes[at + 2] as number;
    if (version > 3) continue;
    const outer = sequenceBefore(bytes, at);
    if (version === 3 && isIndefinitePkcs12(bytes, at) && at - 2 >= from)
      report(at - 2, LONGEST, 'pkcs12', 'PKCS#12 key store');
    if (outer !== undefined && outer.at >= from) judgePlain(bytes, outer, version, at + 3, report);
  }
  findEncrypted(bytes, from, report);
}

function judgePlain(
  bytes: Buffer,
  outer: DerItem,
  version: number,
  at: number,
  report: Report,
): void {
  const next = readItem(bytes, at);
  if (next === undefined || next.end > outer.end) return;
  const length = Math.min(outer.end - outer.at, LONGEST);
  if (version === 3) {
    // Its whole length, however long: what is behind it in the store is part of the secret.
    if (next.tag === SEQUENCE && startsWith(bytes, next.start, PKCS7_DATA))
      report(
        outer.at,
        Math.min(outer.end - outer.at, LONGEST_STORE),
        'pkcs12',
        'PKCS#12 key store',
      );
  } else if (next.tag === INTEGER) {
    const what = integersOf(bytes, next, outer);
    if (what !== undefined) report(outer.at, length, 'der-pkcs1', what);
  } else if (next.tag === SEQUENCE) {
    if (isPkcs8(bytes, next, outer))
      report(outer.at, length, 'der-pkcs8', 'PKCS#8 private key in DER');
  } else if (next.tag === OCTETS && version === 1 && isSec1(bytes, next, outer)) {
    report(outer.at, length, 'der-sec1', 'SEC1 elliptic curve private key in DER');
  }
}

/** BER of unknown length, as NSS writes a store: 30 80, version 3, 30 80, the type of content. */
function isIndefinitePkcs12(bytes: Buffer, at: number): boolean {
  const { length } = INDEFINITE;
  return (
    at >= length &&
    startsWith(bytes, at - length, INDEFINITE) &&
    startsWith(bytes, at + 3, INDEFINITE) &&
    startsWith(bytes, at + 3 + length, PKCS7_DATA)
  );
}

function startsWith(bytes: Buffer, at: number, start: Buffer): boolean {
  return bytes.subarray(at, at + start.length).equals(start);
}

/** RSA: n, e, d, p, q, dp, dq, qi; DSA as OpenSSL writes it: p, q, g, y, x. Cut off is enough. */
function integersOf(bytes: Buffer, first: DerItem, outer: DerItem): string | undefined {
  const sizes: number[] = [];
  let at = first.at;
  while (at < outer.end && sizes.length < 8) {
    const item = readItem(bytes, at);
    if (item === undefined) break;
    if (item.tag !== INTEGER || item.end > outer.end || item.end === item.start) return undefined;
    sizes.push(item.end - item.start);
    at = item.end;
  }
  const [modulus = 0, second = 0, third = 0] = sizes;
  if (modulus < 63 || modulus > 2050 || !isModulus(bytes, first)) return undefined;
  const cutOff = outer.end > bytes.length;
  if (second <= 9 && third > modulus / 4 && (sizes.length >= 8 || cutOff))
    return 'RSA private key (PKCS#1) in DER';
  if (second >= 20 && second <= 33 && sizes.length === 5) return 'DSA private key in DER';
  return undefined;
}

/** A modulus is positive and odd. */
function isModulus(bytes: Buffer, { start, end }: DerItem): boolean {
  if (((bytes[start] as number) & 0x80) !== 0) return false;
  return end > bytes.length || ((bytes[end - 1] as number) & 1) === 1;
}

function isPkcs8(bytes: Buffer, algorithm: DerItem, outer: DerItem): boolean {
  const name = readItem(bytes, algorithm.start);
  if (name?.tag !== OID || name.end > algorithm.end || name.end - name.start < 3) return false;
  const key = readItem(bytes, algorithm.end);
  if (key?.tag !== OCTETS || key.end > outer.end || key.end - key.start < 16) return false;
  if (isConstant(bytes, name, key)) return false;
  if (key.end === outer.end || key.end >= bytes.length) return true;
  // Attributes and the public key, both tagged by context (RFC 5958 §2).
  return [0xa0, 0x80, 0x81, 0xa1].includes(bytes[key.end] as number);
}

/** Programs hold the first bytes of a key as a constant, and other constants behind them. */
function isConstant(bytes: Buffer, name: DerItem, key: DerItem): boolean {
  const secret = bytes.subarray(key.start, key.end);
  if (bytes.subarray(name.start, name.end).equals(EC_KEY)) return !holdsSec1(bytes, key);
  if (startsWith(bytes, name.at, EDWARDS) && (secret.includes(EDWARDS) || isText(secret)))
    return true;
  // Random bytes do not look like that even when they are few.
  const short = secret.length === SHORT_BYTES + 2 && key.end <= bytes.length;
  return short && new Set(secret.subarray(2)).size < FEWEST_DIFFERENT;
}

/** Behind its two bytes of header. */
function isText(secret: Buffer): boolean {
  return secret.subarray(2).every((byte) => byte === 0 || (byte >= 0x20 && byte < 0x7f));
}

function holdsSec1(bytes: Buffer, key: DerItem): boolean {
  const outer = readItem(bytes, key.start);
  if (outer?.tag !== SEQUENCE || outer.end > key.end) return false;
  if (!startsWith(bytes, outer.start, Buffer.of(...VERSION, 1))) return false;
  const secret = readItem(bytes, outer.start + 3);
  return secret?.tag === OCTETS && secret.end <= outer.end && isSec1(bytes, secret, outer);
}

function isSec1(bytes: Buffer, key: DerItem, outer: DerItem): boolean {
  const size = key.end - key.start;
  if (size < 20 || size > 72) return false;
  if (key.end === outer.end || key.end >= bytes.length) return true;
  const next = readItem(bytes, key.end);
  return next !== undefined && next.end <= outer.end && [0xa0, 0xa1].includes(next.tag);
}

function findEncrypted(bytes: Buffer, from: number, report: Report): void {
  for (let at = bytes.indexOf(RSADSI, from); at !== -1; at = bytes.indexOf(RSADSI, at + 7)) {
    const arc = bytes[at + 7];
    if (bytes[at - 2] !== OID || (arc !== 0x05 && arc !== 0x0c)) continue;
    const algorithm = sequenceBefore(bytes, at - 2);
    const outer = algorithm && sequenceBefore(bytes, algorithm.at);
    if (algorithm === undefined || outer === undefined || outer.at < from) continue;
    const sealed = readItem(bytes, algorithm.end);
    if (sealed?.tag !== OCTETS || sealed.end !== outer.end || sealed.end - sealed.start < 32)
      continue;
    const length = Math.min(outer.end - outer.at, LONGEST);
    report(outer.at, length, 'der-pkcs8', 'PKCS#8 private key in DER, encrypted by a passphrase');
  }
}
