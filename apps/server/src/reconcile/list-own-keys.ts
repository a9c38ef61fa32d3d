// The keys of our signers as the reconciler compares them with ledger and log: which there are (a ledger
// that was restored from an older copy must not make us end our own newest keys), which are over, and
// how often each has signed.

import type { OwnKey, ReconcilerSources } from '@countersign/audit';
import type { PublicKeyRecord, SignerClient } from '@countersign/keys';
import { keyThumbprint } from '@countersign/verifier';

/** @returns a list that rejects when the signer cannot say which keys there are */
export function ownKeysOf(
  signer: Pick<SignerClient, 'listKeys'>,
): NonNullable<ReconcilerSources['listOwnKeys']> {
  return async () =>
    (await signer.listKeys()).flatMap((key) => {
      const thumbprint = keyThumbprint(key.publicJwk);
      // What has no thumbprint is no key of the log's entries either.
      return thumbprint === undefined ? [] : [describeOwnKey(key, thumbprint)];
    });
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
