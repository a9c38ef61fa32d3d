// An act as the gate is told of it: who, where, with what, and how it went before risk was asked.

import type { IncomingMessage } from 'node:http';
import { type Attempt, newTimedId, type SubjectKind } from '@countersign/vocabulary';
import type { RealmContext } from '../realm/realm-context.ts';

/** What the caller knows and the request does not show. */
export type AttemptFacts = Pick<Attempt, 'kind' | 'outcome'> &
  Partial<
    Pick<
      Attempt,
      | 'failure'
      | 'subject'
      | 'subjectKind'
      | 'clientId'
      | 'sessionId'
      | 'rootAuthId'
      | 'signIn'
      | 'audience'
      | 'scope'
      | 'methods'
    >
  > & {
    /** Id of the passkey that was proved. */
    deviceKey?: string | undefined;
    /** Thumbprint of the DPoP key that was proved. */
    dpopThumbprint?: string | undefined;
  };

export function describeAttempt(
  realm: RealmContext,
  request: IncomingMessage,
  { deviceKey, dpopThumbprint, subjectKind, ...facts }: AttemptFacts,
): Attempt {
  const timeMs = realm.clock.nowMs();
  return {
    // Names a row and nothing else: one for each token, which are written side by side.
    id: newTimedId(timeMs, realm.random),
    timeMs,
    realm: realm.id,
    subjectKind: subjectKind ?? accountKind(realm),
    ...facts,
    surroundings: {
      ...realm.surroundingsOf(request),
      ...(deviceKey === undefined ? {} : { deviceKey }),
      ...(dpopThumbprint === undefined ? {} : { dpopThumbprint }),
    },
  };
}

/** Whoever signs in among the devices is one. */
function accountKind({ realm }: RealmContext): SubjectKind {
  return realm.population === 'device' ? 'device' : 'person';
}
