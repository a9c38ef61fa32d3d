// What the session of a refresh or use began with: the judged act that the token names. What began before
// tokens named one is held against the one of the person's sign-ins that is most like the act, and a thief
// is like none of them. Only what is named is kept for the next time: a guess is made of an act, and the
// first that is seen of a session may be the thief's.

import type { Aliases, KeptAct } from '@countersign/memory';
import type { RiskInput } from '@countersign/risk';
import type { Attempt, RealmId } from '@countersign/vocabulary';
import type { RiskHouse } from './risk-house.ts';

type SessionStart = NonNullable<RiskInput['session']>;
type Acting = Pick<Attempt, 'realm' | 'signIn'> & { subject: string };

interface Began {
  realm: RealmId;
  subject: string;
  start: SessionStart;
}

interface Recalled {
  /** By the id of the assessment. */
  known: Map<string, Began>;
  /** How often somebody was forgotten: what was being read then may be theirs. */
  forgotten: number;
}

const MOST_SESSIONS = 20_000;
/** Refreshes and uses stand between sign-ins. */
const MOST_SIGN_INS = 100;
/** Of an attempt that nobody waited for: it was judged all the same, or never. */
const UNJUDGED = 'unjudged-';
const recalled = new WeakMap<object, Recalled>();

/** @param aliases By index of ATTRIBUTES: the act's values under the tenant's previous key, else 0. */
export async function recallSession(
  memory: RiskHouse['memory'],
  attempt: Attempt,
  { values }: Pick<RiskInput, 'values'>,
  aliases: Aliases,
): Promise<SessionStart | undefined> {
  const { kind, subject, subjectKind } = attempt;
  if ((kind !== 'refresh' && kind !== 'use') || subject === undefined) return undefined;
  if (subjectKind === 'workload') return undefined;
  const acting = { ...attempt, subject };
  const named = await findNamed(memory, acting);
  const start = named ?? (await guessStart(memory, acting, { values, aliases }));
  return start === undefined ? undefined : renameStart(start, values, aliases);
}

/** Of somebody who is erased. */
export function forgetSessions(memory: RiskHouse['memory'], realm: RealmId, subject: string): void {
  const kept = recalledOf(memory);
  kept.forgotten += 1;
  for (const [id, began] of kept.known) {
    if (began.realm === realm && began.subject === subject) kept.known.delete(id);
  }
}

function recalledOf(memory: RiskHouse['memory']): Recalled {
  const there = recalled.get(memory) ?? { known: new Map(), forgotten: 0 };
  recalled.set(memory, there);
  return there;
}

async function findNamed(
  memory: RiskHouse['memory'],
  { realm, subject, signIn }: Acting,
): Promise<SessionStart | undefined> {
  if (signIn === undefined) return undefined;
  const id = signIn.startsWith(UNJUDGED) ? signIn.slice(UNJUDGED.length) : signIn;
  const began = recalledOf(memory).known.get(id) ?? (await readBegan(memory, id));
  return began?.realm === realm && began.subject === subject ? began.start : undefined;
}

async function readBegan(memory: RiskHouse['memory'], id: string): Promise<Began | undefined> {
  const kept = recalledOf(memory);
  const { forgotten } = kept;
  const act = await memory.acts.find(id);
  if (act?.subject === undefined) return undefined;
  const began = { realm: act.realm, subject: act.subject, start: startOf(act) };
  if (kept.forgotten !== forgotten) return began;
  const [oldest] = kept.known.keys();
  if (kept.known.size >= MOST_SESSIONS && oldest !== undefined) kept.known.delete(oldest);
  kept.known.set(id, began);
  return began;
}

function startOf({ timeMs, input: { values, labels } }: KeptAct): SessionStart {
  return { startedMs: timeMs, values, labels };
}

/** What is the same under the tenant's new key is told by its new number. */
function renameStart(start: SessionStart, values: Float64Array, aliases: Aliases): SessionStart {
  const isRenamed = (value: number, at: number) => value !== 0 && value === aliases[at];
  if (!start.values.some(isRenamed)) return start;
  return {
    ...start,
    values: start.values.map((value, at) => (isRenamed(value, at) ? (values[at] ?? 0) : value)),
  };
}

interface Shown {
  values: Float64Array;
  aliases: Aliases;
}

async function guessStart(
  memory: RiskHouse['memory'],
  { realm, subject }: Acting,
  act: Shown,
): Promise<SessionStart | undefined> {
  const acts = await memory.acts.list({ realm, subject, limit: MOST_SIGN_INS });
  const begun = await Promise.all(acts.filter(isSignIn).map((one) => gotIn(memory, one)));
  const like = mostAlike(begun.flat(), act);
  return like && startOf(like);
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

function mostAlike(acts: readonly KeptAct[], { values, aliases }: Shown): KeptAct | undefined {
  let [best, most] = [undefined as KeptAct | undefined, -1];
  for (const act of acts) {
    const alike = act.input.values.filter(
      (value, at) => value !== 0 && (value === values[at] || value === aliases[at]),
    ).length;
    if (alike > most) [best, most] = [act, alike];
  }
  return best;
}
