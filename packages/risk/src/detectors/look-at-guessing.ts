// What came from the same network in the last hour: a password that was right after many that were wrong.

import { AT_SIGN_IN, type Detector, EVERYBODY, HOUR_MS, PEOPLE, type Sight } from './detector.ts';
import { NETWORK, NETWORK_PLACES } from './detector-memory.ts';
import { sizeOfSet } from './number-table.ts';

interface Traffic {
  attempts: number;
  failures: number;
  unknown: number;
  /** Different people that failed, as far as there were places to count them. */
  people: number;
}

/** Of the network (/24, /48) or of the operator, in the hour that runs. */
function trafficOf(sight: Sight, attribute: 'net' | 'asn'): Traffic {
  const row = sight.kept.networks.find(sight.value(attribute));
  const silent = { attempts: 0, failures: 0, unknown: 0, people: 0 };
  if (row === undefined || sight.input.timeMs - (row[NETWORK.fromMs] ?? 0) > HOUR_MS) return silent;
  return {
    attempts: row[NETWORK.attempts] ?? 0,
    failures: row[NETWORK.failures] ?? 0,
    unknown: row[NETWORK.unknown] ?? 0,
    people: sizeOfSet(row, NETWORK.people, NETWORK_PLACES),
  };
}

const isGuessable = (sight: Sight): boolean =>
  sight.input.outcome === 'success' && sight.input.methods.includes('pwd');

/** A colleague in the same office is no attacker: where somebody is at home is not new. */
const isElsewhere = (sight: Sight): boolean => sight.profile.depth === 0 || sight.isNew('net');

const FEWEST_FAILURES = 20;
const FEWEST_PEOPLE = { net: 8, asn: 20 } as const;
const MOST_TRIES_EACH = 5;
const UNKNOWN_SHARE = 0.5;

export const passwordSpray: Detector = {
  code: 'password_spray',
  entra: 'passwordSpray',
  about: 'A right password from where few passwords were tried on many people within the hour.',
  limits:
    'Only when the password was right. Spread over many operators it is not seen here; the head for traffic may.',
  subjects: PEOPLE,
  kinds: AT_SIGN_IN,
  tail: 0.0005,
  look: (sight) => {
    if (!isGuessable(sight) || !isElsewhere(sight)) return undefined;
    for (const attribute of ['net', 'asn'] as const) {
      const { failures, people, attempts } = trafficOf(sight, attribute);
      if (people < FEWEST_PEOPLE[attribute] || failures > people * MOST_TRIES_EACH) continue;
      if (failures < attempts * UNKNOWN_SHARE) continue;
      return {
        sentence: `Password: right, from where ${failures} wrong ones were tried on ${people} or more people within the hour.`,
        facts: { failures, people, where: attribute },
      };
    }
    return undefined;
  },
};

export const credentialStuffing: Detector = {
  code: 'credential_stuffing',
  entra: 'passwordSpray',
  about:
    'A right password from where names were tried that nobody here has: a list of stolen pairs.',
  limits: 'Only when the password was right.',
  subjects: PEOPLE,
  kinds: AT_SIGN_IN,
  tail: 0.0005,
  look: (sight) => {
    if (!isGuessable(sight) || !isElsewhere(sight)) return undefined;
    const { failures, unknown } = trafficOf(sight, 'net');
    if (unknown < FEWEST_FAILURES || unknown < failures * UNKNOWN_SHARE) return undefined;
    return {
      sentence: `Password: right, from where ${unknown} names that nobody has were tried within the hour.`,
      facts: { failures, unknown },
    };
  },
};

export const maliciousAddress: Detector = {
  code: 'malicious_ip',
  entra: 'maliciousIPAddress',
  about: 'A success from where nearly everything failed within the hour.',
  limits: 'Silent where the person was before.',
  subjects: EVERYBODY,
  kinds: AT_SIGN_IN,
  tail: 0.001,
  look: (sight) => {
    if (sight.input.outcome !== 'success' || !isElsewhere(sight)) return undefined;
    const { failures, attempts } = trafficOf(sight, 'net');
    if (failures < FEWEST_FAILURES || failures < attempts * FAILING_SHARE) return undefined;
    return {
      sentence: `Address: ${failures} of ${attempts} attempts from its network failed within the hour.`,
      facts: { failures, attempts },
    };
  },
};

const FAILING_SHARE = 0.8;
