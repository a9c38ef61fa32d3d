// The keys under which a tenant's addresses, agents and device keys are remembered: HMAC-SHA256, random
// per tenant, changed by themselves. The one before is kept for as long, so that what it named is still
// known. Without key and secret nobody can try all addresses against what is kept.

import { createHmac, hkdfSync } from 'node:crypto';
import type { Store } from '@countersign/storage';
import type { Clock, Random } from '@countersign/vocabulary';
import type { MemoryTables } from '../tables.ts';
import { openKey, sealKey } from './seal-key.ts';

export interface HashedValue {
  /** 1 to 2^52. */
  value: number;
  /** The same under the key before; 0 without one. */
  alias: number;
}

export interface TenantKeys {
  /** @param kind What it is, so that an address and a device never share a number. */
  hash(kind: string, text: string): HashedValue;
}

export interface KeyBook {
  /** Makes the first key of a tenant, and the next when the newest is too old. */
  of(tenant: string): Promise<TenantKeys>;
  /** Changes a tenant's key now. What the key before the last one named is not known any more. */
  rotate(tenant: string): Promise<void>;
}

interface KeyBookParts {
  store: Store<MemoryTables>;
  clock: Clock;
  random: Random;
  secret: Uint8Array;
  rotateAfterMs: number;
}

interface Held {
  keys: TenantKeys;
  madeMs: number;
}

const MOST_TENANTS = 4_096;
const KEY_BYTES = 32;

export function openKeyBook(parts: KeyBookParts): KeyBook {
  const sealing = Buffer.from(
    hkdfSync('sha256', parts.secret, '', 'countersign/memory/key-book', KEY_BYTES),
  );
  const held = new Map<string, Promise<Held>>();
  const isDue = (madeMs: number) => parts.clock.nowMs() - madeMs >= parts.rotateAfterMs;

  async function load(tenant: string, force: boolean): Promise<Held> {
    const rows = await readKeys(parts.store.read, tenant);
    const newest = rows[0];
    const due = newest === undefined || force || isDue(newest.made_ms);
    const kept = due ? await addKey(parts, sealing, tenant, newest?.generation ?? 0) : rows;
    const keys = kept.map(({ generation, sealed }) => openKey(sealing, tenant, generation, sealed));
    return { keys: hashWith(keys), madeMs: kept[0]?.made_ms ?? 0 };
  }
  function keep(tenant: string, force: boolean): Promise<Held> {
    const loading = load(tenant, force);
    held.delete(tenant);
    held.set(tenant, loading);
    loading.catch(() => held.delete(tenant));
    const [oldest] = held.keys();
    if (held.size > MOST_TENANTS && oldest !== undefined) held.delete(oldest);
    return loading;
  }
  return {
    of: async (tenant) => {
      const known = await (held.get(tenant) ?? keep(tenant, false));
      return isDue(known.madeMs) ? (await keep(tenant, false)).keys : known.keys;
    },
    rotate: async (tenant) => {
      await keep(tenant, true);
    },
  };
}

type Reading = Pick<Store<MemoryTables>['read'], 'selectFrom'>;

function readKeys(db: Reading, tenant: string) {
  return db
    .selectFrom('risk_key')
    .selectAll()
    .where('tenant', '=', tenant)
    .orderBy('generation', 'desc')
    .limit(2)
    .execute();
}

/** Two servers may come here at once: the second takes what the first made. */
function addKey(
  { store, clock, random }: KeyBookParts,
  sealing: Buffer,
  tenant: string,
  after: number,
) {
  return store.transaction(async (tx) => {
    const generation = after + 1;
    const sealed = sealKey(sealing, tenant, generation, random.bytes(KEY_BYTES), random);
    await tx
      .insertInto('risk_key')
      .values({ tenant, generation, made_ms: clock.nowMs(), sealed })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    await tx
      .deleteFrom('risk_key')
      .where('tenant', '=', tenant)
      .where('generation', '<', after)
      .execute();
    return await readKeys(tx, tenant);
  });
}

const MOST_HASHES = 20_000;
const WHOLE_BYTES = 6;
const LAST_NIBBLE = 16;

/** Hashes are remembered for speed, in this process only. */
function hashWith([current, previous]: readonly Uint8Array[]): TenantKeys {
  const known = new Map<string, HashedValue>();
  const numberOf = (key: Uint8Array | undefined, text: string): number => {
    if (key === undefined) return 0;
    const digest = createHmac('sha256', key).update(text).digest();
    const number = digest.readUIntBE(0, WHOLE_BYTES) * LAST_NIBBLE + (digest[WHOLE_BYTES]! >> 4);
    return number + 1;
  };
  return {
    hash: (kind, given) => {
      const text = `${kind}\0${given}`;
      const there = known.get(text);
      if (there !== undefined) return there;
      const hashed = { value: numberOf(current, text), alias: numberOf(previous, text) };
      const [oldest] = known.keys();
      if (known.size >= MOST_HASHES && oldest !== undefined) known.delete(oldest);
      known.set(text, hashed);
      return hashed;
    },
  };
}
