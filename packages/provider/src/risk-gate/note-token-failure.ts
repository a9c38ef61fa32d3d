// A token request that failed, told to the gate when it may be somebody's who has a part of what is
// needed: a wrong client secret, a refresh token that was used before.

import { type EngineContext, errors } from '../engine/oidc-provider.ts';
import type { RealmContext } from '../realm/realm-context.ts';
import { rootAuthId } from '../road/trace-lineage.ts';
import { type AttemptFacts, describeAttempt } from './describe-attempt.ts';
import { noteAttempt } from './judge-attempt.ts';

/** Not waited for: the engine has answered already. */
export function noteTokenFailure(realm: RealmContext, context: EngineContext, error: Error): void {
  const facts = describeFailure(realm, context, error);
  if (facts !== undefined) void noteAttempt(realm, describeAttempt(realm, context.req, facts));
}

function describeFailure(
  realm: RealmContext,
  { oidc }: EngineContext,
  error: Error,
): AttemptFacts | undefined {
  const clientId = oidc.client?.clientId;
  if (error instanceof errors.InvalidClientAuth) {
    return {
      ...{ kind: 'token', outcome: 'failure', subjectKind: 'workload' },
      ...(clientId === undefined
        ? { failure: 'unknown_account' }
        : { failure: 'wrong_password', subject: clientId, clientId }),
    };
  }
  const reused = oidc.entities.RefreshToken;
  if (!(error instanceof errors.InvalidGrant) || reused?.consumed === undefined) return undefined;
  // Of whose sign-in it is, whoever sent it: somebody has a token that was used.
  const { accountId, sessionUid, authTime } = reused;
  return {
    ...{ kind: 'refresh', outcome: 'failure', failure: 'refused', subject: accountId },
    rootAuthId: rootAuthId(realm.issuer, sessionUid, authTime),
    ...(clientId === undefined ? {} : { clientId }),
    ...(sessionUid === undefined ? {} : { sessionId: sessionUid }),
  };
}
