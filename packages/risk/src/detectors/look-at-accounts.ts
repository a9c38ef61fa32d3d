// What an account does that it did not do: wakes up, gives in to prompts, gets a new factor while it is
// in doubt.

import { ATTRIBUTE_INDEX } from '../input/attributes.ts';
import { AT_SIGN_IN, DAY_MS, type Detector, EVERYBODY, HOUR_MS, PEOPLE } from './detector.ts';
import { AGENT, AGENT_PLACES, SUBJECT } from './detector-memory.ts';
import { sizeOfSet } from './number-table.ts';

const DORMANT_MS = 90 * DAY_MS;

export const dormantAccount: Detector = {
  code: 'dormant_account',
  about: 'Nobody used it for 90 days, and then somebody from a network it never came from.',
  limits: 'Silent where it wakes up at home.',
  subjects: EVERYBODY,
  kinds: ['sign_in', 'step_up', 'token'],
  tail: 0.005,
  look: ({ input, profile, isNew }) => {
    const asleepMs = input.timeMs - profile.lastMs;
    if (profile.depth === 0 || asleepMs < DORMANT_MS || !isNew('asn')) return undefined;
    const days = Math.floor(asleepMs / DAY_MS);
    return {
      sentence: `Account: not used for ${days} days, now from a network it never came from.`,
      facts: { days },
    };
  },
};

const FATIGUING_DENIALS = 3;

export const factorFatigue: Detector = {
  code: 'mfa_fatigue',
  entra: 'userReportedSuspiciousActivity',
  about: 'A factor was given after three or more prompts within the hour were denied or ran out.',
  limits: 'Counts prompts of this house only.',
  subjects: PEOPLE,
  kinds: AT_SIGN_IN,
  tail: 0.0005,
  look: ({ input, subject }) => {
    const recent = input.timeMs - (subject?.[SUBJECT.denialsFromMs] ?? 0) <= HOUR_MS;
    const kept = recent ? (subject?.[SUBJECT.denials] ?? 0) : 0;
    const denials = Math.max(kept, input.factorDenials ?? 0);
    if (input.outcome !== 'success' || denials < FATIGUING_DENIALS) return undefined;
    return {
      sentence: `Factor: given after ${denials} prompts within the hour that were not.`,
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
  tail: 0.0005,
  look: ({ input, subject }) => {
    const age = input.factorAgeMs;
    const risky = subject?.[SUBJECT.riskyMs] ?? 0;
    if (age === undefined || age > YOUNG_FACTOR_MS || risky === 0) return undefined;
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

export const suspiciousBrowser: Detector = {
  code: 'suspicious_browser',
  entra: 'suspiciousBrowser',
  about: 'One rare user agent, to the letter, with many people in several countries within a day.',
  limits: 'A tool that takes a common browser’s name is not rare.',
  subjects: EVERYBODY,
  kinds: AT_SIGN_IN,
  tail: 0.001,
  look: ({ input, kept, counts, value }) => {
    const agent = value('ua');
    const row = kept.agents.find(agent);
    if (agent === 0 || row === undefined) return undefined;
    if (input.timeMs - (row[AGENT.fromMs] ?? 0) > DAY_MS) return undefined;
    const people = sizeOfSet(row, AGENT.people, AGENT_PLACES.people);
    const countries = sizeOfSet(row, AGENT.countries, AGENT_PLACES.countries);
    if (people < FEWEST_PEOPLE || countries < FEWEST_COUNTRIES) return undefined;
    const known = counts.countOf(ATTRIBUTE_INDEX.ua, agent, input.timeMs);
    if (known > COMMON_SHARE * counts.acts(input.timeMs)) return undefined;
    return {
      sentence: `Browser: the same rare one with ${people} people in ${countries} countries today.`,
      facts: { people, countries },
    };
  },
};

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
