// One DPoP proof against one request and one access token (RFC 9449 §4.3, all twelve checks).
// Cheap checks first; the proof id is remembered last, so that a bad proof cannot use up memory.

import {
  asciiBytes,
  decodeBase64url,
  encodeBase64url,
  importPublicJwk,
  sha256,
  verifySignature,
} from '#platform';
import { equalBytes } from '../bytes/compare-bytes.ts';
import { utf8 } from '../bytes/join-bytes.ts';
import { readJson } from '../json/read-json.ts';
import type { ReplayHook, SignatureAlgorithm } from '../ports.ts';
import { type RefusalCode, VerificationError } from '../refusal.ts';
import { keyThumbprint } from './key-thumbprint.ts';
import { normalizeTarget } from './normalize-target.ts';

/** Nonces of the resource server (RFC 9449 §9). Return false to ask the client for a new one. */
export type ProofNonceCheck = (nonce: string | undefined) => boolean | Promise<boolean>;

export interface ProofRules {
  /** Default: ES256, EdDSA, RS256. */
  algorithms?: readonly SignatureAlgorithm[];
  /** How old a proof may be. Default 60 seconds. */
  maxAgeSeconds?: number;
  /** How far ahead the client's clock may be. Default 10 seconds. */
  maxAheadSeconds?: number;
  nonce?: ProofNonceCheck;
  /** Without a memory of used ids a proof could be replayed, so it is not optional. */
  replay: ReplayHook;
}

export interface ProofRequest {
  proof: string;
  method: string;
  /** Absolute URL of the request as the client sees it. */
  url: string;
  /** The access token the proof must name in `ath`. */
  accessToken: string;
  /** `cnf.jkt` of the access token. */
  thumbprint: string;
  nowMs: number;
}

const LONGEST_PROOF = 8_192;
const LONGEST_ID = 256;
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'] as const;
const ALGORITHMS: readonly SignatureAlgorithm[] = ['ES256', 'EdDSA', 'RS256'];

type Members = Record<string, unknown>;

function refuse(code: RefusalCode, sentence: string): never {
  throw new VerificationError(code, sentence);
}

/** @throws VerificationError dpop_malformed, dpop_mismatch, dpop_expired, dpop_replayed, … */
export async function checkProof(request: ProofRequest, rules: ProofRules): Promise<void> {
  if (request.proof.length > LONGEST_PROOF) {
    refuse('dpop_malformed', `The DPoP proof is over ${LONGEST_PROOF} characters.`);
  }
  const [head = '', body = '', mark = '', ...more] = request.proof.split('.');
  const signature = decodeBase64url(mark);
  if (more.length > 0 || signature === undefined || signature.length === 0) {
    refuse('dpop_malformed', 'The DPoP proof is not a compact JWS.');
  }
  const { alg, jwk } = readHeader(readPart(head), rules.algorithms ?? ALGORITHMS);
  const claims = readPart(body);
  const id = readId(claims);
  checkTarget(claims, request);
  const expiresMs = checkTime(claims, request.nowMs, rules);
  if (keyThumbprint(jwk) !== request.thumbprint) {
    refuse('dpop_mismatch', 'The token is bound to another key than the DPoP proof was made with.');
  }
  const tokenHash = sha256(utf8(request.accessToken));
  const named = typeof claims.ath === 'string' ? decodeBase64url(claims.ath) : undefined;
  if (named === undefined || !equalBytes(named, tokenHash)) {
    refuse('dpop_mismatch', 'The DPoP proof was not made for this access token (ath).');
  }
  await checkSignature(alg, jwk, asciiBytes(`${head}.${body}`), signature);
  await checkNonce(claims.nonce, rules.nonce);
  await checkFirstUse(request.thumbprint, id, expiresMs, rules.replay);
}

function readPart(text: string): Members {
  const bytes = decodeBase64url(text);
  let value: unknown;
  try {
    if (bytes === undefined) throw new Error('not canonical base64url');
    value = readJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    refuse('dpop_malformed', 'A part of the DPoP proof is not base64url of well-formed JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse('dpop_malformed', 'A part of the DPoP proof is not a JSON object.');
  }
  return value as Members;
}

function readHeader(
  header: Members,
  allowed: readonly SignatureAlgorithm[],
): { alg: SignatureAlgorithm; jwk: Members } {
  const { typ, alg, jwk, ...others } = header;
  if (Object.keys(others).length > 0) {
    refuse('dpop_malformed', 'The header of a DPoP proof holds typ, alg and jwk, nothing else.');
  }
  if (typ !== 'dpop+jwt') refuse('dpop_malformed', 'The typ of a DPoP proof is dpop+jwt.');
  if (!allowed.includes(alg as SignatureAlgorithm)) {
    refuse('dpop_malformed', `The alg of a DPoP proof is one of ${allowed.join(', ')}.`);
  }
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) {
    refuse('dpop_malformed', 'The DPoP proof does not show its public key (jwk).');
  }
  if (PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member))) {
    refuse('dpop_malformed', 'The DPoP proof shows a private key; the client must replace it.');
  }
  return { alg: alg as SignatureAlgorithm, jwk: jwk as Members };
}

function readId(claims: Members): string {
  const { jti } = claims;
  if (typeof jti !== 'string' || jti === '' || jti.length > LONGEST_ID) {
    refuse('dpop_malformed', `A DPoP proof has a jti of 1 to ${LONGEST_ID} characters.`);
  }
  return jti;
}

function checkTarget(claims: Members, request: ProofRequest): void {
  if (claims.htm !== request.method) {
    refuse('dpop_mismatch', 'The DPoP proof was made for another HTTP method (htm).');
  }
  const made = typeof claims.htu === 'string' ? normalizeTarget(claims.htu) : undefined;
  if (made === undefined || made !== normalizeTarget(request.url)) {
    refuse('dpop_mismatch', 'The DPoP proof was made for another URL (htu).');
  }
}

function checkTime(claims: Members, nowMs: number, rules: ProofRules): number {
  const { iat } = claims;
  if (typeof iat !== 'number' || !Number.isFinite(iat)) {
    refuse('dpop_malformed', 'A DPoP proof has iat, in seconds.');
  }
  const expiresMs = (iat + (rules.maxAgeSeconds ?? 60)) * 1000;
  const aheadMs = (rules.maxAheadSeconds ?? 10) * 1000;
  if (expiresMs < nowMs || iat * 1000 > nowMs + aheadMs) {
    refuse('dpop_expired', 'The DPoP proof is too old or from the future; make one per request.');
  }
  return expiresMs;
}

async function checkSignature(
  alg: SignatureAlgorithm,
  jwk: Members,
  data: Uint8Array,
  signature: Uint8Array,
): Promise<void> {
  let good = false;
  try {
    const key = await importPublicJwk(jwk as JsonWebKey, alg);
    good = await verifySignature(key, data, signature);
  } catch {
    refuse('dpop_malformed', 'The public key in the DPoP proof cannot be used for its alg.');
  }
  if (!good) refuse('dpop_mismatch', 'The signature of the DPoP proof is not by its own key.');
}

async function checkNonce(nonce: unknown, check: ProofNonceCheck | undefined): Promise<void> {
  if (check === undefined) return;
  if (!(await check(typeof nonce === 'string' ? nonce : undefined))) {
    refuse('dpop_nonce_required', 'The DPoP proof needs the nonce that this server hands out.');
  }
}

async function checkFirstUse(
  thumbprint: string,
  id: string,
  expiresMs: number,
  replay: ReplayHook,
): Promise<void> {
  const key = encodeBase64url(sha256(utf8(`${thumbprint}\n${id}`)));
  const verdict = await replay.record(key, expiresMs);
  if (verdict === 'seen') refuse('dpop_replayed', 'The DPoP proof was used before.');
  if (verdict !== 'first') {
    refuse('replay_store_full', 'No more DPoP proofs can be remembered now; try again shortly.');
  }
}
