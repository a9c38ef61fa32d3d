// Workloads and agents, at the moment they ask for a token: another target, another way to prove
// themselves, many more requests than ever, failures, or a person behind them who is at risk.

import { type Detector, HOUR_MS, MACHINES } from './detector.ts';
import { RESOURCE_PLACES, SUBJECT } from './detector-memory.ts';
import { isLearned } from './look-at-places.ts';
import { isInSet, sizeOfSet } from './number-table.ts';

export const unfamiliarResource: Detector = {
  code: 'unfamiliar_resource',
  entra: 'unfamiliarResourceAccess',
  about: 'A machine asks for a token for an API it never asked for.',
  limits: 'Silent until the profile has learned, and for a machine with more than eight APIs.',
  subjects: MACHINES,
  kinds: ['token', 'use'],
  tail: 0.005,
  look: (sight) => {
    const { input, subject } = sight;
    if (input.resourceKey === undefined || subject === undefined || !isLearned(sight))
      return undefined;
    const known = sizeOfSet(subject, SUBJECT.resources, RESOURCE_PLACES);
    if (known === 0 || known === RESOURCE_PLACES) return undefined;
    if (isInSet(subject, SUBJECT.resources, RESOURCE_PLACES, input.resourceKey)) return undefined;
    return {
      sentence: `Resource: asked for the first time; until now it was ${known} other${known === 1 ? '' : 's'}.`,
      facts: { known },
    };
  },
};

export const credentialChange: Detector = {
  code: 'credential_type_change',
  entra: 'suspiciousSignins',
  about:
    'A machine proves itself in another way than it always did, as with a secret in the place of a key.',
  limits: 'Knows the last way only.',
  subjects: MACHINES,
  kinds: ['token'],
  tail: 0.001,
  look: (sight) => {
    const before = sight.subject?.[SUBJECT.credential] ?? 0;
    const now = credentialKey(sight.input.methods);
    if (before === 0 || now === 0 || before === now || !isLearned(sight)) return undefined;
    return {
      sentence: 'Credential: of another kind than this machine always used.',
      facts: { methods: sight.input.methods.slice(0, 4).join(' ') },
    };
  },
};

/** A number for a set of methods; 0 for none. FNV-1a. */
export function credentialKey(methods: readonly string[]): number {
  if (methods.length === 0) return 0;
  let hash = 0x811c9dc5;
  for (const letter of [...methods].sort().join(' ')) {
    hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return hash + 1;
}

const FEWEST_HOURS = 24;
const FEWEST_IN_SPIKE = 30;
/** Ten times the mean and five standard deviations of a Poisson count beyond it. */
const SPIKE_FACTOR = 10;
const SPIKE_DEVIATIONS = 5;

export const signInSpike: Detector = {
  code: 'sign_in_spike',
  entra: 'signInSpike',
  about: 'Far more requests within the hour than ever in an hour before.',
  limits: 'Needs 24 hours of history. A slow rise is not seen.',
  subjects: MACHINES,
  kinds: ['token', 'sign_in', 'refresh'],
  tail: 0.001,
  look: ({ input, subject }) => {
    if (subject === undefined || (subject[SUBJECT.hours] ?? 0) < FEWEST_HOURS) return undefined;
    if (Math.floor(input.timeMs / HOUR_MS) !== subject[SUBJECT.hour]) return undefined;
    const acts = (subject[SUBJECT.hourActs] ?? 0) + 1;
    const mean = subject[SUBJECT.hourlyMean] ?? 0;
    const most = Math.max(mean * SPIKE_FACTOR, mean + SPIKE_DEVIATIONS * Math.sqrt(mean));
    if (acts < FEWEST_IN_SPIKE || acts <= most) return undefined;
    return {
      sentence: `Rate: ${acts} requests within the hour; usually ${mean < 1 ? 'less than one' : Math.round(mean)}.`,
      facts: { acts, mean: Math.round(mean * 10) / 10 },
    };
  },
};

const FEWEST_FAILURES = 10;

export const failedAccess: Detector = {
  code: 'failed_access_attempts',
  entra: 'failedAccessAttempt',
  about: 'A machine got in after ten or more failures within the hour.',
  limits: 'Counts what this house refused.',
  subjects: MACHINES,
  kinds: ['token', 'sign_in', 'refresh', 'use'],
  tail: 0.002,
  look: ({ input, subject }) => {
    const failures = subject?.[SUBJECT.failures] ?? 0;
    const recent = input.timeMs - (subject?.[SUBJECT.failuresFromMs] ?? 0) <= HOUR_MS;
    if (!recent || failures < FEWEST_FAILURES) return undefined;
    return {
      sentence: `Failures: ${failures} within the hour before this.`,
      facts: { failures },
    };
  },
};

export const actsForRisky: Detector = {
  code: 'acts_for_risky_person',
  entra: 'riskyUserSignIn',
  about: 'An agent acts for a person who is at high risk at this moment.',
  limits: 'Knows the risk of people of this house.',
  subjects: ['agent', 'device'],
  kinds: ['token', 'refresh', 'use', 'sign_in'],
  tail: 0.001,
  look: ({ input }) =>
    input.actingForLevel === 'high'
      ? {
          sentence: 'Person: the one it acts for is at high risk.',
          facts: { actingForLevel: 'high' },
        }
      : undefined,
};
