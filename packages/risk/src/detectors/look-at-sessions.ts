// A session or a token that goes on from elsewhere than it began: what a thief of cookies or of tokens
// cannot help, unless the thief sits in the same place with the same browser.

import { ATTRIBUTE_INDEX, type Attribute } from '../input/attributes.ts';
import { nameCountry } from './country-places.ts';
import {
  ALWAYS,
  AT_SIGN_IN,
  type Detector,
  EVERYBODY,
  HOUR_MS,
  IN_SESSION,
  PEOPLE,
  type Seen,
  type Sight,
} from './detector.ts';
import { TOKEN } from './detector-memory.ts';

/** Both known, and not the same. */
function changed(sight: Sight, attribute: Attribute): boolean {
  const began = sight.input.session?.values[ATTRIBUTE_INDEX[attribute]] ?? 0;
  const now = sight.value(attribute);
  return began > 0 && now > 0 && began !== now;
}

/** A telephone moves between networks; it does not become another device, and keeps its key. */
const OF_THE_DEVICE = ['ua', 'ja4', 'dpopKey'] as const;
const FEWEST_CHANGES = 2;

export const anomalousToken: Detector = {
  code: 'anomalous_token',
  entra: 'anomalousToken',
  about:
    'A session goes on from another network operator and with another browser, TLS stack or key.',
  limits:
    'A new network alone is a telephone that moves; a new browser alone is an update. Who has both the same is not seen: bind tokens to keys.',
  subjects: EVERYBODY,
  kinds: IN_SESSION,
  tail: 0.0005,
  look: (sight) => {
    const moved = changed(sight, 'asn') || changed(sight, 'country');
    const others = OF_THE_DEVICE.filter((attribute) => changed(sight, attribute));
    const agent = changed(sight, 'browser') || changed(sight, 'os');
    if (!moved || others.length === 0) return undefined;
    // The string of an agent changes with each update of it; browser or system must have, too.
    if (others.length < FEWEST_CHANGES && others[0] === 'ua' && !agent) return undefined;
    return {
      sentence: `Session: it goes on from another network and with another ${wordsFor(others)}.`,
      facts: { changed: ['network', ...others].join(' ') },
    };
  },
};

function wordsFor(attributes: readonly (typeof OF_THE_DEVICE)[number][]): string {
  const words = { ua: 'browser', ja4: 'TLS stack', dpopKey: 'key' };
  return attributes.map((attribute) => words[attribute]).join(' and ');
}

/** In this time nobody changes between two operators and back. */
const AT_ONCE_MS = HOUR_MS / 12;

export const tokenReplay: Detector = {
  code: 'token_replay',
  entra: 'anomalousToken',
  about:
    'One token is used in two networks of two operators within five minutes, or with two keys.',
  limits:
    'Needs the reports of verifiers with addresses in them. Services behind several outgoing operators look alike: name them in the policy.',
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
    if (!(differs(TOKEN.ua, 'ua') || differs(TOKEN.country, 'country'))) return undefined;
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
  about: 'A verifier saw a token whose issuer, key or lineage does not fit.',
  limits: 'What verifiers report; the reconciler raises the finding with its evidence.',
  subjects: EVERYBODY,
  kinds: ALWAYS,
  tail: 0.0001,
  look: ({ input }) =>
    input.issuerOdd === true
      ? { sentence: 'Token: its issuer, key or lineage does not fit.', facts: { issuerOdd: true } }
      : undefined,
};

export const attackerInTheMiddle: Detector = {
  code: 'attacker_in_the_middle',
  entra: 'attackerinTheMiddle',
  about:
    'A password and a factor that could be phished, both right, from a data centre and with a browser that contradicts itself or was never seen.',
  limits:
    'A passkey cannot be phished and is never named. A proxy in a network of homes that passes the browser through is not seen.',
  subjects: PEOPLE,
  kinds: AT_SIGN_IN,
  tail: 0.001,
  look: (sight) => {
    const { flags, methods, outcome } = sight.input;
    if (outcome !== 'success' || methods.includes('hwk') || methods.includes('swk'))
      return undefined;
    if (!flags.hosting || sight.profile.depth === 0 || !sight.isNew('asn')) return undefined;
    if (!(flags.implausible || sight.isNew('ja4') || sight.isNew('ua'))) return undefined;
    const network = sight.input.labels.asn ?? 'a data centre';
    return {
      sentence: `Way: signed in through ${network}, with a browser that does not fit; a page in between may have copied it.`,
      facts: { hosting: true, implausible: flags.implausible },
    };
  },
};
