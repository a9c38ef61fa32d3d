// Sign-out and error pages. An error page tells what the visitor can do and a reference that is in
// our log; never a stack trace, never what the server was doing.

import { type Html, html } from './html.ts';
import { largeTickIcon, largeWarningIcon } from './icons.ts';

export interface LogoutFacts {
  action: string;
  formToken: string;
  organisation: string;
  clientName?: string | undefined;
}

export function logoutBody(facts: LogoutFacts): Html {
  return html`<h1>Sign out?</h1>
<p class="lead">${
    facts.clientName === undefined
      ? html`You are signed in at <b>${facts.organisation}</b>.`
      : html`<b>${facts.clientName}</b> asks to end your session at <b>${facts.organisation}</b>.`
  }</p>
<form method="post" action="${facts.action}">
<input type="hidden" name="xsrf" value="${facts.formToken}">
<button class="primary" type="submit" name="logout" value="yes">Sign out</button>
<button class="quiet" type="submit">Stay signed in</button>
</form>`;
}

export function loggedOutBody(): Html {
  return html`<div class="badge">${largeTickIcon}</div><h1>You are signed out</h1>
<p class="lead">You may close this page.</p>`;
}

export interface ErrorFacts {
  heading: string;
  sentence: string;
  code: string;
  reference?: string;
}

export function errorBody(facts: ErrorFacts): Html {
  return html`<div class="badge bad">${largeWarningIcon}</div><h1>${facts.heading}</h1>
<p class="lead" role="alert">${facts.sentence}</p>
<p>Go back to the application and start again. If this keeps happening, tell its operator:</p>
<dl class="fine"><dt>Code</dt><dd>${facts.code}</dd>${
    facts.reference !== undefined && html`<dt>Reference</dt><dd>${facts.reference}</dd>`
  }</dl>`;
}
