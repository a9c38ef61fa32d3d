// `key.created` for every key the signer holds: it makes keys and writes no events, so the server
// looks when the number of keys has changed and records those it has not told of yet.

import type { Audit } from '@countersign/audit';
import type { PublicKeyRecord, SignerClient } from '@countersign/keys';
import {
  type Clock,
  type CountersignEvent,
  type RealmId,
  systemClock,
} from '@countersign/vocabulary';

const RECENT_MS = 7 * 86_400_000;

export interface KeyRecorder {
  /** Records what is new. Safe to repeat: a key that was told of is not told of again. */
  look(): Promise<void>;
}

export function createKeyRecorder(
  audit: Pick<Audit, 'record' | 'listEvents'>,
  signer: Pick<SignerClient, 'listKeys' | 'status'>,
  clock: Clock = systemClock,
): KeyRecorder {
  const tell = async (keys: readonly PublicKeyRecord[], told: Set<string>): Promise<void> => {
    for (const key of keys) {
      if (told.has(key.kid)) continue;
      await audit.record([describeKey(key)]);
      told.add(key.kid);
    }
  };
  let told: Set<string> | undefined;
  return {
    look: async () => {
      told ??= await readTold(audit);
      const { keys } = await signer.status();
      if (keys === told.size) return;
      // Among those that are not over, nearly always: the rest is a hundred times as much.
      const wanted = { endedAfterMs: clock.nowMs() - RECENT_MS };
      if (told.size > 0) await tell(await signer.listKeys(undefined, wanted), told);
      if (told.size !== keys) await tell(await signer.listKeys(), told);
    },
  };
}

async function readTold(audit: Pick<Audit, 'listEvents'>): Promise<Set<string>> {
  const told = new Set<string>();
  for (let after = 0; ; ) {
    const page = await audit.listEvents({
      names: ['key.created'],
      afterSequence: after,
      limit: 1000,
    });
    for (const { kid } of page) if (kid !== undefined) told.add(kid);
    const last = page.at(-1);
    if (last === undefined) return told;
    after = last.sequence;
  }
}

function describeKey({ kid, alg, scope, createdMs }: PublicKeyRecord): CountersignEvent {
  return {
    name: 'key.created',
    timeMs: createdMs,
    realm: `${scope.tenant}/${scope.population}` as RealmId,
    token: {
      kind: 'other',
      kid,
      alg,
      issuer: scope.issuer,
      expiresAtSeconds: scope.notAfterSeconds,
    },
  };
}
