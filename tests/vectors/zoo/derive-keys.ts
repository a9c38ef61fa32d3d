// The zoo's keys, derived from published labels: the same on every machine, and worthless as keys,
// because anybody can derive them. TEST KEYS: nothing outside tests/vectors may ever trust one.

import {
  checkPrimeSync,
  createECDH,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
} from 'node:crypto';

export type ZooAlgorithm = 'ES256' | 'EdDSA' | 'RS256';

export interface ZooKey {
  alg: ZooAlgorithm;
  /** Public members only. */
  publicJwk: Record<string, string>;
  privateKey: KeyObject;
  /** JWS signature, deterministic for every algorithm. */
  sign(input: string | Buffer): Buffer;
}

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

function seed(label: string, part = ''): Buffer {
  return createHash('sha256')
    .update(`countersign test vectors, test key: ${label}${part}`)
    .digest();
}

export function deriveKey(alg: ZooAlgorithm, label: string): ZooKey {
  if (alg === 'EdDSA') return deriveEd25519(label);
  return alg === 'ES256' ? deriveP256(label) : deriveRsa(label);
}

export function deriveEd25519(label: string): ZooKey & { alg: 'EdDSA'; publicRaw: Buffer } {
  // RFC 8410 §7: the fixed PKCS #8 prefix of an Ed25519 private key.
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
  const der = Buffer.concat([prefix, seed(label)]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return {
    alg: 'EdDSA',
    publicJwk: { kty: 'OKP', crv: 'Ed25519', x },
    publicRaw: Buffer.from(x, 'base64url'),
    privateKey,
    sign: (input) => sign(null, Buffer.from(input), privateKey),
  };
}

function deriveP256(label: string): ZooKey {
  const d = seed(label);
  const point = multiplyBase(d);
  const x = point.subarray(1, 33).toString('base64url');
  const y = point.subarray(33).toString('base64url');
  const publicJwk = { kty: 'EC', crv: 'P-256', x, y };
  const jwk = { ...publicJwk, d: d.toString('base64url') };
  const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
  return { alg: 'ES256', publicJwk, privateKey, sign: (input) => signDeterministic(input, d) };
}

function multiplyBase(scalar: Buffer): Buffer {
  const curve = createECDH('prime256v1');
  curve.setPrivateKey(scalar);
  return curve.getPublicKey();
}

/** ECDSA with the nonce of RFC 6979 §3.2, so that the files come out the same every time. */
function signDeterministic(input: string | Buffer, d: Buffer): Buffer {
  const digest = createHash('sha256').update(input).digest();
  const z = toNumber(digest);
  const hmac = (key: Buffer, ...parts: Uint8Array[]) =>
    createHmac('sha256', key).update(Buffer.concat(parts)).digest();
  const reduced = toBytes(z % P256_ORDER);
  let v: Buffer = Buffer.alloc(32, 1);
  let k: Buffer = Buffer.alloc(32, 0);
  k = hmac(k, v, Uint8Array.of(0), d, reduced);
  v = hmac(k, v);
  k = hmac(k, v, Uint8Array.of(1), d, reduced);
  v = hmac(k, v);
  for (;;) {
    v = hmac(k, v);
    const nonce = toNumber(v);
    if (nonce > 0n && nonce < P256_ORDER) {
      const r = toNumber(multiplyBase(v).subarray(1, 33)) % P256_ORDER;
      const s = (invert(nonce) * (z + r * toNumber(d))) % P256_ORDER;
      if (r !== 0n && s !== 0n) return Buffer.concat([toBytes(r), toBytes(s)]);
    }
    k = hmac(k, v, Uint8Array.of(0));
    v = hmac(k, v);
  }
}

function invert(value: bigint): bigint {
  return power(value, P256_ORDER - 2n, P256_ORDER);
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function deriveRsa(label: string): ZooKey {
  const e = 65_537n;
  const p = derivePrime(label, 'p', e);
  const q = derivePrime(label, 'q', e);
  const n = p * q;
  const d = modularInverse(e, (p - 1n) * (q - 1n));
  const text = (value: bigint, size = 0) => toBytes(value, size).toString('base64url');
  const publicJwk = { kty: 'RSA', n: text(n), e: text(e, 3) };
  const privateKey = createPrivateKey({
    key: {
      ...publicJwk,
      d: text(d),
      p: text(p),
      q: text(q),
      dp: text(d % (p - 1n)),
      dq: text(d % (q - 1n)),
      qi: text(modularInverse(q, p)),
    },
    format: 'jwk',
  });
  return {
    alg: 'RS256',
    publicJwk,
    privateKey,
    sign: (input) => sign('sha256', Buffer.from(input), privateKey),
  };
}

/** The first suitable 1,024-bit prime at or after a number that the label determines. */
function derivePrime(label: string, part: string, e: bigint): bigint {
  const blocks = [0, 1, 2, 3].map((block) => seed(label, ` ${part}${block}`));
  let candidate = toNumber(Buffer.concat(blocks)) | 1n | (3n << 1022n);
  while (!checkPrimeSync(candidate) || (candidate - 1n) % e === 0n) candidate += 2n;
  return candidate;
}

function modularInverse(value: bigint, modulus: bigint): bigint {
  let [older, newer] = [modulus, value % modulus];
  let [before, after] = [0n, 1n];
  while (newer !== 0n) {
    const quotient = older / newer;
    [older, newer] = [newer, older - quotient * newer];
    [before, after] = [after, before - quotient * after];
  }
  return ((before % modulus) + modulus) % modulus;
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

/** Big-endian, at least 32 bytes unless a size is given. */
function toBytes(value: bigint, size = 0): Buffer {
  const hex = value.toString(16);
  const least = size || Math.max(32, Math.ceil(hex.length / 2));
  return Buffer.from(hex.padStart(least * 2, '0'), 'hex');
}
