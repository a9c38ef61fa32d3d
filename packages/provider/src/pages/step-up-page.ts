// Asks for a passkey of somebody who is half-way in. The same page whatever the reason.

import { type Html, html } from './html.ts';
import { warningIcon } from './icons.ts';
import { initial } from './page-frame.ts';
import { type PasskeyForm, passkeyForm } from './passkey-form.ts';

export interface StepUpFacts {
  form: PasskeyForm;
  cancelAction: string;
  clientName: string;
  personName: string;
  personDetail: string;
  /** The same sentence whatever went wrong. */
  problem?: string;
}

export function stepUpBody(facts: StepUpFacts): Html {
  const { form, problem } = facts;
  return html`<h1>Confirm it’s you</h1>
<p class="lead">Use your passkey to go on to <b>${facts.clientName}</b>.</p>
<div class="who"><span class="dot" aria-hidden="true">${initial(facts.personName)}</span>
<div>${facts.personName}<small>${facts.personDetail}</small></div></div>
${
  problem !== undefined &&
  html`<div class="alert" role="alert">${warningIcon}<span>${problem}</span></div>`
}
${passkeyForm(form, html`<button class="primary" type="submit" autofocus>Use your passkey</button>`)}
<p class="fine" id="passkey-unsupported" hidden>This browser cannot use passkeys. Open the application
in another one.</p>
<noscript><p class="fine">Passkeys need JavaScript, which is off in this browser.</p></noscript>
<form method="post" action="${facts.cancelAction}">
<input type="hidden" name="form_token" value="${form.formToken}">
<button class="plain" type="submit">Cancel</button>
</form>
<p class="fine">Lost your passkey? Ask your administrator. Nobody may ask you for it on the phone.</p>
${form.scripts}`;
}
