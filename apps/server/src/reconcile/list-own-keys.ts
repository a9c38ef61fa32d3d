// The keys of our signers as the reconciler compares them with ledger and log: which there are (a ledger
// that was restored from an older copy must not make us end our own newest keys), which are over, and
// how often each has signed.

import type { OwnKey, ReconcilerSources } from '@countersign/audit';
import type { PublicKeyRecord, SignerClient } from '@countersign/keys';
import { keyThumbprint } from '@countersign/verifier';
import { type Clock, systemClock } from '@countersign/vocabulary';

/** Keys that ended longer ago are not asked for again. */
const RECENT_MS = 30 * 86_400_000;

/** @returns a list that rejects when the signer cannot say which keys there are */
export function ownKeysOf(
  signer: Pick<SignerClient, 'listKeys' | 'status'>,
  clock: Clock = systemClock,
): NonNullable<ReconcilerSources['listOwnKeys']> {
  const known = new Map<string, OwnKey | undefined>();
  const learn = (keys: readonly PublicKeyRecord[]): void => {
    for (const key of keys) {
      const thumbprint = keyThumbprint(key.publicJwk);
      // What has no thumbprint is no key of the log's entries either.
      known.set(key.kid, thumbprint === undefined ? undefined : describeOwnKey(key, thumbprint));
    }
  };
  return async () => {
    const { keys } = await signer.status();
    // What ended long ago changes no more, and is most of what there is.
    if (known.size > 0) {
      learn(await signer.listKeys(undefined, { endedAfterMs: clock.nowMs() - RECENT_MS }));
    }
    if (known.size < keys || keys === 0) learn(await signer.listKeys());
    return [...known.values()].filter((key) => key !== undefined);
  };
}

function describeOwnKey(key: PublicKeyRecord, thumbprint: string): OwnKey {
  const { kid, scope, life, counts, away } = key;
  const { state } = life;
  const sinceMs = life.sinceMs[state];
  return {
    ...{ issuer: scope.issuer, kid, thumbprint, state },
    ...(sinceMs === undefined ? {} : { stateSinceMs: sinceMs }),
    // What a signer said before it went away was said at another moment than the ledger is read.
    ...(away === true ? {} : { counts }),
  };
}

/** Dead keys that were asked for. */
export function trippedKeysOf(
  signer: Pick<SignerClient, 'status'>,
): NonNullable<ReconcilerSources['listTripped']> {
  return async () => (await signer.status()).tripped;
}
