// What the session of a refresh or use began with: the sign-in that the provider names. A use names none, nor
// does what began before risk was judged: then it is the one of the person's sign-ins that is most like the
// act, and a thief is like none of them.

import type { KeptAct } from '@countersign/memory';
import type { RiskInput } from '@countersign/risk';
import type { Attempt } from '@countersign/vocabulary';
import type { RiskHouse } from './risk-house.ts';

type SessionStart = NonNullable<RiskInput['session']>;

const MOST_SESSIONS = 20_000;
/** Refreshes and uses stand between sign-ins. */
const MOST_SIGN_INS = 100;
const began = new WeakMap<object, Map<string, SessionStart>>();

export async function recallSession(
  memory: RiskHouse['memory'],
  attempt: Attempt,
  input: RiskInput,
): Promise<SessionStart | undefined> {
  const { kind, realm, subject, subjectKind } = attempt;
  if ((kind !== 'refresh' && kind !== 'use') || subject === undefined) return undefined;
  if (subjectKind === 'workload') return undefined;
  const known = began.get(memory) ?? new Map<string, SessionStart>();
  began.set(memory, known);
  const session = attempt.sessionId ?? attempt.rootAuthId;
  const key = session === undefined ? undefined : `${realm}\0${subject}\0${session}`;
  const there = key === undefined ? undefined : known.get(key);
  if (there !== undefined) return there;
  const start = await findStart(memory, attempt, input);
  if (start === undefined) return undefined;
  const { values, labels } = start.input;
  const found = { startedMs: start.timeMs, values, labels };
  if (key !== undefined) {
    const [oldest] = known.keys();
    if (known.size >= MOST_SESSIONS && oldest !== undefined) known.delete(oldest);
    known.set(key, found);
  }
  return found;
}

/** Of somebody who is erased. */
export function forgetSessions(
  memory: RiskHouse['memory'],
  realm: Attempt['realm'],
  subject: string,
): void {
  const known = began.get(memory);
  for (const key of known?.keys() ?? []) {
    if (key.startsWith(`${realm}\0${subject}\0`)) known?.delete(key);
  }
}

async function findStart(
  memory: RiskHouse['memory'],
  { realm, subject, signIn }: Attempt,
  input: RiskInput,
): Promise<KeptAct | undefined> {
  const said = signIn === undefined ? undefined : await memory.acts.find(signIn);
  if (said?.realm === realm && said.subject === subject) return said;
  const acts = await memory.acts.list({ realm, subject: subject ?? '', limit: MOST_SIGN_INS });
  const begun = await Promise.all(acts.filter(isSignIn).map((act) => gotIn(memory, act)));
  return mostAlike(begun.flat(), input.values);
}

function isSignIn({ input, action }: KeptAct): boolean {
  return (input.kind === 'sign_in' || input.kind === 'token') && action !== 'deny';
}

/** A sign-in that was asked for a passkey and gave none began no session: it may be the thief's. */
async function gotIn({ acts }: RiskHouse['memory'], act: KeptAct): Promise<KeptAct[]> {
  if (act.action !== 'step_up') return [act];
  const about = await acts.about(act.id);
  return about.some(({ kind, word }) => kind === 'settled' && word === 'passed') ? [act] : [];
}

function mostAlike(acts: readonly KeptAct[], values: Float64Array): KeptAct | undefined {
  let [best, most] = [undefined as KeptAct | undefined, -1];
  for (const act of acts) {
    const alike = act.input.values.filter(
      (value, at) => value !== 0 && value === values[at],
    ).length;
    if (alike > most) [best, most] = [act, alike];
  }
  return best;
}
