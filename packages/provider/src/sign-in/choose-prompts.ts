// When a person is asked what. The engine's own rules, and more: a session whose person is gone or
// disabled is no session and leads to the sign-in page, and so does one that goes on from where it looks
// odd. A client that asks for a passkey has one asked for, in a session without, too (RFC 9470 §5).

import { type EngineConfiguration, interactionPolicy } from '../engine/oidc-provider.ts';
import type { RealmContext } from '../realm/realm-context.ts';
import { isSessionOdd } from '../risk-gate/judge-session.ts';
import { asksForPasskey, PASSKEY_ASKED } from '../step-up/asks-for-passkey.ts';
import { PHISHING_RESISTANT } from './finish-sign-in.ts';

type Prompts = NonNullable<NonNullable<EngineConfiguration['interactions']>['policy']>;

export function choosePrompts(realm: RealmContext): Prompts {
  const prompts = interactionPolicy.base();
  const login = prompts.get('login');
  if (login === undefined) throw new Error('the engine has no login prompt');
  login.checks.add(
    new interactionPolicy.Check(
      'person_gone',
      'the person of this session may not sign in any more',
      'login_required',
      (ctx) => ctx.oidc.session?.accountId !== undefined && ctx.oidc.account === undefined,
    ),
  );
  login.checks.add(
    new interactionPolicy.Check(
      PASSKEY_ASKED,
      'the client asks for a sign-in with a passkey',
      'login_required',
      ({ oidc }) => asksForPasskey(oidc.params ?? {}) && oidc.session?.acr !== PHISHING_RESISTANT,
    ),
  );
  login.checks.add(
    new interactionPolicy.Check(
      'session_odd',
      'the session goes on from where its person was not expected',
      'login_required',
      (ctx) => isSessionOdd(realm, ctx),
    ),
  );
  return prompts;
}
