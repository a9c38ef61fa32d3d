// Finds the realm a request belongs to, builds it when first asked, and keeps a bounded number built.
// No two realms share an engine, a key set or a cookie.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { keySchedule } from '@countersign/keys';
import {
  CodedError,
  isPopulation,
  isTenantName,
  type Realm,
  realmId,
} from '@countersign/vocabulary';
import { createKeyLives } from '../key-lives/create-key-lives.ts';
import type { KeyLives } from '../key-lives/key-lives.ts';
import { realmOfIssuer } from '../key-lives/realm-scope.ts';
import { createKeyLog, type KeyLog } from '../key-log/log-key-events.ts';
import type { ProviderLimits } from '../limits.ts';
import type { ProviderCode } from '../provider-error.ts';
import type { ProviderOptions } from '../provider-options.ts';
import { poolRandom } from '../random-pool.ts';
import { openRoad } from '../road/open-road.ts';
import { LeafTagger } from '../road/tag-leaf.ts';
import { AttemptLimiter } from '../sign-in/limit-attempts.ts';
import { composeContext, type SharedParts } from './compose-context.ts';
import { type OpenRealm, openRealm } from './open-realm.ts';

export class KeptRealms {
  readonly #options: ProviderOptions;
  readonly #limits: ProviderLimits;
  readonly #open = new Map<string, Promise<OpenRealm>>();
  readonly #shared: SharedParts;
  #closed = false;

  constructor(options: ProviderOptions, limits: ProviderLimits) {
    this.#options = options;
    this.#limits = limits;
    this.#shared = {
      limits,
      random: poolRandom(options.random),
      ...openKeys(options),
      attempts: new AttemptLimiter(limits, options.clock),
      road: openRoad({
        ...options,
        limits,
        tagger: new LeafTagger(options.secrets, options.instanceId, limits.mostOpenRealms),
        auditReady: () => this.#auditReady(),
      }),
    };
    this.#shared.keyLives.onChange((issuer) => this.#keysChanged(issuer));
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
    const opening = openRealm(
      composeContext(this.#options, this.#shared, realm, tenant.displayName),
      (error, reference) => this.#options.onFailure?.(error, reference),
    );
    this.#open.set(id, opening);
    // Whoever asked for it hears why; the next one to ask opens it anew.
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

  #keysChanged(issuer: string): void {
    const realm = realmOfIssuer(this.#options.baseUrl, issuer);
    if (realm === undefined) return;
    // One that is being opened, or failed to, reads its keys itself.
    this.#open.get(realmId(realm))?.then(
      ({ context }) => context.keys.changed(),
      () => undefined,
    );
  }

  #evict(): void {
    while (this.#open.size > this.#limits.mostOpenRealms) {
      const [oldest] = this.#open.keys();
      if (oldest === undefined) return;
      this.#open.delete(oldest);
    }
  }

  async #auditReady(): Promise<void> {
    await this.#options.store.transaction(async () => undefined);
  }
}

/** Those that the server shares with others, or ones of its own. */
function openKeys(options: ProviderOptions): { keyLog: KeyLog; keyLives: KeyLives } {
  const keyLog = options.keyLog ?? createKeyLog(options);
  if (options.keyLives !== undefined) return { keyLog, keyLives: options.keyLives };
  const { limits: _, ...parts } = options;
  const keyLives = createKeyLives({ ...parts, keyLog, schedule: keySchedule() });
  return { keyLog, keyLives };
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
