// The account page of a visit.

import { MOST_PASSKEYS } from '@countersign/directory';
import { accountBody, type NewPasskeyForm } from '../pages/account-page.ts';
import { sendPage } from '../pages/page-frame.ts';
import { askForNewPasskey } from '../passkeys/ask-for-passkey.ts';
import type { ChallengePurpose } from '../passkeys/challenge.ts';
import { scriptTags } from '../passkeys/serve-scripts.ts';
import { realmPage } from '../realm/realm-page.ts';
import { formToken } from '../sign-in/form-token.ts';
import type { AccountVisit } from './open-visit.ts';

/** The step that form tokens of this page are for. */
export const ACCOUNT_FORMS = 'account';

const DONE: Readonly<Record<string, string>> = {
  added: 'Your passkey was added.',
  renamed: 'The new name was kept.',
  removed: 'The passkey was removed.',
  answered: 'Thank you. Your answer was kept.',
};
const MOST_SIGN_INS = 10;

/** @param done what was just done, as the address says it: one of a few words, anything else is ignored. */
export async function showAccount(
  visit: AccountVisit,
  status: number,
  done?: unknown,
  problem?: string,
): Promise<void> {
  const { realm, ctx, person, passkeys, removed, mayChange } = visit;
  const add = await newPasskeyForm(visit);
  const signIns = await realm.recentSignIns?.list(realm.id, person.id);
  const body = accountBody({
    path: `${realm.mountPath}/account`,
    signOutPath: `${realm.mountPath}/session/end`,
    formToken: tokenOf(visit),
    personName: person.name ?? person.username,
    personDetail: person.email ?? person.username,
    passkeys,
    removed,
    mayChange,
    add,
    signIns: signIns?.slice(0, MOST_SIGN_INS),
    said: typeof done === 'string' && Object.hasOwn(DONE, done) ? DONE[done] : undefined,
    problem,
  });
  const page = realmPage(realm, 'Your account', body);
  sendPage(ctx, status, page, ["'self'"], add === undefined ? 'none' : 'own');
}

/** The challenge of an enrolment is of this session and for this person alone. */
export function enrolmentOf({ sessionUid, person }: AccountVisit) {
  return { ceremony: 'enrol', place: sessionUid, personId: person.id } satisfies ChallengePurpose;
}

async function newPasskeyForm(visit: AccountVisit): Promise<NewPasskeyForm | undefined> {
  const { realm, person, passkeys, mayChange } = visit;
  if (mayChange !== 'yes' || passkeys.length >= MOST_PASSKEYS) return undefined;
  const options = await askForNewPasskey(realm, enrolmentOf(visit), person);
  if (options === undefined) return undefined;
  return {
    action: `${realm.mountPath}/account/add-passkey`,
    formToken: tokenOf(visit),
    kind: 'create',
    options,
    scripts: scriptTags(realm.mountPath),
    suggestedName: `Passkey ${passkeys.length + 1}`,
  };
}

function tokenOf({ realm, sessionUid }: AccountVisit): string {
  return formToken(realm.secrets.formKey, sessionUid, ACCOUNT_FORMS);
}
