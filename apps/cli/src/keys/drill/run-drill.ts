// The drill itself: tokens are issued and shown all the time, the order is given, and everything is
// timed from there. What counts is what verifiers do, not what the server says.

import { setTimeout as sleep } from 'node:timers/promises';
import { cliError } from '../../cli-error.ts';
import { secondsSince, toSeconds } from '../seconds-since.ts';
import type { DrillTimes, IssuingTimes, VerifierTimes } from './drill-times.ts';
import { type DrillVerifier, GOAL_SECONDS } from './drill-verifiers.ts';
import type { DrillToken, TokenEndpoint } from './request-token.ts';

export interface DrillPlan {
  tokens: TokenEndpoint;
  verifiers: readonly DrillVerifier[];
  /** Revokes a key. Resolves with what the server left unfinished, or null. */
  revoke(kid: string): Promise<string | null>;
  /** Goes on until the others refuse too, or their bound is over. */
  waitOthers: boolean;
  say(text: string): void;
}

const OLD_TOKENS = 24;
const SESSIONS = 5;
const LOOK_EVERY_MS = 50;
const ISSUE_EVERY_MS = 50;
/** So long nothing is accepted any more before it counts as over. */
const QUIET_MS = 2_000;
/** A goal that is missed is measured this long. */
const PATIENCE_SECONDS = 3 * GOAL_SECONDS;

interface Running {
  plan: DrillPlan;
  old: DrillToken[];
  fresh: string[];
  /** By `performance.now()`. */
  orderedMs: number;
  over: boolean;
}

/** @throws CodedError `scenario_failed` when tokens are refused before the order */
export async function runDrill(plan: DrillPlan): Promise<DrillTimes> {
  const old = await gatherOld(plan);
  const kid = old[0]?.kid ?? '';
  const running: Running = {
    plan,
    old,
    fresh: [],
    orderedMs: Number.POSITIVE_INFINITY,
    over: false,
  };
  const verifiers = await Promise.all(plan.verifiers.map((one) => warmUp(one, old)));
  const watched = plan.verifiers.map((one, at) =>
    watch(one, verifiers[at] as VerifierTimes, running),
  );
  const issuing: IssuingTimes = { firstNewSeconds: null, longestGapSeconds: 0, failed: [] };
  const issued = issue(running, kid, issuing);
  const sessions = plan.verifiers.map((one, at) =>
    holdSessions(one, verifiers[at] as VerifierTimes, running),
  );
  await Promise.all(sessions);
  // A moment of the ordinary, so that what follows is a change.
  await sleep(500);
  plan.say('the key is revoked; waiting for the last acceptance');
  running.orderedMs = performance.now();
  const answered = plan
    .revoke(kid)
    .then((unfinished) => (unfinished === null ? secondsSince(running.orderedMs) : null));
  try {
    const answeredSeconds = await answered;
    await untilQuiet(running, verifiers);
    return { kid, answeredSeconds, verifiers, issuing };
  } finally {
    running.over = true;
    await Promise.all([...watched, issued]);
  }
}

async function gatherOld({ tokens, say }: DrillPlan): Promise<DrillToken[]> {
  say('issuing tokens by the key that will be revoked');
  const old = await Promise.all(Array.from({ length: OLD_TOKENS }, () => tokens.request()));
  if (new Set(old.map(({ kid }) => kid)).size > 1) {
    throw cliError('scenario_failed', 'The key was rotated just now; start the drill again.');
  }
  return old;
}

/** Shows half of the old tokens, so that decisions about them are cached; the rest come unseen. */
async function warmUp(verifier: DrillVerifier, old: readonly DrillToken[]): Promise<VerifierTimes> {
  const { name, ours, reports, boundSeconds } = verifier;
  for (const { token } of old.slice(0, OLD_TOKENS / 2)) {
    const refusal = await verifier.judge(token);
    if (refusal === '') continue;
    throw cliError(
      'scenario_failed',
      `${name} refuses genuine tokens (${refusal}); no drill was held.`,
    );
  }
  return {
    ...{ name, ours, reports, boundSeconds, shown: 0, lastAcceptanceSeconds: 0, accepting: true },
    ...{ refusal: '', newAccepted: 0, newRefused: [] },
    sessions: { begun: 0, ended: 0, lastEndSeconds: 0 },
  };
}

async function watch(
  verifier: DrillVerifier,
  times: VerifierTimes,
  running: Running,
): Promise<void> {
  let seen = 0;
  for (let look = 0; !running.over; look += 1) {
    const { token = '' } = running.old[look % running.old.length] ?? {};
    const refusal = await verifier.judge(token);
    if (performance.now() > running.orderedMs) {
      times.shown += 1;
      times.refusal = refusal;
      times.accepting = refusal === '';
      if (refusal === '') times.lastAcceptanceSeconds = secondsSince(running.orderedMs);
    }
    for (; seen < running.fresh.length; seen += 1) {
      const fault = await verifier.judge(running.fresh[seen] ?? '');
      if (fault === '') times.newAccepted += 1;
      else times.newRefused.push(fault);
    }
    await sleep(LOOK_EVERY_MS);
  }
}

async function issue(running: Running, kid: string, times: IssuingTimes): Promise<void> {
  let lastMs = performance.now();
  while (!running.over) {
    try {
      const token = await running.plan.tokens.request();
      const nowMs = performance.now();
      if (nowMs > running.orderedMs) {
        const gapMs = nowMs - Math.max(lastMs, running.orderedMs);
        times.longestGapSeconds = Math.max(times.longestGapSeconds, toSeconds(gapMs));
        if (token.kid !== kid) {
          times.firstNewSeconds ??= secondsSince(running.orderedMs);
          running.fresh.push(token.token);
        }
      }
      lastMs = nowMs;
    } catch (error) {
      times.failed.push(error instanceof Error ? error.message : String(error));
    }
    await sleep(ISSUE_EVERY_MS);
  }
}

async function holdSessions(
  verifier: DrillVerifier,
  times: VerifierTimes,
  running: Running,
): Promise<void> {
  for (const { token } of running.old.slice(0, SESSIONS)) {
    const session = await verifier.beginSession?.(token);
    if (session === undefined) return;
    times.sessions.begun += 1;
    void session.ended.then(() => {
      // What ends with the drill did not end by it.
      if (running.over) return;
      times.sessions.ended += 1;
      times.sessions.lastEndSeconds = secondsSince(running.orderedMs);
    });
  }
}

async function untilQuiet(
  { plan, orderedMs }: Running,
  verifiers: readonly VerifierTimes[],
): Promise<void> {
  const isQuiet = ({ accepting, lastAcceptanceSeconds, sessions }: VerifierTimes): boolean =>
    !accepting &&
    sessions.ended === sessions.begun &&
    (secondsSince(orderedMs) - lastAcceptanceSeconds) * 1000 >= QUIET_MS;
  const others = plan.waitOthers ? verifiers : verifiers.filter(({ ours }) => ours);
  const longest = Math.max(PATIENCE_SECONDS, ...others.map(({ boundSeconds }) => boundSeconds + 5));
  while (secondsSince(orderedMs) < longest) {
    if (others.every((one) => isQuiet(one) && (one.newAccepted > 0 || one.newRefused.length > 0)))
      return;
    const left = others.filter((one) => !isQuiet(one)).length;
    plan.say(`${left} of ${others.length} verifiers have not stopped for sure`);
    await sleep(LOOK_EVERY_MS);
  }
}
