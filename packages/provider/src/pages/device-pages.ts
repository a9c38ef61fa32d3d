// The person's side of the device grant (RFC 8628 §3.3): type the code, compare it, done.

import { type Html, html } from './html.ts';
import { largeTickIcon, warningIcon } from './icons.ts';

export interface DeviceCodeFacts {
  action: string;
  formToken: string;
  userCode: string;
  problem?: string;
}

export function deviceCodeBody(facts: DeviceCodeFacts): Html {
  const { problem } = facts;
  return html`<h1>Connect a device</h1>
<p class="lead">Type the code that your device shows.</p>
${
  problem !== undefined &&
  html`<div class="alert" role="alert" id="problem">${warningIcon}<span>${problem}</span></div>`
}
<form method="post" action="${facts.action}">
<input type="hidden" name="xsrf" value="${facts.formToken}">
<div class="field code"><label for="user_code">Code</label>
<input id="user_code" name="user_code" type="text" value="${facts.userCode}" autocomplete="off"
autocapitalize="characters" spellcheck="false" maxlength="32" required autofocus${
    problem !== undefined && html` aria-invalid="true" aria-describedby="problem"`
  }></div>
<button class="primary" type="submit">Continue</button>
</form>`;
}

export interface DeviceConfirmFacts {
  action: string;
  formToken: string;
  userCode: string;
  clientName: string;
  deviceAddress: string;
}

export function deviceConfirmBody(facts: DeviceConfirmFacts): Html {
  return html`<h1>Is this your device?</h1>
<p class="lead"><b>${facts.clientName}</b> wants to be connected. Continue only if your device shows
exactly this code, and you started this yourself.</p>
<p class="show-code">${facts.userCode}</p>
<form method="post" action="${facts.action}">
<input type="hidden" name="xsrf" value="${facts.formToken}">
<input type="hidden" name="user_code" value="${facts.userCode}">
<button class="primary" type="submit" name="confirm" value="yes">Yes, continue</button>
<button class="quiet" type="submit" name="abort" value="yes">No, stop this</button>
</form>
<p class="fine">The request came from ${facts.deviceAddress}.</p>`;
}

export function deviceDoneBody(clientName: string): Html {
  return html`<div class="badge">${largeTickIcon}</div><h1>Device connected</h1>
<p class="lead"><b>${clientName}</b> can go on. You may close this page.</p>`;
}
