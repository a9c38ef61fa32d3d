// The world the vectors live in: who issues, which keys are published where, what is pinned. It is
// written to tokens/_policy.json, so that other implementations need none of this code.

import { deflateSync } from 'node:zlib';
import {
  buildKeyReceipt,
  buildReceipt,
  checkpointKey,
  feedKey,
  indexFor,
  joinReceipt,
  type KeyLeafPlan,
  LOG_ORIGIN,
  receiptKey,
  sha256,
  signNote,
  strangerReceiptKey,
  type ZooLogKey,
} from './build-receipt.ts';
import { deriveKey, type ZooAlgorithm, type ZooKey } from './derive-keys.ts';

/** 1 November 2026, 12:00 UTC. Every vector is judged at this moment unless it says otherwise. */
export const NOW_MS = Date.UTC(2026, 10, 1, 12);
export const NOW = NOW_MS / 1000;

const HOST = 'https://id.example';
export const WORKFORCE = `${HOST}/acme/workforce`;
export const CUSTOMER = `${HOST}/acme/customer`;
export const GLOBEX = `${HOST}/globex/workforce`;
export const AWAY = `${HOST}/acme/device`;
export const AUDIENCE = 'https://mail.acme.example';
export const CLIENT = 'mail-app';
const FEED_URL = `${HOST}/api/v1/feed`;

/** A key as a vector names it; `published` is what its issuer writes beside the public members. */
export interface NamedKey extends ZooKey {
  kid: string;
  published: Record<string, unknown>;
}

const ACCESS_AND_ID = ['at+jwt', 'JWT', 'logout+jwt'];
const DAY = 86_400;

function publish(
  kid: string,
  alg: ZooAlgorithm,
  iss: string,
  tenant: string,
  changed: Record<string, unknown> = {},
): NamedKey {
  const facts: Record<string, unknown> = {
    use: 'sig',
    alg,
    iss,
    tenant,
    nbf: NOW - 7 * DAY,
    exp: NOW + 7 * DAY,
    token_types: ACCESS_AND_ID,
    ...changed,
  };
  const key = deriveKey(alg, kid);
  if (!('itr' in changed)) {
    const notAfterSeconds = typeof facts.exp === 'number' ? facts.exp : NOW + 7 * DAY;
    facts.itr = keyReceipt(key, { kid, iss, notAfterSeconds });
  }
  // A member set to undefined is one that the issuer forgot.
  const published = Object.fromEntries(
    Object.entries(facts).filter(([, value]) => value !== undefined),
  );
  return { ...key, kid, published };
}

type KeyReceiptPlan = Partial<KeyLeafPlan> & Pick<KeyLeafPlan, 'kid'>;

/** What the log gave for the entry that published a key: JWK member `itr`. */
function keyReceipt(key: ZooKey, plan: KeyReceiptPlan, signer?: ZooLogKey): string {
  const leaf: KeyLeafPlan = {
    event: 1,
    atMs: NOW_MS - 7 * DAY * 1000,
    notAfterSeconds: NOW + 7 * DAY,
    iss: WORKFORCE,
    thumbprint: thumbprintOf(key),
    ...plan,
  };
  return joinReceipt(buildKeyReceipt(leaf, signer)).toString('base64url');
}

/** RFC 7638: the defining members in the order of their names. */
function thumbprintOf({ publicJwk }: ZooKey): Buffer {
  return sha256(JSON.stringify(publicJwk, Object.keys(publicJwk).sort()));
}

const work = (kid: string, alg: ZooAlgorithm = 'EdDSA', changed: Record<string, unknown> = {}) =>
  publish(kid, alg, WORKFORCE, 'acme', changed);

/** Keys that somebody slipped into the key set: the log's word for each is missing, or for another. */
function unloggedKeys() {
  const rogue = (kid: string, itr: (key: ZooKey, kid: string) => string | undefined) =>
    work(kid, 'EdDSA', { itr: itr(deriveKey('EdDSA', kid), kid) });
  return {
    unlogged: rogue('work-unlogged', () => undefined),
    withReceiptOfOtherKey: rogue('work-borrowed', (_key, kid) =>
      keyReceipt(deriveKey('EdDSA', 'work-eddsa'), { kid }),
    ),
    withReceiptOfOtherKid: rogue('work-renamed', (key) => keyReceipt(key, { kid: 'work-eddsa' })),
    withReceiptOfOtherIssuer: rogue('work-of-customer', (key, kid) =>
      keyReceipt(key, { kid, iss: CUSTOMER }),
    ),
    withReceiptOfOtherEnd: rogue('work-prolonged', (key, kid) =>
      keyReceipt(key, { kid, notAfterSeconds: NOW + 6 * DAY }),
    ),
    withReceiptOfOtherEvent: rogue('work-activated', (key, kid) =>
      keyReceipt(key, { kid, event: 2 }),
    ),
    withReceiptOfStranger: rogue('work-of-stranger', (key, kid) =>
      keyReceipt(key, { kid }, strangerReceiptKey),
    ),
    withReceiptOfToken: rogue('work-with-token', (_key, kid) => {
      const token = { iss: WORKFORCE, kid, alg: 'EdDSA', typ: 'at+jwt', payloadSegment: 'e30' };
      const leaf = { ...token, issuedMs: NOW_MS, expiresAtSeconds: NOW + 7 * DAY };
      const plan = { index: indexFor(kid), log2Span: 0, signer: receiptKey };
      return joinReceipt(buildReceipt(leaf, plan)).toString('base64url');
    }),
    withCutReceipt: rogue('work-cut', (key, kid) => keyReceipt(key, { kid }).slice(0, -4)),
  };
}

/** What acme's workforce issuer publishes: three good keys, and one for each way to be bad. */
export const keys = {
  es256: work('work-es256', 'ES256'),
  eddsa: work('work-eddsa'),
  rs256: work('work-rs256', 'RS256'),
  expired: work('work-2020', 'EdDSA', { nbf: NOW - 80 * DAY, exp: NOW - 10 * DAY }),
  tooOld: work('work-forever', 'EdDSA', { nbf: NOW - 91 * DAY, exp: NOW + 900 * DAY }),
  early: work('work-2027', 'EdDSA', { nbf: NOW + DAY, exp: NOW + 30 * DAY }),
  noAlg: work('work-no-alg', 'EdDSA', { alg: undefined }),
  noIssuer: work('work-no-iss', 'EdDSA', { iss: undefined }),
  noTenant: work('work-no-tenant', 'EdDSA', { tenant: undefined }),
  noStart: work('work-no-nbf', 'EdDSA', { nbf: undefined }),
  noEnd: work('work-no-exp', 'EdDSA', { exp: undefined }),
  noTypes: work('work-no-types', 'EdDSA', { token_types: undefined }),
  badEnd: work('work-bad-exp', 'EdDSA', { exp: String(NOW + 7 * DAY) }),
  idOnly: work('work-id-only', 'EdDSA', { token_types: ['JWT'] }),
  encryption: work('work-enc', 'EdDSA', { use: 'enc' }),
  quarantined: work('work-quarantined'),
  otherTenant: work('work-of-globex', 'EdDSA', { tenant: 'globex' }),
  ...unloggedKeys(),
  /** The consumer key of Storm-0558: of another population, expired, in the shared key set. */
  consumer: publish('consumer-2016', 'RS256', CUSTOMER, 'acme', {
    nbf: NOW - 10 * 365 * DAY,
    exp: NOW - 5 * 365 * DAY,
  }),
  consumerValid: publish('consumer-now', 'EdDSA', CUSTOMER, 'acme'),
} as const;

export const customerKey = publish('customer-es256', 'ES256', CUSTOMER, 'acme');
export const globexKey = publish('globex-eddsa', 'EdDSA', GLOBEX, 'globex');
export const globexEcKey = publish('globex-es256', 'ES256', GLOBEX, 'globex');
/** Keys that no issuer publishes. */
export const unpublishedKey = work('work-unpublished');
export const attackerKey = work('attacker', 'ES256');
export const senderKey = { ...deriveKey('ES256', 'dpop sender') };
export const senderEdKey = { ...deriveKey('EdDSA', 'dpop sender') };
export const otherSenderKey = { ...deriveKey('ES256', 'dpop thief') };

/** Log index of the genuine token that was revoked afterwards. */
export const REVOKED_INDEX = indexFor('revoked');

function keySet(published: readonly NamedKey[]): string {
  const set = published.map((key) => ({ kid: key.kid, ...key.publicJwk, ...key.published }));
  return JSON.stringify({ keys: set });
}

function issuerPolicy(issuer: string, changed: object = {}): object {
  const [, tenant, population] = new URL(issuer).pathname.split('/');
  const log = {
    origin: LOG_ORIGIN,
    receiptKey: receiptKey.vkey,
    checkpointKey: checkpointKey.vkey,
    url: 'https://log.example/log',
  };
  return {
    issuer,
    tenant,
    population,
    jwksUri: `${issuer}/jwks`,
    algorithms: ['ES256', 'EdDSA', 'RS256'],
    maxLifetimeSeconds: { access: 300, id: 600 },
    keyMaxAgeSeconds: 90 * DAY,
    receipts: { mode: 'required', logs: [log], startByKid: {}, keys: 'required' },
    ...changed,
  };
}

function feed(): string {
  const firstIndex = REVOKED_INDEX - 5;
  // Stored, not squeezed: other compressors must come to the same bytes.
  const lst = deflateSync(Buffer.of(0b0010_0000), { level: 0 }).toString('base64url');
  const body = {
    number: 7,
    issuedMs: NOW_MS - 5_000,
    quarantined: [
      { issuer: WORKFORCE, kid: keys.quarantined.kid, sinceMs: NOW_MS - 60_000, reason: 'forged' },
    ],
    revoked: { firstIndex, lst },
  };
  return signNote(`countersign/feed/v1\n${LOG_ORIGIN}\n${JSON.stringify(body)}\n`, feedKey);
}

export interface World {
  about: string;
  nowMs: number;
  policy: object;
  documents: Record<string, { status: number; body: string }>;
}

export function buildWorld(): World {
  const ok = (body: string) => ({ status: 200, body });
  return {
    about:
      'The pinned policy and what each URL answers. TEST KEYS ONLY: every private key of this ' +
      'world can be derived by anybody from tests/vectors/zoo/derive-keys.ts.',
    nowMs: NOW_MS,
    policy: {
      version: 1,
      issuers: [
        issuerPolicy(WORKFORCE),
        issuerPolicy(CUSTOMER),
        issuerPolicy(GLOBEX, { algorithms: ['EdDSA'] }),
        issuerPolicy(AWAY),
      ],
      feed: { url: FEED_URL, key: feedKey.vkey, maxStaleSeconds: 60 },
    },
    documents: {
      [`${WORKFORCE}/jwks`]: ok(keySet(Object.values(keys))),
      [`${CUSTOMER}/jwks`]: ok(keySet([customerKey])),
      [`${GLOBEX}/jwks`]: ok(keySet([globexKey, globexEcKey])),
      [`${AWAY}/jwks`]: { status: 503, body: '' },
      [FEED_URL]: ok(feed()),
    },
  };
}
