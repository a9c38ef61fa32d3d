// Where an act comes from: journeys nobody made, countries and networks that are new, addresses that
// hide where they are.

import type { Profile } from '../profile/profile.ts';
import { leastKmBetween, nameCountry } from './country-places.ts';
import {
  ALWAYS,
  AT_SIGN_IN,
  DAY_MS,
  type Detector,
  EVERYBODY,
  HOUR_MS,
  hidesPlace,
  MACHINES,
  PEOPLE,
  type Sight,
} from './detector.ts';
import { SUBJECT } from './detector-memory.ts';

/** Faster than an airliner with the way to and from the airport. */
const FASTEST_KM_PER_HOUR = 900;
const SHORTEST_JOURNEY_KM = 300;
const LONGEST_JOURNEY_MS = 2 * DAY_MS;
/** A profile says where somebody usually is after ten acts or 14 days, whichever is earlier. */
const LEARNED_ACTS = 10;
const LEARNED_MS = 14 * DAY_MS;
const FEW_ACTS = 3;

export function isLearned({ profile, input }: Sight): boolean {
  return (
    profile.depth >= LEARNED_ACTS ||
    (profile.depth >= FEW_ACTS && input.timeMs - profile.firstMs >= LEARNED_MS)
  );
}

export const unlikelyTravel: Detector = {
  code: 'unlikely_travel',
  entra: 'unlikelyTravel',
  about: 'Two countries in less time than the journey between them takes.',
  limits:
    'Silent for VPN, relay and hosting addresses, for countries the profile knows well, and until it has learned. Countries are circles: neighbours are never far enough apart.',
  subjects: PEOPLE,
  kinds: ALWAYS,
  tail: 0.002,
  look: (sight) => {
    const { input, subject, profile } = sight;
    const here = sight.value('country');
    const there = subject?.[SUBJECT.country] ?? 0;
    if (here === 0 || there === 0 || here === there || hidesPlace(input)) return undefined;
    if (!isLearned(sight)) return undefined;
    const elapsedMs = input.timeMs - (subject?.[SUBJECT.placeMs] ?? 0);
    if (elapsedMs < 0 || elapsedMs > LONGEST_JOURNEY_MS) return undefined;
    // Somebody who is often in both has a way to be in both: a second phone, an office network.
    if (isOftenIn(profile, here, input.timeMs)) return undefined;
    const km = leastKmBetween(there, here);
    if (km === undefined || km < SHORTEST_JOURNEY_KM) return undefined;
    const hours = elapsedMs / HOUR_MS;
    if (km <= FASTEST_KM_PER_HOUR * (hours + 1)) return undefined;
    const minutes = Math.max(1, Math.round(elapsedMs / 60_000));
    return {
      sentence: `Place: ${nameCountry(there)} ${minutes} minutes ago, now ${nameCountry(here)}, at least ${Math.round(km)} km away.`,
      facts: { from: nameCountry(there), to: nameCountry(here), km: Math.round(km), minutes },
    };
  },
};

/** Acts of one day weigh less than one each: what is most of a light profile is often, too. */
function isOftenIn(profile: Profile, country: number, timeMs: number): boolean {
  const found = profile.values('country', timeMs).find(({ value }) => value === country);
  const weight = found?.weight ?? 0;
  return weight >= FEW_ACTS || weight > profile.knownWeight('country', timeMs) / 2;
}

export const newCountry: Detector = {
  code: 'new_country',
  entra: 'newCountry',
  about: 'A country in which nobody by this name was before, once the usual ones are known.',
  limits:
    'Silent until the profile has learned, and for a session that goes on in the country it began in: that was judged then.',
  subjects: EVERYBODY,
  kinds: ALWAYS,
  tail: 0.01,
  look: (sight) => {
    if (!sight.isNew('country') || !isLearned(sight) || sight.isWhereBegun('country'))
      return undefined;
    const [usual] = sight.profile.values('country', sight.input.timeMs);
    if (usual === undefined) return undefined;
    const now = nameCountry(sight.value('country'));
    return {
      sentence: `Country: usually ${nameCountry(usual.value)}, now ${now}.`,
      facts: { usual: nameCountry(usual.value), now },
    };
  },
};

export const anonymizedAddress: Detector = {
  code: 'anonymized_ip',
  entra: 'anonymizedIPAddress',
  about: 'An address of Tor or of a VPN, from somebody who does not usually come that way.',
  limits:
    'Knows what the lists know; a relay that does not hide the country is not counted, nor a session that began there.',
  subjects: EVERYBODY,
  kinds: ALWAYS,
  tail: 0.005,
  look: (sight) => {
    const { tor, vpn } = sight.input.flags;
    if (!(tor || vpn) || sight.isWhereBegun('asn')) return undefined;
    // A habit is no oddness, except of Tor: its exits change and belong to nobody.
    if (!tor && sight.profile.depth >= FEW_ACTS && !sight.isNew('asn')) return undefined;
    const what = tor ? 'Tor' : 'a VPN';
    return {
      sentence: `Address: it belongs to ${what}, which hides where it is.`,
      facts: { tor, vpn },
    };
  },
};

export const hostingChange: Detector = {
  code: 'hosting_change',
  entra: 'suspiciousSignins',
  about: 'A machine that ran in a data centre calls from elsewhere, or the other way round.',
  limits: 'Knows the data centres that the lists and the table of networks know.',
  subjects: MACHINES,
  kinds: ALWAYS,
  tail: 0.002,
  look: (sight) => {
    const before = sight.subject?.[SUBJECT.hosting] ?? 0;
    const now = sight.input.flags.hosting ? 2 : 1;
    if (before === 0 || before === now || sight.value('asn') === 0) return undefined;
    if (!isLearned(sight) || !sight.isNew('asn')) return undefined;
    const said = now === 2 ? 'now from a data centre' : 'now from outside of data centres';
    return {
      sentence: `Network: this machine calls ${said}, as it never did.`,
      facts: { hosting: now === 2 },
    };
  },
};

export const newNetwork: Detector = {
  code: 'machine_new_network',
  entra: 'suspiciousSignins',
  about: 'A machine calls from a network operator or country it never called from.',
  limits:
    'Silent until the profile has learned, where the operator is not known, and once it was let in from there on a third day.',
  subjects: MACHINES,
  kinds: ALWAYS,
  tail: 0.01,
  look: (sight) => {
    if (!sight.isNew('asn') || !isLearned(sight)) return undefined;
    const label = sight.input.labels.asn ?? 'another network';
    return {
      sentence: `Network: this machine calls from ${label} for the first time.`,
      facts: { asn: sight.value('asn'), newCountry: sight.isNew('country') },
    };
  },
};

/** What whoever asks says of the own device, and can leave out. */
const OF_THE_DEVICE = ['browser', 'os', 'device'] as const;
const FEWEST_OF_THE_DEVICE = 2;

export const unfamiliarFeatures: Detector = {
  code: 'unfamiliar_features',
  entra: 'unfamiliarFeatures',
  about:
    'Address and network are new, and of browser, system and device at least two are, or are left out.',
  limits:
    'Silent until the profile has learned. Who copies the browser and comes through the same network is not seen.',
  subjects: PEOPLE,
  kinds: AT_SIGN_IN,
  tail: 0.005,
  look: (sight) => {
    if (!isLearned(sight)) return undefined;
    // A new telephone at home is in the network of before; a journey is with the telephone of before.
    if (!(sight.isNew('ip') && sight.isNew('asn'))) return undefined;
    const strange = OF_THE_DEVICE.filter((attribute) => sight.isStrange(attribute));
    if (strange.length < FEWEST_OF_THE_DEVICE) return undefined;
    const fresh = ['ip', 'asn', ...strange];
    return {
      sentence: `Unfamiliar: ${fresh.join(', ')} were never so with this person.`,
      facts: { new: fresh.join(' ') },
    };
  },
};
