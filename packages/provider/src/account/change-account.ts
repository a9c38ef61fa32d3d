// What a person may change of their own account.

import { type ActorFacts, isCodedError, type RiskDecision } from '@countersign/vocabulary';
import { enrolPasskey } from '../passkeys/enrol-passkey.ts';
import { judgeGoingOn } from '../risk-gate/judge-session.ts';
import { isWhereBegun } from '../risk-gate/sign-in-network.ts';
import { ACCOUNT_CLIENT } from './account-client.ts';
import { type AccountVisit, beginSignIn } from './open-visit.ts';
import { enrolmentOf, showAccount } from './show-account.ts';

const CHANGES = ['add-passkey', 'rename-passkey', 'remove-passkey', 'answer-sign-in'] as const;

export type AccountChange = (typeof CHANGES)[number];

const REFUSED = {
  passkey_refused: 'That passkey could not be added. Try again.',
  passkey_taken: 'This passkey belongs to an account already.',
  too_many_passkeys: 'There is no room for another passkey. Remove one first.',
} as const;

export function isChange(action: string): action is AccountChange {
  return CHANGES.some((change) => change === action);
}

export async function changeAccount(
  visit: AccountVisit,
  change: AccountChange,
  form: URLSearchParams,
): Promise<void> {
  // Who says that it was somebody else is believed from anywhere.
  const isMine = form.get('answer') === 'me';
  if (change === 'answer-sign-in' && !isMine) return answerSignIn(visit, form);
  const moved = await judgeMoved(visit);
  if (moved !== undefined && moved.action !== 'allow') {
    return beginSignIn(visit.realm, visit.ctx, 'fresh');
  }
  if (change === 'answer-sign-in') return answerSignIn(visit, form);
  if (visit.mayChange === 'no') return showAccount(visit, 403);
  // A first passkey is made on a password alone only where nothing looks odd.
  if (moved?.limit !== undefined && visit.mayChange === 'yes' && !visit.proved) {
    return showAccount({ ...visit, mayChange: 'no' }, 403);
  }
  if (visit.mayChange === 'confirm') return beginSignIn(visit.realm, visit.ctx, 'passkey');
  if (change === 'add-passkey') return addPasskey(visit, form);
  const { realm, person } = visit;
  const { passkeys } = realm.directory;
  const owner = { realm: realm.id, personId: person.id, id: form.get('id') ?? '' };
  const by: ActorFacts = { kind: 'person', id: person.id };
  try {
    if (change === 'remove-passkey') await passkeys.remove(owner, by);
    else await passkeys.rename(owner, form.get('name') ?? '', by);
  } catch (error) {
    const code = isCodedError(error) ? error.code : '';
    if (code === 'bad_passkey') return showAccount(visit, 422, undefined, 'Choose another name.');
    // Removed meanwhile, in another window: the page shows what there is.
    if (code !== 'passkey_unknown') throw error;
  }
  backToPage(visit, change === 'remove-passkey' ? 'removed' : 'renamed');
}

/** A cookie that is used from elsewhere may be stolen. Undefined: it is where the sign-in was judged. */
async function judgeMoved({
  realm,
  ctx,
  session,
}: AccountVisit): Promise<RiskDecision | undefined> {
  if (isWhereBegun(realm, ctx.req, session)) return undefined;
  return judgeGoingOn(realm, ctx.req, session, ACCOUNT_CLIENT);
}

async function addPasskey(visit: AccountVisit, form: URLSearchParams): Promise<void> {
  const presented = { answer: form.get('passkey'), name: form.get('name') ?? '' };
  const enrolment = await enrolPasskey(visit.realm, presented, enrolmentOf(visit));
  if ('enrolled' in enrolment) return backToPage(visit, 'added');
  return showAccount(visit, 422, undefined, REFUSED[enrolment.refused]);
}

async function answerSignIn(visit: AccountVisit, form: URLSearchParams): Promise<void> {
  const { realm, person, sessionUid, signIn, proved, passkeys } = visit;
  const answer = form.get('answer');
  // One that is stopped was not used; and beside another that can be, nobody makes one on a password.
  const usable = passkeys.filter(({ stoppedMs }) => stoppedMs === undefined);
  const newestMs = Math.max(...usable.map(({ createdMs }) => createdMs));
  if (answer === 'me' || answer === 'not_me') {
    await realm.recentSignIns?.answer({
      ...{ realm: realm.id, personId: person.id, sessionId: sessionUid },
      ...(signIn === undefined ? {} : { signIn }),
      ...(proved && Number.isFinite(newestMs) ? { passkeysSinceMs: newestMs } : {}),
      ...{ assessment: (form.get('assessment') ?? '').slice(0, 128), mine: answer === 'me' },
    });
  }
  backToPage(visit, 'answered');
}

function backToPage({ realm, ctx }: AccountVisit, done: string): void {
  ctx.status = 303;
  ctx.redirect(`${realm.mountPath}/account?done=${done}`);
}
