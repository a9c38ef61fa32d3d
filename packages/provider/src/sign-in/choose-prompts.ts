// When a person is asked what. The engine's own rules, and one more: a session whose person is gone or
// disabled is no session, and leads to the sign-in page.

import { type EngineConfiguration, interactionPolicy } from '../engine/oidc-provider.ts';

type Prompts = NonNullable<NonNullable<EngineConfiguration['interactions']>['policy']>;

export function choosePrompts(): Prompts {
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
  return prompts;
}
