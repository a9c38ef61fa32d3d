// Failures of the keepers in the engine's words: what is temporary becomes a 503 the client may
// repeat, an ended sign-in becomes invalid_grant, everything else stays a 500 without detail.

import { isCodedError } from '@countersign/vocabulary';
import { type Adapter, errors, oauthError } from './oidc-provider.ts';

export function toOAuthError(error: unknown): unknown {
  const coded = isCodedError(error) ? error : undefined;
  if (coded === undefined) return error;
  const causes = [coded, coded.cause].filter(isCodedError);
  if (causes.some(({ code }) => code === 'lineage_ended')) {
    return new errors.InvalidGrant({ cause: error, detail: 'the sign-in behind it has ended' });
  }
  if (coded.code === 'issuance_unavailable' || coded.retryAfterSeconds !== undefined) {
    return Object.assign(oauthError(503, 'temporarily_unavailable', coded.message), {
      cause: error,
      retryAfterSeconds: coded.retryAfterSeconds,
    });
  }
  return error;
}

export async function translating<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toOAuthError(error);
  }
}

export function translateAdapter(adapter: Adapter): Adapter {
  return {
    upsert: (id, payload, expiresIn) => translating(() => adapter.upsert(id, payload, expiresIn)),
    find: (id) => translating(() => adapter.find(id)),
    findByUserCode: (userCode) => translating(() => adapter.findByUserCode(userCode)),
    findByUid: (uid) => translating(() => adapter.findByUid(uid)),
    consume: (id) => translating(() => adapter.consume(id)),
    destroy: (id) => translating(() => adapter.destroy(id)),
    revokeByGrantId: (grantId) => translating(() => adapter.revokeByGrantId(grantId)),
  };
}
