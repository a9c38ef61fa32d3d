// Workloads and agents, at the moment they ask for a token: another target, another way to prove
// themselves, many more requests than ever, failures, or a person behind them who is at risk.

import { countedLately } from './count-lately.ts';
import { type Detector, HOUR_MS, MACHINES, type Sight } from './detector.ts';
import { FAILED_PLACES, RESOURCE_PLACES, SUBJECT } from './detector-memory.ts';
import { actsThisHour, mostUsual } from './hourly-rate.ts';
import { isLearned } from './look-at-places.ts';
import { isInSet, sizeOfSet } from './number-table.ts';

export const unfamiliarResource: Detector = {
  code: 'unfamiliar_resource',
  entra: 'unfamiliarResourceAccess',
  about: 'A machine asks for a token for an API it never asked for.',
  limits:
    'Silent until the profile has learned, for a machine with more than eight APIs, and once it was let in with it on a third day.',
  subjects: MACHINES,
  kinds: ['token', 'use'],
  tail: 0.01,
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
  tail: 0.002,
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

export const signInSpike: Detector = {
  code: 'sign_in_spike',
  entra: 'signInSpike',
  about: 'Far more requests within the hour than ever in an hour before.',
  limits:
    'Needs 24 hours of history, and more than 120 requests. A slow rise is not seen, and who is at risk already may come 30 times as often: its tokens are shorter.',
  subjects: MACHINES,
  kinds: ['token', 'sign_in', 'refresh'],
  tail: 0.002,
  look: ({ input, subject }) => {
    if (subject === undefined || (subject[SUBJECT.hours] ?? 0) < FEWEST_HOURS) return undefined;
    const acts = actsThisHour(subject, input.timeMs);
    if (acts <= mostUsual(subject, input.timeMs)) return undefined;
    const mean = subject[SUBJECT.hourlyMean] ?? 0;
    const usually = mean < 1 ? 'less than one' : Math.round(mean);
    return {
      sentence: `Rate: ${acts} requests within the hour; usually ${usually}.`,
      facts: { acts, mean: Math.round(mean * 10) / 10 },
    };
  },
};

const FEWEST_FAILURES = 10;

export const failedAccess: Detector = {
  code: 'failed_access_attempts',
  entra: 'failedAccessAttempt',
  about:
    'A machine got in after ten or more failures lately, from where they came or from elsewhere than ever.',
  limits:
    'Counts what this house refused. Failures that a stranger causes elsewhere do not speak against the machine.',
  subjects: MACHINES,
  kinds: ['token', 'sign_in', 'refresh', 'use'],
  tail: 0.002,
  look: (sight) => {
    const { input, subject } = sight;
    const failures = countedLately(subject, SUBJECT.failures, input.timeMs, HOUR_MS);
    if (failures < FEWEST_FAILURES || !(isWhereItFailed(sight) || sight.isNew('net')))
      return undefined;
    return {
      sentence: `Failures: ${failures} in the last two hours before this.`,
      facts: { failures },
    };
  },
};

/** Also where it is not known: who leaves it out is not better off. */
function isWhereItFailed({ subject, value }: Sight): boolean {
  const net = value('net');
  if (net === 0 || subject === undefined) return true;
  const places = sizeOfSet(subject, SUBJECT.failedFrom, FAILED_PLACES);
  return places === 0 || isInSet(subject, SUBJECT.failedFrom, FAILED_PLACES, net);
}

export const actsForRisky: Detector = {
  code: 'acts_for_risky_person',
  entra: 'riskyUserSignIn',
  about: 'An agent acts for a person who is at high risk at this moment.',
  limits:
    'Knows the risk of people of this house. Silent in this version: no token says yet for whom an agent acts.',
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
