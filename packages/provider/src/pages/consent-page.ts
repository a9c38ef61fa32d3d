// Asks whether an application that is not the organisation's own may act for the person.

import { type Html, html } from './html.ts';
import { tickIcon } from './icons.ts';
import { initial } from './page-frame.ts';

export interface ConsentFacts {
  action: string;
  cancelAction: string;
  formToken: string;
  clientName: string;
  /** Where the answer goes, so that a look-alike name can be told. */
  clientHost: string;
  personName: string;
  personDetail: string;
  requests: readonly ConsentRequest[];
}

export interface ConsentRequest {
  what: string;
  detail?: string;
}

const WORDS: Readonly<Record<string, string>> = {
  openid: 'Know who you are here',
  profile: 'See your name and username',
  email: 'See your email address',
  offline_access: 'Stay connected when you are away',
};

/** What a scope means to a person; an API's own scope keeps its name. */
export function describeScope(scope: string, resourceName?: string): ConsentRequest {
  const words = resourceName === undefined ? WORDS[scope] : undefined;
  if (words !== undefined) return { what: words };
  return resourceName === undefined
    ? { what: scope }
    : { what: scope, detail: `at ${resourceName}` };
}

export function consentBody(facts: ConsentFacts): Html {
  return html`<h1>Allow access?</h1>
<p class="lead"><b>${facts.clientName}</b> asks for access to your account.</p>
<div class="who"><span class="dot" aria-hidden="true">${initial(facts.personName)}</span>
<div>${facts.personName}<small>${facts.personDetail}</small></div></div>
<ul class="scopes">${facts.requests.map(
    ({ what, detail }) =>
      html`<li>${tickIcon}<div>${what}${detail !== undefined && html`<small>${detail}</small>`}</div></li>`,
  )}</ul>
<form method="post" action="${facts.action}">
<input type="hidden" name="form_token" value="${facts.formToken}">
<button class="primary" type="submit">Allow</button>
</form>
<form method="post" action="${facts.cancelAction}">
<input type="hidden" name="form_token" value="${facts.formToken}">
<button class="quiet" type="submit">Do not allow</button>
</form>
<p class="fine">You will be taken to ${facts.clientHost}.</p>`;
}
