// An issuer in memory with a real key, for tests: makes genuine tokens with receipts of a TestLog,
// and, as its thief, whatever else its key can sign.

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { importPublicJwk } from '#platform';
import { decodeBase64url, encodeBase64url } from '../bytes/base64.ts';
import { utf8 } from '../bytes/join-bytes.ts';
import { keyThumbprint } from '../dpop/key-thumbprint.ts';
import type { IssuerPolicy, VerifierPolicy } from '../policy/verifier-policy.ts';
import type { IssuerKey, KeySource, SignatureAlgorithm } from '../ports.ts';
import { hashIssuer, type KeyEntry } from '../receipt/key-entry.ts';
import type { LeafTags } from '../receipt/leaf-entry.ts';
import { type LogToken, TestLog } from './test-log.ts';

export const NOW_MS = 1_800_000_000_000;
export const NOW = NOW_MS / 1000;
export const ISSUER = 'https://id.example/acme/workforce';
export const AUDIENCE = 'https://api.example';

type Members = Record<string, unknown>;

export interface Draft {
  header?: Members;
  claims?: Members;
  /** Members left out of the payload. */
  without?: string[];
  /** Tags of the leaf, made from what is logged. Default: none. */
  tags?: (token: LogToken, subject: string) => LeafTags;
  /** How far the log's clock is ahead of `iat`. */
  logSkewMs?: number;
}

const KEY_PAIRS = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

export class TestIssuer {
  readonly alg: SignatureAlgorithm;
  readonly kid: string;
  readonly log: TestLog;
  readonly publicJwk: JsonWebKey;
  readonly #privateKey: KeyObject;
  #count = 0;

  constructor(alg: SignatureAlgorithm = 'ES256', log = new TestLog(), kid = `key-${alg}`) {
    const { privateKey, publicKey } = KEY_PAIRS[alg]();
    this.alg = alg;
    this.kid = kid;
    this.log = log;
    this.#privateKey = privateKey;
    this.publicJwk = publicKey.export({ format: 'jwk' });
  }

  async key(change: Partial<IssuerKey> = {}): Promise<IssuerKey> {
    return {
      kid: this.kid,
      alg: this.alg,
      issuer: ISSUER,
      tenant: 'acme',
      tokenTypes: ['at+jwt', 'JWT'],
      notBeforeSeconds: NOW - 86_400,
      notAfterSeconds: NOW + 86_400,
      thumbprint: this.thumbprint,
      firstSeenMs: NOW_MS,
      handle: await importPublicJwk(this.publicJwk, this.alg),
      ...change,
    };
  }

  get thumbprint(): string {
    return keyThumbprint({ ...this.publicJwk }) ?? '';
  }

  /** Has the log see the key published; the receipt is what its JWKS shows as `itr`. */
  publish(change: Partial<KeyEntry> = {}): string {
    const receipt = this.log.appendKey({
      event: 'published',
      atMs: NOW_MS - 86_400_000,
      notAfterSeconds: NOW + 86_400,
      issuerHash: hashIssuer(ISSUER),
      thumbprint: decodeBase64url(this.thumbprint) ?? new Uint8Array(),
      kid: this.kid,
      ...change,
    });
    return encodeBase64url(receipt);
  }

  async keys(change: Partial<IssuerKey> = {}): Promise<KeySource> {
    return keySourceOf([await this.key(change)]);
  }

  policy(change: Partial<IssuerPolicy> = {}): VerifierPolicy {
    return {
      version: 1,
      issuers: [
        {
          issuer: ISSUER,
          tenant: 'acme',
          population: 'workforce',
          jwksUri: `${ISSUER}/jwks`,
          algorithms: [this.alg],
          maxLifetimeSeconds: { access: 3600, id: 3600 },
          keyMaxAgeSeconds: 90 * 86_400,
          receipts: { mode: 'required', logs: [this.logPolicy()], startByKid: {} },
          ...change,
        },
      ],
    };
  }

  logPolicy() {
    return {
      origin: this.log.origin,
      receiptKey: this.log.receiptKeyText,
      checkpointKey: this.log.checkpointKeyText,
      url: 'https://log.example/log',
    };
  }

  /** A genuine token: logged, then signed. */
  issue(draft: Draft = {}): string {
    return this.issueBatch([draft])[0] ?? '';
  }

  /** Genuine tokens whose receipts share one signature of the log. */
  issueBatch(drafts: readonly Draft[]): string[] {
    const prepared = drafts.map((draft) => ({
      header: { alg: this.alg, kid: this.kid, typ: 'at+jwt', ...draft.header },
      payload: this.#payload(draft),
      logSkewMs: draft.logSkewMs ?? 0,
      tags: draft.tags,
    }));
    const receipts = this.log.append(
      prepared.map(({ header, payload, logSkewMs, tags }) => {
        const token: LogToken = {
          iss: String(payload.iss),
          alg: String(header.alg),
          kid: String(header.kid),
          typ: String(header.typ),
          payloadSegment: segment(payload),
          // A log refuses what is no number; for tokens that no log would take, it took another.
          expiresAtSeconds: Number.isInteger(payload.exp) ? Number(payload.exp) : NOW,
          issuedMs:
            (Number.isInteger(payload.iat) && Number(payload.iat) > 0 ? Number(payload.iat) : NOW) *
              1000 +
            logSkewMs,
        };
        return { ...token, ...(tags && { tags: tags(token, String(payload.sub)) }) };
      }),
    );
    return prepared.map(({ header, payload }, at) => {
      const itr = encodeBase64url(receipts[at] ?? new Uint8Array());
      return this.sign(segment({ ...header, itr }), segment(payload));
    });
  }

  /** What a thief of the signing key can make: no receipt but what `draft.header` brings. */
  forge(draft: Draft = {}): string {
    const header = { alg: this.alg, kid: this.kid, typ: 'at+jwt', ...draft.header };
    return this.sign(segment(header), segment(this.#payload(draft)));
  }

  sign(headerSegment: string, payloadSegment: string): string {
    const input = `${headerSegment}.${payloadSegment}`;
    const digest = this.alg === 'EdDSA' ? null : 'sha256';
    const key = { key: this.#privateKey, dsaEncoding: 'ieee-p1363' } as const;
    return `${input}.${encodeBase64url(sign(digest, utf8(input), key))}`;
  }

  #payload({ claims, without = [] }: Draft): Members {
    this.#count += 1;
    const payload: Members = {
      iss: ISSUER,
      sub: 'person-1',
      aud: AUDIENCE,
      exp: NOW + 600,
      iat: NOW,
      jti: `token-${this.#count}-of-${this.kid}`,
      client_id: 'client-1',
      scope: 'read write',
      tenant: 'acme',
      root_auth_id: 'root-1',
      ...claims,
    };
    for (const name of without) delete payload[name];
    return payload;
  }
}

export function segment(value: unknown): string {
  return encodeBase64url(utf8(typeof value === 'string' ? value : JSON.stringify(value)));
}

export function keySourceOf(keys: readonly IssuerKey[]): KeySource {
  return {
    key: (_issuer, kid) => keys.find((key) => key.kid === kid),
    generation: 0,
  };
}
