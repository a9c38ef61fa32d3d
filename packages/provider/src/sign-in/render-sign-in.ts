// The sign-in page with what it offers: a password, and a passkey where browsers allow one.

import { formTargets } from '../pages/form-targets.ts';
import { sendPage } from '../pages/page-frame.ts';
import type { PasskeyForm } from '../pages/passkey-form.ts';
import { signInBody } from '../pages/sign-in-page.ts';
import { askForPasskey } from '../passkeys/ask-for-passkey.ts';
import type { ChallengePurpose } from '../passkeys/challenge.ts';
import { scriptTags } from '../passkeys/serve-scripts.ts';
import { realmPage } from '../realm/realm-page.ts';
import { formToken } from './form-token.ts';
import type { Step } from './handle-interactions.ts';

export async function renderSignIn(
  step: Step,
  status: number,
  said: { username: string; problem?: string },
): Promise<void> {
  const { realm, interaction, path } = step;
  const passkey = await passkeyForm(step);
  const body = signInBody({
    action: `${path}/sign-in`,
    cancelAction: `${path}/cancel`,
    formToken: formToken(realm.secrets.formKey, interaction.uid, interaction.prompt.name),
    clientName: step.clientName,
    passkey,
    ...said,
  });
  sendPage(
    step.ctx,
    status,
    realmPage(realm, 'Sign in', body),
    formTargets(interaction.params['redirect_uri']),
    passkey === undefined ? 'none' : 'own',
  );
}

/** The refusal of somebody who tried too often. */
export function renderWait(step: Step, retryAfterSeconds: number, username: string): Promise<void> {
  step.ctx.set('Retry-After', String(retryAfterSeconds));
  return renderSignIn(step, 429, { username, problem: waitSentence(retryAfterSeconds) });
}

export function waitSentence(retryAfterSeconds: number): string {
  const minutes = Math.ceil(retryAfterSeconds / 60);
  return `Too many attempts. Try again in ${minutes} minute${minutes === 1 ? '' : 's'}.`;
}

export function passkeyPurpose({ interaction }: Step): ChallengePurpose {
  return { ceremony: 'sign-in', place: interaction.uid };
}

async function passkeyForm(step: Step): Promise<PasskeyForm | undefined> {
  const { realm, interaction, path } = step;
  const options = await askForPasskey(realm, passkeyPurpose(step));
  if (options === undefined) return undefined;
  return {
    action: `${path}/passkey`,
    formToken: formToken(realm.secrets.formKey, interaction.uid, interaction.prompt.name),
    kind: 'get',
    options,
    scripts: scriptTags(realm.mountPath),
  };
}
