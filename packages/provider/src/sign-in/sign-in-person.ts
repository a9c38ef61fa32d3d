// Checks a password, slowly for guessers: attempts are counted before the check begins, and the
// answer to a wrong guess is the same whether the username exists or not.

import { isCodedError } from '@countersign/vocabulary';
import { acceptFactors } from './accept-factors.ts';
import type { Step } from './handle-interactions.ts';
import { nameNetwork } from './name-network.ts';
import { recordRefusal } from './record-refusal.ts';
import { renderSignIn, renderWait } from './render-sign-in.ts';

const LONGEST_USERNAME = 256;
const LONGEST_PASSWORD = 1024;
const WRONG = 'Username or password is not right. Check both and try again.';
const BUSY = 'Many people are signing in right now. Wait a moment and try again.';

export async function showSignIn(step: Step): Promise<void> {
  const hint = step.interaction.params['login_hint'];
  const username = typeof hint === 'string' ? hint.slice(0, LONGEST_USERNAME) : '';
  await renderSignIn(step, 200, { username });
}

export async function submitSignIn(step: Step, form: URLSearchParams): Promise<void> {
  const { realm, ctx } = step;
  const username = (form.get('username') ?? '').trim();
  const password = form.get('password') ?? '';
  if (username.length > LONGEST_USERNAME || password.length > LONGEST_PASSWORD) {
    return renderSignIn(step, 422, { username: '', problem: WRONG });
  }
  // Looked up first, so that every way to write one username counts as one.
  const claimed = await realm.directory.people.findByUsername(realm.id, username);
  const verdict = realm.attempts.begin(nameNetwork(realm.addressOf(ctx.req)), {
    realm: realm.id,
    username: claimed?.id ?? username.normalize('NFKC').toLowerCase(),
  });
  if (!verdict.allowed) {
    if (verdict.firstRefusal) await recordRefusal(step, 'too_many_attempts', claimed?.id);
    return renderWait(step, verdict.retryAfterSeconds, username);
  }
  const person = await checkPassword(step, username, password);
  if (person === 'busy') {
    verdict.forgive();
    return renderSignIn(step, 503, { username, problem: BUSY });
  }
  if (person === undefined) {
    await recordRefusal(step, 'wrong_password', claimed?.id);
    return renderSignIn(step, 422, { username, problem: WRONG });
  }
  const accepted = await acceptFactors(step, { accountId: person, amr: ['pwd'] });
  // Right, and turned away: trying it again and again from elsewhere is guessing too.
  if (accepted) verdict.forgive();
}

async function checkPassword(
  { realm }: Step,
  username: string,
  password: string,
): Promise<string | 'busy' | undefined> {
  try {
    return (await realm.directory.people.verifyPassword(realm.id, username, password))?.id;
  } catch (error) {
    if (isCodedError(error) && error.code === 'too_busy') return 'busy';
    throw error;
  }
}
