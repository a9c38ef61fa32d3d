// Events of the life of keys that the log does not bring: each told once, read off what the key is now,
// so that one whose telling a crash cut short is told by the next turn.

import type { Audit, AuditTables, QuarantinedKey } from '@countersign/audit';
import { type PublicKeyRecord, signerOf } from '@countersign/keys';
import type { Store } from '@countersign/storage';
import { keyThumbprint } from '@countersign/verifier';
import type { Clock, CountersignEvent, RealmId } from '@countersign/vocabulary';
import type { KeyLivesTables } from './key-lives-tables.ts';

/** Who asked for a change, and why; absent for what happened by itself. */
export interface AskedBy {
  by: string;
  reason?: string | undefined;
}

/** Who asked, for the signer's record of access: the rotator when nobody did. */
export function whoAsks({ by, reason }: AskedBy = { by: 'rotator' }): {
  by: string;
  reason?: string;
} {
  return reason === undefined ? { by } : { by, reason };
}

export interface TellParts {
  store: Store<KeyLivesTables & AuditTables>;
  audit: Pick<Audit, 'record'>;
  clock: Clock;
}

type ToldEvent = 'key.rotated' | 'key.retiring' | 'key.compromised';

export class ToldChanges {
  readonly #parts: TellParts;
  readonly #told = new Set<string>();

  constructor(parts: TellParts) {
    this.#parts = parts;
  }

  /** What became of the keys of one issuer. @throws CodedError of the store */
  async tell(
    keys: readonly PublicKeyRecord[],
    dead: ReadonlyMap<string, QuarantinedKey>,
    asked?: AskedBy,
  ): Promise<void> {
    for (const key of keys) {
      const { sinceMs, state } = key.life;
      const before = keyBefore(key, keys);
      if (before !== undefined) await this.#once('key.rotated', key, rotated(key, before, asked));
      if (state === 'retiring' && sinceMs.active !== undefined)
        await this.#once('key.retiring', key, retiring(key));
      const quarantined = dead.get(key.kid);
      if (quarantined !== undefined)
        await this.#once('key.compromised', key, compromised(key, quarantined));
    }
  }

  async #once(event: ToldEvent, key: PublicKeyRecord, facts: Partial<CountersignEvent>) {
    const { kid, alg, scope } = key;
    const name = `${event} ${kid}`;
    if (this.#told.has(name)) return;
    const { store, audit, clock } = this.#parts;
    const told_ms = clock.nowMs();
    await store.transaction(async (tx) => {
      const { numInsertedOrUpdatedRows } = await tx
        .insertInto('provider_key_told')
        .values({ kid, event, told_ms })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirstOrThrow();
      if (numInsertedOrUpdatedRows === 0n) return;
      const realm = `${scope.tenant}/${scope.population}` as RealmId;
      const token = {
        ...{ kind: 'other' as const, kid, alg, issuer: scope.issuer },
        expiresAtSeconds: scope.notAfterSeconds,
      };
      await audit.record([{ name: event, timeMs: told_ms, realm, token, ...facts }], tx);
    });
    this.#told.add(name);
  }
}

/** The key from whose place this one took over; undefined for the first, and for keys of before that. */
function keyBefore(
  key: PublicKeyRecord,
  keys: readonly PublicKeyRecord[],
): PublicKeyRecord | undefined {
  const { active: sinceMs, published, planned } = key.life.sinceMs;
  if (sinceMs === undefined || (sinceMs === published && sinceMs === planned)) return undefined;
  return keys
    .filter((other) => other.alg === key.alg && signerOf(other) === signerOf(key))
    .filter((other) => other !== key && activeMs(other) < sinceMs)
    .toSorted((one, other) => activeMs(one) - activeMs(other))
    .at(-1);
}

function activeMs({ life }: PublicKeyRecord): number {
  return life.sinceMs.active ?? Number.POSITIVE_INFINITY;
}

function rotated(
  key: PublicKeyRecord,
  before: PublicKeyRecord,
  asked: AskedBy | undefined,
): Partial<CountersignEvent> {
  return {
    timeMs: key.life.sinceMs.active ?? key.createdMs,
    reason: asked === undefined ? 'schedule' : 'asked',
    ...(asked === undefined ? {} : { subject: asked.by }),
    extra: {
      from: before.kid,
      signer: signerOf(key),
      ...(asked?.reason === undefined ? {} : { reasonGiven: asked.reason }),
    },
  };
}

function retiring(key: PublicKeyRecord): Partial<CountersignEvent> {
  const timeMs = key.life.sinceMs.retiring ?? key.createdMs;
  return { timeMs, extra: { signer: signerOf(key) } };
}

/** What a Shared Signals transmitter needs to say that the key of an issuer is no longer to be believed. */
function compromised(key: PublicKeyRecord, { reason, sinceMs }: QuarantinedKey) {
  const byOperator = reason === 'key.revoked';
  return {
    timeMs: sinceMs,
    severity: 'critical',
    reason,
    extra: {
      thumbprint: keyThumbprint(key.publicJwk) ?? '',
      compromisedSinceMs: sinceMs,
      initiatingEntity: byOperator ? 'admin' : 'policy',
      reasonAdmin: key.life.reason ?? reason,
    },
  } satisfies Partial<CountersignEvent>;
}
