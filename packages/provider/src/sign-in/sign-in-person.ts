// Checks a password, slowly for guessers: attempts are counted before the check begins, and the
// answer to a wrong guess is the same whether the username exists or not.

import { isCodedError } from '@countersign/vocabulary';
import { formTargets } from '../pages/form-targets.ts';
import { sendPage } from '../pages/page-frame.ts';
import { signInBody } from '../pages/sign-in-page.ts';
import { realmPage } from '../realm/realm-page.ts';
import { requestFacts } from '../realm/request-facts.ts';
import { acceptFactors } from './accept-factors.ts';
import { formToken } from './form-token.ts';
import type { Step } from './handle-interactions.ts';
import { nameNetwork } from './name-network.ts';

const LONGEST_USERNAME = 256;
const LONGEST_PASSWORD = 1024;
const WRONG = 'Username or password is not right. Check both and try again.';
const BUSY = 'Many people are signing in right now. Wait a moment and try again.';

export async function showSignIn(step: Step): Promise<void> {
  const hint = step.interaction.params['login_hint'];
  const username = typeof hint === 'string' ? hint.slice(0, LONGEST_USERNAME) : '';
  render(step, 200, { username });
}

export async function submitSignIn(step: Step, form: URLSearchParams): Promise<void> {
  const { realm, ctx } = step;
  const username = (form.get('username') ?? '').trim();
  const password = form.get('password') ?? '';
  if (username.length > LONGEST_USERNAME || password.length > LONGEST_PASSWORD) {
    return render(step, 422, { username: '', problem: WRONG });
  }
  // Looked up first, so that every way to write one username counts as one.
  const claimed = await realm.directory.people.findByUsername(realm.id, username);
  const verdict = realm.attempts.begin(nameNetwork(realm.addressOf(ctx.req)), {
    realm: realm.id,
    username: claimed?.id ?? username.normalize('NFKC').toLowerCase(),
  });
  if (!verdict.allowed) {
    if (verdict.firstRefusal) await recordRefusal(step, 'too_many_attempts', claimed?.id);
    ctx.set('Retry-After', String(verdict.retryAfterSeconds));
    const minutes = Math.ceil(verdict.retryAfterSeconds / 60);
    const problem = `Too many attempts. Try again in ${minutes} minute${minutes === 1 ? '' : 's'}.`;
    return render(step, 429, { username, problem });
  }
  const person = await checkPassword(step, username, password);
  if (person === 'busy') {
    verdict.forgive();
    return render(step, 503, { username, problem: BUSY });
  }
  if (person === undefined) {
    await recordRefusal(step, 'wrong_password', claimed?.id);
    return render(step, 422, { username, problem: WRONG });
  }
  verdict.forgive();
  await acceptFactors(step, { accountId: person, amr: ['pwd'] });
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

async function recordRefusal(
  { realm, ctx, clientId }: Step,
  reason: string,
  subject: string | undefined,
): Promise<void> {
  await realm.audit.record([
    {
      name: 'session.refused',
      timeMs: realm.clock.nowMs(),
      realm: realm.id,
      clientId,
      ...(subject === undefined ? {} : { subject }),
      request: requestFacts(realm, ctx),
      reason,
    },
  ]);
}

function render(step: Step, status: number, said: { username: string; problem?: string }): void {
  const { realm, interaction, path } = step;
  const body = signInBody({
    action: `${path}/sign-in`,
    cancelAction: `${path}/cancel`,
    formToken: formToken(realm.secrets.formKey, interaction.uid, interaction.prompt.name),
    clientName: step.clientName,
    ...said,
  });
  sendPage(
    step.ctx,
    status,
    realmPage(realm, 'Sign in', body),
    formTargets(step.interaction.params['redirect_uri']),
  );
}
