// The keys of our signer as the reconciler compares them with what the log says of keys: a ledger that
// was restored from an older copy must not make us end our own newest keys.

import type { ReconcilerSources } from '@countersign/audit';
import type { SignerClient } from '@countersign/keys';
import { keyThumbprint } from '@countersign/verifier';

/** @returns a list that rejects when the signer cannot say which keys there are */
export function ownKeysOf(
  signer: Pick<SignerClient, 'listKeys'>,
): NonNullable<ReconcilerSources['listOwnKeys']> {
  return async () =>
    (await signer.listKeys()).flatMap(({ kid, scope, publicJwk }) => {
      const thumbprint = keyThumbprint(publicJwk);
      // What has no thumbprint is no key of the log's entries either.
      return thumbprint === undefined ? [] : [{ issuer: scope.issuer, kid, thumbprint }];
    });
}
