// Tags each leaf for the tenant in whose name it is issued: with its key the tenant lists its tokens
// in the log and sees which instance made them. The keys come from the server's master secret, so
// there is nothing to keep; those of the day are remembered, because they are needed for every token.

import assert from 'node:assert/strict';
import { hkdfSync } from 'node:crypto';
import { dayKey, dayOf, type LeafTags, tenantTag, userTag } from '@countersign/verifier';
import type { ProviderSecrets } from '../realm/realm-secrets.ts';

const KEY_BYTES = 32;
const LONGEST_ID_BYTES = 255;
const NO_SALT = new Uint8Array(0);

/** A tenant's tag keys, newest first: one for each master secret. Secret, and never logged. */
export function deriveTagKeys(
  { current, previous = [] }: ProviderSecrets,
  tenant: string,
): Uint8Array[] {
  return [current, ...previous].map((master) => deriveTagKey(master, tenant));
}

export interface LeafFacts {
  tenant: string;
  subject: string;
  issuedMs: number;
  /** 32 bytes, as in the leaf. */
  commitment: Uint8Array;
}

export class LeafTagger {
  readonly #master: Uint8Array;
  readonly #instanceId: string;
  readonly #mostTenants: number;
  readonly #days = new Map<string, { day: number; key: Uint8Array }>();

  /** @param mostTenants whose key of the day is remembered */
  constructor(secrets: ProviderSecrets, instanceId: string, mostTenants: number) {
    const size = Buffer.byteLength(instanceId);
    assert(size > 0 && size <= LONGEST_ID_BYTES, 'an instance id goes behind one length byte');
    this.#master = secrets.current;
    this.#instanceId = instanceId;
    this.#mostTenants = mostTenants;
  }

  tag({ tenant, subject, issuedMs, commitment }: LeafFacts): LeafTags {
    const key = this.#keyOfDay(tenant, issuedMs);
    return { user: userTag(key, subject), instance: tenantTag(key, this.#instanceId, commitment) };
  }

  #keyOfDay(tenant: string, issuedMs: number): Uint8Array {
    const day = dayOf(issuedMs);
    const known = this.#days.get(tenant);
    if (known?.day === day) return known.key;
    const key = dayKey(deriveTagKey(this.#master, tenant), issuedMs);
    this.#days.delete(tenant);
    for (const oldest of this.#days.keys()) {
      if (this.#days.size < this.#mostTenants) break;
      this.#days.delete(oldest);
    }
    this.#days.set(tenant, { day, key });
    return key;
  }
}

function deriveTagKey(master: Uint8Array, tenant: string): Uint8Array {
  const info = `itlog/tenant-key/v1\n${tenant}`;
  return new Uint8Array(hkdfSync('sha256', master, NO_SALT, info, KEY_BYTES));
}
