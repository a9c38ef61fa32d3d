// A person's own account: the passkeys they sign in with, and where they signed in lately. Everything
// but adding a passkey works without script.

import type { Passkey, RemovedPasskey } from '@countersign/directory';
import type { RecentSignIn } from '../account/recent-sign-ins.ts';
import { type Html, html } from './html.ts';
import { keyIcon, tickIcon, warningIcon } from './icons.ts';
import { initial } from './page-frame.ts';
import { type PasskeyForm, passkeyForm } from './passkey-form.ts';

export interface NewPasskeyForm extends PasskeyForm {
  suggestedName: string;
}

export interface AccountFacts {
  /** `/TENANT/POPULATION/account`. */
  path: string;
  signOutPath: string;
  formToken: string;
  personName: string;
  personDetail: string;
  passkeys: readonly Passkey[];
  /** What others took away lately, the newest first. */
  removed: readonly RemovedPasskey[];
  /** Of passkeys. `confirm`: with one of them first. */
  mayChange: 'yes' | 'confirm' | 'no';
  /** Absent: none may be added now. */
  add: NewPasskeyForm | undefined;
  /** Absent: nobody keeps them. */
  signIns: readonly RecentSignIn[] | undefined;
  /** What was just done. */
  said: string | undefined;
  problem: string | undefined;
}

const NAME_FIELD = html`type="text" name="name" maxlength="60" required autocomplete="off"`;

export function accountBody(facts: AccountFacts): Html {
  return html`<h1>Your account</h1>
<div class="who"><span class="dot" aria-hidden="true">${initial(facts.personName)}</span>
<div>${facts.personName}<small>${facts.personDetail}</small></div></div>
${
  facts.problem !== undefined &&
  html`<div class="alert" role="alert">${warningIcon}<span>${facts.problem}</span></div>`
}
${
  facts.said !== undefined &&
  html`<div class="said" role="status">${tickIcon}<span>${facts.said}</span></div>`
}
<section aria-labelledby="passkeys"><h2 id="passkeys">Passkeys</h2>
<p class="lead">A passkey signs you in with your fingerprint, face or PIN. It works here and on no
other site, so nobody can trick you into giving it away.</p>
${facts.removed.map(removedPasskey)}
${facts.passkeys.length > 0 && passkeyList(facts)}
${changes[facts.mayChange](facts)}
</section>
${facts.signIns !== undefined && signInList(facts, facts.signIns)}
<form method="get" action="${facts.signOutPath}"><button class="plain" type="submit">Sign out</button></form>
${facts.add?.scripts}`;
}

const changes = { yes: addPasskey, confirm: confirmFirst, no: notNow } as const;

function notNow(): Html {
  return html`<p class="fine">Passkeys cannot be changed now: something about this sign-in is unusual.
Try again later, or ask your administrator.</p>`;
}

/** Said until it is old, whoever looks: a thief who had it removed cannot press it away. */
function removedPasskey({ name, removedMs }: RemovedPasskey): Html {
  return html`<p class="alert">${warningIcon}<span>Your passkey <b>${name}</b> was removed by an administrator
on ${dateOf(removedMs)}. If you did not ask for that, tell your administrator.</span></p>`;
}

function passkeyList(facts: AccountFacts): Html {
  return html`<ul class="items">${facts.passkeys.map((passkey) => passkeyItem(facts, passkey))}</ul>`;
}

function passkeyItem(facts: AccountFacts, passkey: Passkey): Html {
  const { name, createdMs, lastUsedMs, stoppedMs, multiDevice } = passkey;
  return html`<li>${keyIcon}<div><b>${name}</b>
<small>Added ${dateOf(createdMs)}</small>
<small>${lastUsedMs === undefined ? 'Never used' : html`Last used ${dateOf(lastUsedMs)}`}</small>
<small>${multiDevice ? 'May be on several of your devices' : 'On one device only'}</small>
${
  stoppedMs !== undefined &&
  html`<p class="alert">${warningIcon}<span>Stopped ${dateOf(stoppedMs)}: somebody may have copied it.
Remove it and tell your administrator.</span></p>`
}
${facts.mayChange === 'yes' && passkeyChanges(facts, passkey)}</div></li>`;
}

function passkeyChanges(facts: AccountFacts, { id, name }: Passkey): Html {
  const hidden = html`<input type="hidden" name="form_token" value="${facts.formToken}">
<input type="hidden" name="id" value="${id}">`;
  return html`<div class="changes"><details><summary>Rename<span class="unseen"> ${name}</span></summary>
<form method="post" action="${facts.path}/rename-passkey">${hidden}
<label for="name-${id}">New name</label>
<input id="name-${id}" value="${name}" ${NAME_FIELD}>
<button class="quiet" type="submit">Keep this name</button></form></details>
<details><summary>Remove<span class="unseen"> ${name}</span></summary>
<form method="post" action="${facts.path}/remove-passkey">${hidden}
<p>You will not be able to sign in with it any more.</p>
<button class="quiet danger" type="submit">Remove this passkey</button></form></details></div>`;
}

function addPasskey({ add, passkeys }: AccountFacts): Html {
  if (add === undefined) {
    return html`<p class="fine">${
      passkeys.length > 0
        ? 'No more passkeys can be added.'
        : 'Passkeys cannot be used at this address.'
    }</p>`;
  }
  const inside = html`<div class="field"><label for="new-name">Name of the new passkey</label>
<input id="new-name" value="${add.suggestedName}" ${NAME_FIELD}></div>
<button class="primary" type="submit">Add a passkey</button>`;
  return html`${passkeyForm(add, inside)}
<p class="fine" id="passkey-unsupported" hidden>This browser cannot make passkeys. Open this page in
another one.</p>
<noscript><p class="fine">Adding a passkey needs JavaScript, which is off in this browser.</p></noscript>`;
}

function confirmFirst(facts: AccountFacts): Html {
  return html`<form method="post" action="${facts.path}/confirm">
<input type="hidden" name="form_token" value="${facts.formToken}">
<p>To change your passkeys, confirm with one of them that it’s you.</p>
<button class="primary" type="submit">Confirm with a passkey</button></form>`;
}

function signInList(facts: AccountFacts, signIns: readonly RecentSignIn[]): Html {
  return html`<section aria-labelledby="sign-ins"><h2 id="sign-ins">Recent sign-ins</h2>
${
  signIns.length === 0
    ? html`<p class="fine">There are none yet.</p>`
    : html`<ul class="items">${signIns.map((signIn) => signInItem(facts, signIn))}</ul>`
}</section>`;
}

function signInItem(facts: AccountFacts, signIn: RecentSignIn): Html {
  const { assessment, timeMs, app, from, outcome, answered } = signIn;
  const which = html`<span class="unseen">: ${MOMENT.format(timeMs)}</span>`;
  return html`<li><div><b>${momentOf(timeMs)}</b>
<small>${outcome === 'refused' ? 'Refused' : 'Signed in'}${app !== undefined && html` · ${app}`}</small>
${from !== undefined && html`<small>${from}</small>`}
${
  answered !== undefined
    ? html`<small>You said: ${answered === 'me' ? 'this was me' : 'this was not me'}</small>`
    : html`<form class="answer" method="post" action="${facts.path}/answer-sign-in">
<input type="hidden" name="form_token" value="${facts.formToken}">
<input type="hidden" name="assessment" value="${assessment}">
<button class="quiet" type="submit" name="answer" value="me">This was me${which}</button>
<button class="quiet danger" type="submit" name="answer" value="not_me">This wasn’t me${which}</button></form>`
}</div></li>`;
}

export function signInUnfinishedBody(path: string): Html {
  return html`<h1>You are not signed in</h1>
<p class="lead">Sign in to see your account.</p>
<form method="get" action="${path}"><button class="primary" type="submit">Sign in</button></form>`;
}

const DATE = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
const MOMENT = new Intl.DateTimeFormat('en-GB', {
  ...{ dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' },
});

function dateOf(ms: number): Html {
  return html`<time datetime="${new Date(ms).toISOString()}">${DATE.format(ms)}</time>`;
}

function momentOf(ms: number): Html {
  return html`<time datetime="${new Date(ms).toISOString()}">${MOMENT.format(ms)} UTC</time>`;
}
