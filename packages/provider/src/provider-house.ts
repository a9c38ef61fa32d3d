// The house of realms: finds the realm a request belongs to, builds it when first asked, and keeps
// a bounded number built. No two realms share an engine, a key set or a cookie.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Audit, AuditTables } from '@countersign/audit';
import type { Directory } from '@countersign/directory';
import type { PublicSigningJwk, SignerClient } from '@countersign/keys';
import type { Store } from '@countersign/storage';
import type { NotaryClient } from '@countersign/transparency';
import {
  type Clock,
  CodedError,
  isPopulation,
  isTenantName,
  type Population,
  type Random,
  type Realm,
  type RealmId,
  realmId,
  realmIssuer,
} from '@countersign/vocabulary';
import { ArtifactNames } from './artifacts/hash-value.ts';
import { sweepExpired } from './artifacts/sweep-expired.ts';
import type { ProviderTables } from './artifacts/tables.ts';
import { defaultLimits, type ProviderLimits } from './limits.ts';
import {
  defaultPolicies,
  longestTokenSeconds,
  type PopulationPolicy,
} from './population-policy.ts';
import type { ProviderCode } from './provider-error.ts';
import { poolRandom } from './random-pool.ts';
import { type OpenRealm, openRealm } from './realm/open-realm.ts';
import type { RealmContext } from './realm/realm-context.ts';
import { RealmKeys } from './realm/realm-keys.ts';
import {
  deriveRealmSecrets,
  type ProviderSecrets,
  requireStrongSecrets,
} from './realm/realm-secrets.ts';
import { type AddressOf, addressOfSocket } from './realm/request-facts.ts';
import { openRoad, type Road } from './road/open-road.ts';
import { type EndedSignIns, endSignIns } from './sign-in/end-sign-ins.ts';
import { AttemptLimiter } from './sign-in/limit-attempts.ts';

export interface ProviderOptions {
  /** Without a trailing slash; every issuer is BASE/TENANT/POPULATION. */
  baseUrl: string;
  /** The store that `audit` writes to as well. */
  store: Store<ProviderTables & AuditTables>;
  directory: Directory;
  audit: Audit;
  signer: SignerClient;
  notary: NotaryClient;
  /** Of the log: the signer signs only what carries a receipt of this key. */
  logKeys: { receiptKey: string };
  secrets: ProviderSecrets;
  clock: Clock;
  random: Random;
  policies?: Partial<Record<Population, PopulationPolicy>>;
  limits?: Partial<ProviderLimits>;
  /**
   * Where back-channel logouts may go: `public` addresses only, or `any`. Default: `any` when
   * `baseUrl` itself is a loopback address (development), else `public`.
   */
  outbound?: 'public' | 'any';
  /**
   * The visitor's address, for rate limits and the record. Default: what the socket says. Behind a
   * reverse proxy give the one the proxy vouches for, or all visitors count as one.
   */
  addressOf?: AddressOf;
  /** Unexpected failures, with the reference the visitor was shown. Default: dropped. */
  onFailure?(error: unknown, reference: string): void;
  /** Tokens were revoked: the verifier feed can follow at once. */
  onRevoked?(): void;
}

export interface ProviderHouse {
  /** False when the path is not below a realm of an existing tenant; then nothing was answered. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** The realm's published keys. @throws CodedError realm_unknown */
  jwks(realm: Realm): Promise<{ keys: PublicSigningJwk[] }>;
  /** Ends every session and grant of a person, and revokes their tokens. Durable when it resolves. */
  endSignIns(realm: RealmId, personId: string): Promise<EndedSignIns>;
  /** Removes a bounded number of expired rows; runs by itself every `sweepEveryMs`. */
  sweep(): Promise<number>;
  /** Stops the sweeping and refuses requests from then on. */
  close(): void;
}

/** @throws CodedError secret_too_short */
export function createProvider(options: ProviderOptions): ProviderHouse {
  requireStrongSecrets(options.secrets);
  const limits = { ...defaultLimits, ...options.limits };
  const house = new RealmHouse(options, limits);
  const sweep = () => sweepExpired(options, limits.mostSweptRows);
  const timer = setInterval(() => {
    sweep().catch((error: unknown) => options.onFailure?.(error, 'sweep'));
  }, limits.sweepEveryMs);
  timer.unref();
  return {
    handle: (request, response) => house.handle(request, response),
    async jwks(realm) {
      const open = await house.open(realm);
      if (open === undefined) {
        throw new CodedError<ProviderCode>('realm_unknown', 'There is no such realm.');
      }
      const keys = await open.context.keys.publishedKeys();
      return { keys: keys.map(({ publicJwk }) => publicJwk) };
    },
    async endSignIns(realm, personId) {
      const ended = await endSignIns(options, realm, personId);
      if (ended.grants > 0) options.onRevoked?.();
      return ended;
    },
    sweep,
    close() {
      clearInterval(timer);
      house.close();
    },
  };
}

class RealmHouse {
  readonly #options: ProviderOptions;
  readonly #limits: ProviderLimits;
  readonly #open = new Map<string, Promise<OpenRealm>>();
  readonly #attempts: AttemptLimiter;
  readonly #road: Road;
  readonly #random: Random;
  #closed = false;

  constructor(options: ProviderOptions, limits: ProviderLimits) {
    this.#options = options;
    this.#limits = limits;
    this.#random = poolRandom(options.random);
    this.#attempts = new AttemptLimiter(limits, options.clock);
    this.#road = openRoad({ ...options, limits, auditReady: () => this.#auditReady() });
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const target = splitTarget(request.url ?? '');
    if (target === undefined) return false;
    let realm: OpenRealm | undefined;
    try {
      realm = await this.open(target.realm);
    } catch (error) {
      this.#options.onFailure?.(error, 'realm');
      refuseUnavailable(response, this.#limits.retryAfterSeconds);
      return true;
    }
    if (realm === undefined) return false;
    // The engine knows the path it is mounted under from its issuer.
    request.url = target.rest;
    await realm.handle(request, response);
    return true;
  }

  /** Undefined for a tenant that does not exist. */
  async open(realm: Realm): Promise<OpenRealm | undefined> {
    if (this.#closed) {
      throw new CodedError<ProviderCode>('provider_closed', 'The server is stopping.');
    }
    const id = realmId(realm);
    const known = this.#open.get(id);
    if (known !== undefined) {
      // Back to the end of the map: the first key is always the realm asked for longest ago.
      this.#open.delete(id);
      this.#open.set(id, known);
      return known;
    }
    const tenant = await this.#options.directory.tenants.find(realm.tenant);
    if (tenant === undefined) return undefined;
    const racing = this.#open.get(id);
    if (racing !== undefined) return racing;
    const opening = openRealm(this.#context(realm, tenant.displayName), (error, reference) =>
      this.#options.onFailure?.(error, reference),
    );
    this.#open.set(id, opening);
    opening.catch(() => {
      if (this.#open.get(id) === opening) this.#open.delete(id);
    });
    this.#evict();
    return opening;
  }

  close(): void {
    this.#closed = true;
    this.#open.clear();
  }

  #evict(): void {
    while (this.#open.size > this.#limits.mostOpenRealms) {
      const [oldest] = this.#open.keys();
      if (oldest === undefined) return;
      this.#open.delete(oldest);
    }
  }

  #context(realm: Realm, displayName: string): RealmContext {
    const { baseUrl, clock, store, audit, directory, signer } = this.#options;
    const id = realmId(realm);
    const issuer = realmIssuer(baseUrl, realm);
    const policy = this.#options.policies?.[realm.population] ?? defaultPolicies[realm.population];
    const secrets = deriveRealmSecrets(this.#options.secrets, id);
    return {
      id,
      realm,
      displayName,
      issuer,
      mountPath: new URL(issuer).pathname,
      policy,
      limits: this.#limits,
      clock,
      random: this.#random,
      store,
      audit,
      directory,
      secrets,
      names: new ArtifactNames(id, secrets.referenceKey),
      beingUsed: new Set(),
      keys: new RealmKeys({
        signer,
        realm,
        issuer,
        longestLifetimeSeconds: longestTokenSeconds(policy),
        receiptKey: this.#options.logKeys.receiptKey,
        clock,
        freshnessMs: this.#limits.keyFreshnessMs,
      }),
      road: this.#road,
      attempts: this.#attempts,
      addressOf: this.#options.addressOf ?? addressOfSocket,
      outbound: this.#options.outbound ?? (isLoopback(issuer) ? 'any' : 'public'),
      onRevoked: () => this.#options.onRevoked?.(),
    };
  }

  async #auditReady(): Promise<void> {
    await this.#options.store.transaction(async () => undefined);
  }
}

function isLoopback(url: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname);
}

function splitTarget(url: string): { realm: Realm; rest: string } | undefined {
  const [, tenant = '', population = ''] = /^\/([^/?#]+)\/([^/?#]+)(?=[/?#]|$)/.exec(url) ?? [];
  if (!isTenantName(tenant) || !isPopulation(population)) return undefined;
  const rest = url.slice(tenant.length + population.length + 2);
  return { realm: { tenant, population }, rest: rest.startsWith('/') ? rest : `/${rest}` };
}

function refuseUnavailable(response: ServerResponse, retryAfterSeconds: number): void {
  response.writeHead(503, {
    'Content-Type': 'application/json; charset=utf-8',
    'Retry-After': String(retryAfterSeconds),
    'Cache-Control': 'no-store',
  });
  response.end(
    JSON.stringify({
      error: 'temporarily_unavailable',
      error_description: 'Try again shortly.',
    }),
  );
}
