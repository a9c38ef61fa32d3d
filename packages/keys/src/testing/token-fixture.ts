// A log that countersigns, a scope and a token that fits it: what the tests of this room vary.

import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import {
  commitToken,
  cosignedMessage,
  createNoteKey,
  encodeLeafEntry,
  encodeReceipt,
  formatVerifierKey,
  hashLeaf,
  hashNode,
  leafTypeOf,
} from '@countersign/verifier';
import type { KeyScope, SignatureAlg } from '../scope/key-scope.ts';

export const NOW_MS = 1_800_000_000_000;
export const NOW_SECONDS = NOW_MS / 1000;
export const ISSUER = 'https://id.example/acme/workforce';
export const FAST_KDF = {
  name: 'argon2id',
  memoryKiB: 19_456,
  passes: 2,
  parallelism: 1,
  salt: 'c2FsdHNhbHRzYWx0c2FsdA',
} as const;

export type Members = Record<string, unknown>;

export function makeScope(changes: Partial<KeyScope> = {}): KeyScope {
  return {
    issuer: ISSUER,
    tenant: 'acme',
    population: 'workforce',
    audiences: ['https://api.example', 'https://mail.example'],
    tokenTypes: ['at+jwt', 'JWT'],
    longestLifetimeSeconds: 3600,
    notBeforeSeconds: NOW_SECONDS - 60,
    notAfterSeconds: NOW_SECONDS + 30 * 86_400,
    ...changes,
  };
}

export function makePayload(changes: Members = {}): Members {
  return {
    iss: ISSUER,
    sub: 'ada',
    aud: 'https://api.example',
    exp: NOW_SECONDS + 600,
    iat: NOW_SECONDS,
    jti: 'AAECAwQFBgcICQoLDA0ODw',
    root_auth_id: 'root-1',
    tenant: 'acme',
    client_id: 'portal',
    ...changes,
  };
}

export const segment = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

export const makeInput = (header: Members, payload: Members): Uint8Array =>
  Buffer.from(`${segment(header)}.${segment(payload)}`, 'ascii');

export interface TestLog {
  vkey: string;
  /** The receipt for what will be signed, as `itr` text; `log2Span` levels of other leaves above. */
  receipt(token: ReceiptFor): string;
}

export interface ReceiptFor {
  kid: string;
  alg: SignatureAlg;
  typ: string;
  payload: Members;
  issuedMs?: number;
  log2Span?: number;
  index?: number;
}

export function makeLog(origin = 'id.example/log'): TestLog {
  const { privateKey } = generateKeyPairSync('ed25519');
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
  const key = createNoteKey(origin, 'receipt', Buffer.from(jwk.x as string, 'base64url'));
  const held = createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }));
  return {
    vkey: formatVerifierKey(key),
    receipt: ({ kid, alg, typ, payload, issuedMs = NOW_MS, log2Span = 0, index = 7 }) => {
      const iss = String(payload['iss']);
      const commitment = commitToken({ iss, kid, alg, typ, payloadSegment: segment(payload) });
      const expiresAtSeconds = Number(payload['exp']);
      const entry = { type: leafTypeOf(typ), issuedMs, expiresAtSeconds, commitment };
      let hash: Uint8Array = hashLeaf(encodeLeafEntry(entry));
      const proof = Array.from({ length: log2Span }, (_, level) => {
        const other = hashLeaf(Uint8Array.of(level));
        hash = (index >> level) % 2 === 1 ? hashNode(other, hash) : hashNode(hash, other);
        return other;
      });
      const span = 2 ** log2Span;
      const start = index - (index % span);
      const message = cosignedMessage(origin, origin, { start, end: start + span }, hash);
      const signature = sign(null, message, held);
      const receipt = {
        keyId: key.id,
        index,
        issuedMs,
        tags: undefined,
        log2Span,
        proof,
        signature,
      };
      return Buffer.from(encodeReceipt(receipt)).toString('base64url');
    },
  };
}
