// The door of the room: requests below a realm, its keys, and the ends of sign-ins.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { CodedError, type Realm, type RealmId } from '@countersign/vocabulary';
import { sweepExpired } from './artifacts/sweep-expired.ts';
import type { PublishedJwk } from './key-log/log-key-events.ts';
import { defaultLimits } from './limits.ts';
import type { ProviderCode } from './provider-error.ts';
import type { ProviderOptions } from './provider-options.ts';
import { KeptRealms } from './realm/keep-realms.ts';
import { requireStrongSecrets } from './realm/realm-secrets.ts';
import { deriveTagKeys } from './road/tag-leaf.ts';
import { type EndedSignIns, type EndingReason, endSignIns } from './sign-in/end-sign-ins.ts';

export interface ProviderHouse {
  /** False when the path is not below a realm of an existing tenant; then nothing was answered. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** The realm's published keys. @throws CodedError realm_unknown */
  jwks(realm: Realm): Promise<{ keys: PublishedJwk[] }>;
  /** Ends every session and grant of a person, and revokes their tokens. Durable when it resolves. */
  endSignIns(realm: RealmId, personId: string, reason?: EndingReason): Promise<EndedSignIns>;
  /**
   * The keys with which a tenant recognises its leaves in the log, newest first. Secret: whoever has
   * them can tell the tenant's tokens and people apart in a public log.
   */
  tagKeys(tenant: string): Uint8Array[];
  /** Removes a bounded number of expired rows; runs by itself every `sweepEveryMs`. */
  sweep(): Promise<number>;
  /** Stops the sweeping and refuses requests from then on. */
  close(): void;
}

/** @throws CodedError secret_too_short */
export function createProvider(options: ProviderOptions): ProviderHouse {
  requireStrongSecrets(options.secrets);
  const limits = { ...defaultLimits, ...options.limits };
  const realms = new KeptRealms(options, limits);
  const sweep = () => sweepExpired(options, limits.mostSweptRows);
  const timer = setInterval(() => {
    sweep().catch((error: unknown) => options.onFailure?.(error, 'sweep'));
  }, limits.sweepEveryMs);
  timer.unref();
  return {
    handle: (request, response) => realms.handle(request, response),
    async jwks(realm) {
      const open = await realms.open(realm);
      if (open === undefined) {
        throw new CodedError<ProviderCode>('realm_unknown', 'There is no such realm.');
      }
      return { keys: [...(await open.context.keys.publishedKeys())] };
    },
    async endSignIns(realm, personId, reason) {
      const ended = await endSignIns(options, realm, personId, reason);
      if (ended.grants > 0) options.onRevoked?.();
      return ended;
    },
    tagKeys: (tenant) => deriveTagKeys(options.secrets, tenant),
    sweep,
    close() {
      clearInterval(timer);
      realms.close();
    },
  };
}
