// A session or a token that goes on from elsewhere than it began: what a thief of cookies or of tokens
// cannot help, unless the thief sits in the same place with the same browser.

import type { Attribute } from '../input/attributes.ts';
import { changeOf, isAnotherAgent, isAnotherStack } from './changed-agent.ts';
import { nameCountry } from './country-places.ts';
import {
  ALWAYS,
  AT_SIGN_IN,
  type Detector,
  EVERYBODY,
  HOUR_MS,
  hidesPlace,
  IN_SESSION,
  PEOPLE,
  type Seen,
  type Sight,
} from './detector.ts';
import { TOKEN } from './detector-memory.ts';

export const anomalousToken: Detector = {
  code: 'anomalous_token',
  entra: 'anomalousToken',
  about:
    'A session goes on from another network operator and with another browser, TLS stack or key.',
  limits:
    'A new network alone is a telephone that moves; a newer version of the same browser is an update. Who has both the same is not seen: bind tokens to keys.',
  subjects: EVERYBODY,
  kinds: IN_SESSION,
  tail: 0.0005,
  look: (sight) => {
    if (!hasMoved(sight)) return undefined;
    const others = [
      ...(isAnotherAgent(sight) ? ['browser'] : []),
      ...(isAnotherStack(sight) ? ['TLS stack'] : []),
      ...(changeOf(sight, 'dpopKey') === 'changed' ? ['key'] : []),
    ];
    if (others.length === 0) return undefined;
    return {
      sentence: `Session: it goes on from another network and with another ${others.join(' and ')}.`,
      facts: { changed: ['network', ...others].join(', ') },
    };
  },
};

/**
 * To another operator or country. Where a refresh comes from the house sees itself: from nowhere that is known
 * is from elsewhere. What a report leaves out is its reporter's doing.
 */
function hasMoved(sight: Sight): boolean {
  return (['asn', 'country'] as const).some((attribute) => {
    const change = changeOf(sight, attribute);
    return change === 'changed' || (change === 'left out' && sight.input.kind === 'refresh');
  });
}

/** In this time a device may change its network, and neither its browser nor its country. */
const AT_ONCE_MS = HOUR_MS / 12;

export const tokenReplay: Detector = {
  code: 'token_replay',
  entra: 'anomalousToken',
  about:
    'One token is used in two networks of two operators within five minutes, or with two keys.',
  limits:
    'Needs the reports of verifiers with addresses in them. The same browser that is in another country through a VPN or a data centre is somebody who switched it on. Services behind several outgoing operators look alike: name them in the policy.',
  subjects: EVERYBODY,
  kinds: ['use'],
  tail: 0.0005,
  look: (sight): Seen | undefined => {
    const { input } = sight;
    const last = input.tokenKey === undefined ? undefined : sight.kept.tokens.find(input.tokenKey);
    if (last === undefined) return undefined;
    const differs = (column: number, attribute: Attribute) => {
      const [before = 0, now] = [last[column], sight.value(attribute)];
      return before > 0 && now > 0 && before !== now;
    };
    if (differs(TOKEN.dpopKey, 'dpopKey')) {
      return { sentence: 'Token: used with two different keys.', facts: { keys: 2 } };
    }
    const apartMs = Math.abs(input.timeMs - (last[TOKEN.lastMs] ?? 0));
    if (apartMs > AT_ONCE_MS || !differs(TOKEN.asn, 'asn')) return undefined;
    const isHidden = last[TOKEN.hides] === 1 || hidesPlace(input);
    const isAbroad = differs(TOKEN.country, 'country') && !isHidden;
    const isOther = differs(TOKEN.ua, 'ua') || (last[TOKEN.ua] !== 0 && sight.value('ua') === 0);
    if (!(isOther || isAbroad)) return undefined;
    const seconds = Math.round(apartMs / 1000);
    const [there, here] = [last[TOKEN.country] ?? 0, sight.value('country')];
    return {
      sentence: `Token: used in two networks within ${seconds} seconds (${nameCountry(there)}, ${nameCountry(here)}).`,
      facts: { seconds, from: nameCountry(there), to: nameCountry(here) },
    };
  },
};

export const tokenIssuerAnomaly: Detector = {
  code: 'token_issuer_anomaly',
  entra: 'tokenIssuerAnomaly',
  about:
    'A token that names somebody was signed by a key of ours and never issued, or descends from what does not support it.',
  limits:
    'Only what the reconciler proved by our keys and our ledger. What a verifier merely says names nobody: it could have everybody signed out.',
  subjects: EVERYBODY,
  kinds: ALWAYS,
  tail: 0.0001,
  look: ({ input }) =>
    input.issuerOdd === true
      ? { sentence: 'Token: its issuer, key or lineage does not fit.', facts: { issuerOdd: true } }
      : undefined,
};

/** Each update brings a new agent; another system is another device. */
function isStrangeDevice(sight: Sight): boolean {
  return sight.isStrange('os') || sight.isStrange('device');
}

export const attackerInTheMiddle: Detector = {
  code: 'attacker_in_the_middle',
  entra: 'attackerinTheMiddle',
  about:
    'What could be phished was right, from a data centre it never came from, and with a browser that contradicts itself, or a system, device or TLS stack that was never seen or is left out.',
  limits:
    'A passkey cannot be phished and is never named; a relay of Apple’s that hides people is no page. A page in a network of homes is not seen, nor is one that passes the browser through where no proxy in front tells the TLS stack.',
  subjects: PEOPLE,
  kinds: AT_SIGN_IN,
  tail: 0.001,
  look: (sight) => {
    const { flags, methods, outcome } = sight.input;
    if (outcome !== 'success' || methods.includes('hwk') || methods.includes('swk'))
      return undefined;
    if (!flags.hosting || flags.relay || sight.profile.depth === 0 || !sight.isNew('asn'))
      return undefined;
    if (!(flags.implausible || sight.isNew('ja4') || isStrangeDevice(sight))) return undefined;
    const network = sight.input.labels.asn ?? 'a data centre';
    return {
      sentence: `Way: signed in through ${network}, with a browser that does not fit; a page in between may have copied it.`,
      facts: { hosting: true, implausible: flags.implausible },
    };
  },
};
