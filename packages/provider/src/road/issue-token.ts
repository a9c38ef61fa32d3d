// The main road. Every signed token of the house is made here and nowhere else, in this order:
// logged, then signed, then on record, then released. If the log, the signer or the audit store
// cannot answer there is no token: the request becomes a 503 and nothing unlogged ever leaves.

import type { IssuedToken } from '@countersign/audit';
import type { PublicKeyRecord, SignerRefusal, TokenType } from '@countersign/keys';
import { commitToken, encodeLeafEntry, hashLeaf, leafTypeOf } from '@countersign/verifier';
import {
  type CountersignEvent,
  isCodedError,
  type RealmId,
  type RequestFacts,
  type RiskFacts,
  type TokenFacts,
} from '@countersign/vocabulary';
import { hexSha256 } from './hex-sha256.ts';
import { type Abandoned, type Road, roadClosed } from './open-road.ts';

export interface TokenClaims {
  iss: string;
  sub: string;
  aud: string;
  exp: number;
  iat: number;
  jti: string;
  root_auth_id: string;
  parent_jti?: string;
  tenant: string;
  [claim: string]: unknown;
}

/** A token before it exists: what it says, which key shall sign it, and whose it is. */
export interface TokenDraft {
  realm: RealmId;
  kind: 'access' | 'id' | 'logout';
  typ: TokenType;
  key: PublicKeyRecord;
  /**
   * Another key when the signer does not sign with that one: another signer has keys of its own, and
   * another key signs when one was turned over or revoked since it was chosen.
   */
  keyNow?(refused: PublicKeyRecord): Promise<PublicKeyRecord | undefined>;
  claims: TokenClaims;
  event: 'token.issued' | 'token.refreshed';
  clientId: string;
  scope?: string;
  grantId?: string;
  sessionId?: string;
  /** Id of the assessment of what its session began with. */
  signIn?: string;
  jkt?: string;
  /** What was thought of the request: low risk of a machine is on record here and nowhere else. */
  risk?: RiskFacts;
  request: RequestFacts;
}

/** What a signer says that cannot sign now, or with this key no longer, where another may. */
const NOT_HERE: ReadonlySet<string> = new Set<SignerRefusal>([
  'signer_unavailable',
  'journal_full',
  'key_not_active',
  'key_retired',
  'key_revoked',
  'key_expired',
  'key_not_yet_valid',
]);
/** Keys that are tried for one token. */
const MOST_KEYS = 3;

/**
 * Another key is tried within the same request: a new leaf, because a leaf names its key; the
 * one before is on record as abandoned.
 * @returns the compact token; @throws CodedError issuance_unavailable | issuance_refused
 */
export async function issueToken(road: Road, draft: TokenDraft): Promise<string> {
  const tried = new Set<string>();
  for (let next = draft; ; ) {
    try {
      return await takeRoad(road, next);
    } catch (error) {
      tried.add(next.key.kid);
      const cause = isCodedError(error) ? error.cause : undefined;
      if (!isCodedError(cause) || !NOT_HERE.has(cause.code) || tried.size >= MOST_KEYS) throw error;
      // Without another key it is told why the first one did not sign.
      const key = await draft.keyNow?.(next.key).catch(() => undefined);
      if (key === undefined || tried.has(key.kid)) throw error;
      next = { ...draft, key };
    }
  }
}

async function takeRoad(road: Road, draft: TokenDraft): Promise<string> {
  const { key, claims, typ } = draft;
  const payloadSegment = encodeSegment(claims);
  const commitment = commitToken({
    iss: claims.iss,
    kid: key.kid,
    alg: key.alg,
    typ,
    payloadSegment,
  });
  const issuedMs = road.clock.nowMs();
  const leaf = encodeLeafEntry({
    type: leafTypeOf(typ),
    issuedMs,
    expiresAtSeconds: claims.exp,
    commitment,
    tags: road.tag({ tenant: claims.tenant, subject: claims.sub, issuedMs, commitment }),
  });

  const leafHash = hex(hashLeaf(leaf));
  // Announced before it is asked for: an answer that gets lost leaves a leaf, and that is no theft.
  road.expect({ leafHash });
  const receipt = await road.append(leaf);

  const abandoned: Abandoned = { draft, leafHash, receipt };
  try {
    const header = { alg: key.alg, kid: key.kid, typ, itr: base64url(receipt) };
    const signingInput = `${encodeSegment(header)}.${payloadSegment}`;
    abandoned.signingInputHash = hexSha256(signingInput);
    road.expect({ leafHash, signingInputHash: abandoned.signingInputHash });
    const signed = await road.sign(key.kid, Buffer.from(signingInput, 'ascii'));
    const { journalNumber, signer } = signed;
    const place = { journalNumber, ...(signer === undefined ? {} : { signer }) };
    abandoned.signature = place;
    const token = `${signingInput}.${base64url(signed.signature)}`;

    const issued: IssuedToken = {
      ...ledgerFacts(draft),
      ...road.placeOf(receipt),
      leafHash: abandoned.leafHash,
      tokenHash: hexSha256(token),
      ...place,
      keyNumber: signed.keyNumber,
      signingInputHash: abandoned.signingInputHash,
    };
    await road.record(issued, [issuedEvent(draft, issued, road.clock.nowMs())]);
    return token;
  } catch (error) {
    await road.abandon(abandoned, error);
    throw roadClosed(error);
  }
}

type LedgerFacts = Omit<
  IssuedToken,
  'logIndex' | 'leafHash' | 'tokenHash' | 'journalNumber' | 'keyNumber' | 'signingInputHash'
>;

function ledgerFacts(draft: TokenDraft): LedgerFacts {
  const { claims, key } = draft;
  return {
    jtiHash: hexSha256(claims.jti),
    kid: key.kid,
    alg: key.alg,
    typ: draft.typ,
    issuer: claims.iss,
    realm: draft.realm,
    audience: [claims.aud],
    subject: claims.sub,
    clientId: draft.clientId,
    rootAuthId: claims.root_auth_id,
    issuedAtSeconds: claims.iat,
    expiresAtSeconds: claims.exp,
    ...(claims.parent_jti === undefined ? {} : { parentJtiHash: hexSha256(claims.parent_jti) }),
    ...(draft.jkt === undefined ? {} : { jkt: draft.jkt }),
    ...(draft.grantId === undefined ? {} : { grantId: draft.grantId }),
    ...(draft.sessionId === undefined ? {} : { sessionId: draft.sessionId }),
    ...(draft.signIn === undefined ? {} : { signIn: draft.signIn }),
  };
}

function issuedEvent(draft: TokenDraft, issued: IssuedToken, timeMs: number): CountersignEvent {
  const token: TokenFacts = {
    kind: draft.kind,
    tokenHash: issued.tokenHash,
    jtiHash: issued.jtiHash,
    issuer: issued.issuer,
    audience: issued.audience,
    kid: issued.kid,
    alg: issued.alg,
    typ: issued.typ,
    issuedAtSeconds: issued.issuedAtSeconds,
    expiresAtSeconds: issued.expiresAtSeconds,
    rootAuthId: issued.rootAuthId,
    leafHash: issued.leafHash,
    logIndex: issued.logIndex,
    journalNumber: issued.journalNumber,
  };
  if (issued.signer !== undefined) token.signer = issued.signer;
  if (issued.logOrigin !== undefined) token.logOrigin = issued.logOrigin;
  if (issued.subject !== undefined) token.subject = issued.subject;
  if (issued.jkt !== undefined) token.confirmationThumbprint = issued.jkt;
  if (issued.parentJtiHash !== undefined) token.parentJtiHash = issued.parentJtiHash;
  if (draft.scope !== undefined) token.scope = draft.scope;
  const event: CountersignEvent = {
    name: draft.event,
    timeMs,
    realm: draft.realm,
    clientId: draft.clientId,
    subject: draft.claims.sub,
    token,
    request: draft.request,
  };
  if (draft.sessionId !== undefined) event.sessionId = draft.sessionId;
  if (draft.risk !== undefined) event.risk = draft.risk;
  return event;
}

function encodeSegment(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
