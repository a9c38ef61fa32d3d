// What an account does that it did not do: wakes up, gives in to prompts, gets a new factor while it is
// in doubt.

import { ATTRIBUTE_INDEX } from '../input/attributes.ts';
import { countedLately, windowsAt } from './count-lately.ts';
import { AT_SIGN_IN, DAY_MS, type Detector, EVERYBODY, HOUR_MS, PEOPLE } from './detector.ts';
import { AGENT, AGENT_COLUMNS, SUBJECT } from './detector-memory.ts';
import { countBits } from './distinct-bits.ts';

const DORMANT_MS = 90 * DAY_MS;

export const dormantAccount: Detector = {
  code: 'dormant_account',
  about: 'Nobody used it for 90 days, and then somebody from a network it never came from.',
  limits: 'Silent where it wakes up at home.',
  subjects: EVERYBODY,
  kinds: ['sign_in', 'step_up', 'token'],
  tail: 0.005,
  look: ({ input, profile, subject, isNew }) => {
    // Refreshes teach a profile nothing, and are no sleep.
    const asleepMs = input.timeMs - Math.max(profile.lastMs, subject?.[SUBJECT.lastMs] ?? 0);
    if (profile.depth === 0 || asleepMs < DORMANT_MS || !isNew('asn')) return undefined;
    const days = Math.floor(asleepMs / DAY_MS);
    return {
      sentence: `Account: not used for ${days} days, now from a network it never came from.`,
      facts: { days },
    };
  },
};

const FATIGUING_DENIALS = 3;
/** RFC 8176: a key in the hand of who used it, whom no prompt can tire. */
const KEYS: readonly string[] = ['hwk', 'swk', 'sc', 'fido'];

export const factorFatigue: Detector = {
  code: 'mfa_fatigue',
  entra: 'userReportedSuspiciousActivity',
  about: 'Somebody came in after three or more prompts for a factor lately were denied or ran out.',
  limits:
    'Counts prompts of this house only, after a right password. Who proves a passkey is not named: there is nothing to give in to.',
  subjects: PEOPLE,
  kinds: AT_SIGN_IN,
  tail: 0.0005,
  look: ({ input, subject }) => {
    const kept = countedLately(subject, SUBJECT.denials, input.timeMs, HOUR_MS);
    const denials = Math.max(kept, input.factorDenials ?? 0);
    if (input.outcome !== 'success' || denials < FATIGUING_DENIALS) return undefined;
    if (input.methods.some((method) => KEYS.includes(method))) return undefined;
    return {
      sentence: `Factor: ${denials} prompts in the last two hours were denied or ran out.`,
      facts: { denials },
    };
  },
};

const YOUNG_FACTOR_MS = DAY_MS;

export const factorInDoubt: Detector = {
  code: 'factor_in_doubt',
  about:
    'What was proved is a factor that was enrolled after a risky sign-in, and less than a day ago.',
  limits: 'A thief who waits a day is not seen here; the enrolment is on record.',
  subjects: PEOPLE,
  kinds: AT_SIGN_IN,
  tail: 0.002,
  look: ({ input, subject }) => {
    const age = input.factorAgeMs;
    const risky = subject?.[SUBJECT.riskyMs] ?? 0;
    if (age === undefined || !(age <= YOUNG_FACTOR_MS) || risky === 0) return undefined;
    if (input.timeMs - age < risky || input.timeMs - risky > 7 * DAY_MS) return undefined;
    const hours = Math.max(1, Math.round(age / HOUR_MS));
    return {
      sentence: `Factor: enrolled ${hours} hours ago, after a sign-in that was at risk.`,
      facts: { hours },
    };
  },
};

const COMMON_SHARE = 0.02;
const FEWEST_PEOPLE = 8;
const FEWEST_COUNTRIES = 4;
/** Times as many people fail with a tool as get in. */
const FAILING_TIMES = 2;

export const suspiciousBrowser: Detector = {
  code: 'suspicious_browser',
  entra: 'suspiciousBrowser',
  about:
    'One rare user agent, to the letter, with which many people of several countries failed within a day or two, and few got in.',
  limits:
    'A tool that takes a common browser’s name is not rare. Silent with whom the agent is known.',
  subjects: EVERYBODY,
  kinds: AT_SIGN_IN,
  tail: 0.001,
  look: ({ input, kept, counts, value, profile, isNew }) => {
    const agent = value('ua');
    const row = kept.agents.find(agent);
    if (agent === 0 || row === undefined || (profile.depth > 0 && !isNew('ua'))) return undefined;
    const { now, before } = windowsAt(row[AGENT.fromMs] ?? 0, input.timeMs, DAY_MS);
    const count = (column: number) =>
      countBits(now ? (row[column] ?? 0) : 0, before ? (row[column + AGENT_COLUMNS] ?? 0) : 0);
    const [failed, countries] = [count(AGENT.failed), count(AGENT.countries)];
    if (failed < FEWEST_PEOPLE || countries < FEWEST_COUNTRIES) return undefined;
    if (failed < FAILING_TIMES * count(AGENT.passed)) return undefined;
    const known = counts.countOf(ATTRIBUTE_INDEX.ua, agent, input.timeMs);
    if (known > COMMON_SHARE * counts.acts(input.timeMs)) return undefined;
    const people = Math.min(failed, MOST_TOLD_APART);
    return {
      sentence: `Browser: with the same rare one ${people} people or more failed in ${countries} countries lately.`,
      facts: { people, countries },
    };
  },
};

const MOST_TOLD_APART = 100;

export const implausibleContext: Detector = {
  code: 'implausible_context',
  about: 'Browser, hints and TLS contradict each other: one of them is made up.',
  limits: 'Who makes them up with care is not seen.',
  subjects: EVERYBODY,
  kinds: AT_SIGN_IN,
  tail: 0.005,
  look: ({ input }) =>
    input.flags.implausible
      ? {
          sentence: 'Browser: what it says of itself does not fit together.',
          facts: { implausible: true },
        }
      : undefined,
};
