// The sign-in form. Field names and autocomplete values are those password managers look for
// (HTML autofill: username, current-password).

import { type Html, html } from './html.ts';
import { warningIcon } from './icons.ts';
import { type PasskeyForm, passkeyForm } from './passkey-form.ts';

export interface SignInFacts {
  action: string;
  cancelAction: string;
  formToken: string;
  clientName: string;
  username: string;
  /** A sentence for the visitor; the same for every wrong guess. */
  problem?: string;
  /** Absent: passkeys cannot be used here. */
  passkey?: PasskeyForm | undefined;
}

export function signInBody(facts: SignInFacts): Html {
  const { problem, passkey } = facts;
  const wrong = problem === undefined ? undefined : html` aria-invalid="true"`;
  const described = problem === undefined ? undefined : html` aria-describedby="problem"`;
  return html`<h1>Sign in</h1>
<p class="lead">to continue to <b>${facts.clientName}</b></p>
${
  problem !== undefined &&
  html`<div class="alert" role="alert" id="problem">${warningIcon}<span>${problem}</span></div>`
}
<form method="post" action="${facts.action}">
<input type="hidden" name="form_token" value="${facts.formToken}">
<div class="field"><label for="username">Username</label>
<input id="username" name="username" type="text" value="${facts.username}" autocomplete="username${
    passkey !== undefined && ' webauthn'
  }"
autocapitalize="none" spellcheck="false" maxlength="256" required${wrong}${described}${
    facts.username === '' && html` autofocus`
  }></div>
<div class="field"><label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password"
maxlength="1024" required${wrong}${described}${facts.username !== '' && html` autofocus`}></div>
<button class="primary" type="submit">Sign in</button>
</form>
${
  passkey !== undefined &&
  passkeyForm(
    passkey,
    html`<button class="quiet" type="submit">Sign in with a passkey</button>`,
    // Offered once: one that answers by itself and was refused would be refused without end.
    problem === undefined,
  )
}
<form method="post" action="${facts.cancelAction}">
<input type="hidden" name="form_token" value="${facts.formToken}">
<button class="plain" type="submit">Cancel</button>
</form>${passkey?.scripts}`;
}
