// Who looks at the account page: the person of the engine's session, if they signed in a moment ago.
// Changing passkeys needs more: once there is one, it must have been used for this very sign-in, so that
// neither a stolen session nor a stolen password puts the thief's own passkey in its place.

import { randomBytes } from 'node:crypto';
import type { Passkey, Person, RemovedPasskey } from '@countersign/directory';
import type { Context } from 'koa';
import { type Engine, type SessionFacts, sessionOf } from '../engine/oidc-provider.ts';
import type { RealmContext } from '../realm/realm-context.ts';
import { limitsNow } from '../risk-gate/judge-attempt.ts';
import { limitOf, signInOf } from '../risk-gate/keep-limit.ts';
import type { TokenLimits } from '../risk-gate/risk-gate.ts';
import { PHISHING_RESISTANT } from '../sign-in/finish-sign-in.ts';
import { ACCOUNT_CLIENT } from './account-client.ts';

export interface AccountVisit {
  realm: RealmContext;
  ctx: Context;
  person: Person;
  sessionUid: string;
  session: SessionFacts;
  passkeys: readonly Passkey[];
  /** What others took away lately. */
  removed: readonly RemovedPasskey[];
  /** Whether this sign-in was with one of them. */
  proved: boolean;
  /** Id of the assessment of this sign-in. */
  signIn: string | undefined;
  /** Of passkeys: `confirm` with one of them first. `no`: something about the sign-in is unusual. */
  mayChange: 'yes' | 'confirm' | 'no';
}

/** Undefined: nobody, or somebody whose sign-in is not fresh. */
export async function openVisit(
  realm: RealmContext,
  engine: Engine,
  ctx: Context,
): Promise<AccountVisit | undefined> {
  const session = await sessionOf(engine, ctx);
  if (session.accountId === undefined || session.uid === undefined) return undefined;
  const ageMs = realm.clock.nowMs() - (session.loginTs ?? 0) * 1000;
  if (ageMs > realm.limits.freshSignInMs) return undefined;
  const person = await realm.directory.people.find(realm.id, session.accountId);
  if (person === undefined || person.disabled) return undefined;
  const passkeys = await realm.directory.passkeys.list(realm.id, person.id);
  const removed = await realm.directory.passkeys.removedByOthers(realm.id, person.id);
  const hasUsable = passkeys.some(({ stoppedMs }) => stoppedMs === undefined);
  // Of the sign-in as it was judged, and of what has become known since: each may shut the door.
  const risks = [limitOf(session), limitsNow(realm, person.id, session.uid)];
  const proved = session.acr === PHISHING_RESISTANT;
  const mayChange = judgeChange({ hasUsable, proved, risks });
  const signIn = signInOf(session);
  return {
    ...{ realm, ctx, person, session, sessionUid: session.uid },
    ...{ passkeys, removed, proved, signIn, mayChange },
  };
}

function judgeChange(facts: {
  hasUsable: boolean;
  proved: boolean;
  risks: readonly (TokenLimits | undefined)[];
}): AccountVisit['mayChange'] {
  if (facts.risks.some((risk) => risk?.deny === true)) return 'no';
  if (facts.proved) return 'yes';
  if (facts.hasUsable) return 'confirm';
  // A first passkey is made on the word of a password alone: not while its sign-in looks odd.
  return facts.risks.every((risk) => risk === undefined) ? 'yes' : 'no';
}

/** @param needed `fresh`: another sign-in, whatever session there is; `passkey`: one more factor in it. */
export function beginSignIn(
  { issuer }: RealmContext,
  ctx: Context,
  needed: 'fresh' | 'passkey',
): void {
  const url = new URL(`${issuer}/auth`);
  const asked = {
    client_id: ACCOUNT_CLIENT,
    response_type: 'code',
    redirect_uri: `${issuer}/account`,
    scope: 'openid',
    // Nobody knows what this is the hash of: the code can be redeemed by nobody.
    code_challenge: randomBytes(32).toString('base64url'),
    code_challenge_method: 'S256',
    ...(needed === 'passkey' ? { acr_values: PHISHING_RESISTANT } : { prompt: 'login' }),
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  ctx.status = 303;
  ctx.redirect(url.href);
}
