// What came from the same network lately: a password that was right after many that were wrong. People are
// counted, not attempts: whoever pads the count with an account of his own adds one.

import { windowsAt } from './count-lately.ts';
import { AT_SIGN_IN, type Detector, EVERYBODY, HOUR_MS, PEOPLE, type Sight } from './detector.ts';
import { NETWORK, NETWORK_COLUMNS } from './detector-memory.ts';
import { countBits } from './distinct-bits.ts';

interface Traffic {
  failures: number;
  /** Failures by names that nobody has. */
  unknown: number;
  successes: number;
  /** About how many different people failed; infinite when too many to tell. */
  failed: number;
  /** About how many different people got in. */
  passed: number;
}

const SILENT: Traffic = Object.freeze({
  failures: 0,
  unknown: 0,
  successes: 0,
  failed: 0,
  passed: 0,
});

/** Of the network (/24, /48) or of the operator, in the last hour and up to one before it. */
function trafficOf(sight: Sight, attribute: 'net' | 'asn'): Traffic {
  const row = sight.kept.networks.find(sight.value(attribute));
  if (row === undefined) return SILENT;
  const { now, before } = windowsAt(row[NETWORK.fromMs] ?? 0, sight.input.timeMs, HOUR_MS);
  const [one, other] = [
    (column: number) => (now ? (row[column] ?? 0) : 0),
    (column: number) => (before ? (row[column + NETWORK_COLUMNS] ?? 0) : 0),
  ];
  const sum = (column: number) => one(column) + other(column);
  const people = (column: number) => countBits(one(column), other(column));
  return {
    ...{ failures: sum(NETWORK.failures), unknown: sum(NETWORK.unknown) },
    ...{ successes: sum(NETWORK.successes) },
    ...{ failed: people(NETWORK.failed), passed: people(NETWORK.passed) },
  };
}

const isGuessable = (sight: Sight): boolean =>
  sight.input.outcome === 'success' && sight.input.methods.includes('pwd');

/**
 * A colleague in the same office is no attacker, nor is whoever comes with the own browser through another
 * address of the own operator: many thousands share those.
 */
const isElsewhere = (sight: Sight): boolean =>
  sight.profile.depth === 0 ||
  (sight.isNew('net') && (sight.isNew('asn') || sight.isStrange('ua')));

/** Hardly anybody who belongs there gets in from there. */
const isMostlyFailing = ({ failures, successes, passed }: Traffic, people: number, times = 1) =>
  Number.isFinite(passed) ? people > passed * times : failures > successes * times;

const FEWEST_UNKNOWN = 20;
const FEWEST_PEOPLE = { net: 8, asn: 20 } as const;

export const passwordSpray: Detector = {
  code: 'password_spray',
  entra: 'passwordSpray',
  about:
    'A right password from where passwords of many people were tried lately, and few were right.',
  limits:
    'Only when the password was right, and not where the person was before. Spread over many operators it is not seen here; the head for traffic may. Guests of one small network can make it fire for each other.',
  subjects: PEOPLE,
  kinds: AT_SIGN_IN,
  tail: 0.0005,
  look: (sight) => {
    if (!isGuessable(sight) || !isElsewhere(sight)) return undefined;
    for (const attribute of ['net', 'asn'] as const) {
      // Of a whole operator only to whom it is new: else one sprayer names all of its customers.
      if (attribute === 'asn' && sight.profile.depth > 0 && !sight.isNew('asn')) continue;
      const traffic = trafficOf(sight, attribute);
      const { failures, failed } = traffic;
      if (failed < FEWEST_PEOPLE[attribute] || !isMostlyFailing(traffic, failed)) continue;
      const people = sayPeople(failed);
      return {
        sentence: `Password: right, from where ${failures} wrong ones were tried on ${people} people in the last two hours.`,
        facts: { failures, people, where: attribute },
      };
    }
    return undefined;
  },
};

/** More than this many are not told apart. */
const MOST_TOLD_APART = 100;

function sayPeople(people: number): string {
  return people > MOST_TOLD_APART ? `more than ${MOST_TOLD_APART}` : `about ${people}`;
}

export const credentialStuffing: Detector = {
  code: 'credential_stuffing',
  entra: 'passwordSpray',
  about:
    'A right password from where names were tried that nobody here has: a list of stolen pairs.',
  limits:
    'Only when the password was right, and not where the person was before. Guests of one small network can make it fire for each other.',
  subjects: PEOPLE,
  kinds: AT_SIGN_IN,
  tail: 0.0005,
  look: (sight) => {
    if (!isGuessable(sight) || !isElsewhere(sight)) return undefined;
    const traffic = trafficOf(sight, 'net');
    const { unknown } = traffic;
    if (unknown < FEWEST_UNKNOWN || !isMostlyFailing(traffic, unknown)) return undefined;
    return {
      sentence: `Password: right, from where ${unknown} names that nobody has were tried in the last two hours.`,
      facts: { unknown },
    };
  },
};

const FEWEST_FAILURES = 20;
const FEWEST_NAMES = 8;
/** Times as many people, or names that nobody has, as got in. */
const FAILING_TIMES = 4;

export const maliciousAddress: Detector = {
  code: 'malicious_ip',
  entra: 'maliciousIPAddress',
  about: 'A success from where nearly everybody failed lately.',
  limits: 'Silent where the person was before. One person who fails often is nobody’s attack.',
  subjects: EVERYBODY,
  kinds: AT_SIGN_IN,
  tail: 0.001,
  look: (sight) => {
    if (sight.input.outcome !== 'success' || !isElsewhere(sight)) return undefined;
    const traffic = trafficOf(sight, 'net');
    const { failures, failed, unknown, successes } = traffic;
    const names = failed + unknown;
    if (failures < FEWEST_FAILURES || names < FEWEST_NAMES) return undefined;
    if (!isMostlyFailing(traffic, names, FAILING_TIMES)) return undefined;
    return {
      sentence: `Address: ${failures} attempts from its network failed in the last two hours, and ${successes} did not.`,
      facts: { failures, successes },
    };
  },
};
