// Every reason that can be given, by its code. Codes are stable: policies, exports and other people's rules
// hang on them. New ones may come; none changes its meaning. REASONS.md is made from this.

import type { ReasonGroup } from '../assess/assessment.ts';
import type { Attribute } from '../input/attributes.ts';

export interface ReasonEntry {
  group: ReasonGroup;
  /** When it is said. */
  meaning: string;
  /** A sentence as it may read. */
  example: string;
}

interface AttributeWords {
  /** Begins the sentence. */
  name: string;
  /** In a code. */
  code: string;
  /** What is said of a value without a label. */
  value: string;
}

export const ATTRIBUTE_WORDS: Readonly<Record<Attribute, AttributeWords>> = {
  ip: { name: 'Address', code: 'address', value: 'an address' },
  net: { name: 'Address range', code: 'address_range', value: 'an address range' },
  asn: { name: 'Network', code: 'network', value: 'a network' },
  country: { name: 'Country', code: 'country', value: 'a country' },
  ua: { name: 'Browser version', code: 'browser_version', value: 'a version' },
  browser: { name: 'Browser', code: 'browser', value: 'a browser' },
  os: { name: 'Operating system', code: 'operating_system', value: 'a system' },
  device: { name: 'Kind of device', code: 'device_kind', value: 'a kind of device' },
  language: { name: 'Language', code: 'language', value: 'a language' },
  app: { name: 'App', code: 'app', value: 'an app' },
  deviceKey: { name: 'Device', code: 'device', value: 'a device' },
  dpopKey: { name: 'Token key', code: 'token_key', value: 'a key' },
  ja4: { name: 'TLS fingerprint', code: 'tls_fingerprint', value: 'a fingerprint' },
};

type Row = readonly [code: string, group: ReasonGroup, meaning: string, sentence: string];

/** Sentences without anything filled in: they are said as they stand. */
const FIXED = [
  [
    'time_unusual',
    'time',
    'The hour, or how long nothing was heard, is not as usual.',
    'Time: the hour, or how long ago the last time was, is not the usual one.',
  ],
  [
    'history_unsettled',
    'history',
    'There is little history, or it changes often, so that less speaks for the subject.',
    'History: too short or too changeable to vouch for this.',
  ],
  [
    'traffic_failures',
    'traffic',
    'Address or network fails far more often than is usual.',
    'Traffic: many failed attempts from there.',
  ],
  [
    'traffic_unknown_accounts',
    'traffic',
    'Address or network tries names that do not exist.',
    'Traffic: many attempts from there for accounts that do not exist.',
  ],
  [
    'traffic_many_accounts',
    'traffic',
    'More different accounts from one address or range than is usual there.',
    'Traffic: far more accounts from there than usual.',
  ],
  [
    'traffic_volume',
    'traffic',
    'More attempts than is usual there.',
    'Traffic: far more attempts from there than usual.',
  ],
  [
    'traffic_unusual',
    'traffic',
    'The network is busier than usual.',
    'Traffic: the network is busier than usual.',
  ],
  ['tor_exit', 'anonymity', 'The address is an exit of Tor.', 'Anonymity: an exit of Tor.'],
  ['anonymous_vpn', 'anonymity', 'The address is of a VPN.', 'Anonymity: an address of a VPN.'],
  [
    'hosting_network',
    'anonymity',
    'The address is of a hosting company.',
    'Anonymity: an address in a data centre.',
  ],
  [
    'private_relay',
    'anonymity',
    'The address is of a relay that hides its users from servers.',
    'Anonymity: an address of a private relay.',
  ],
  [
    'bot_agent',
    'anonymity',
    'The user agent is that of a program.',
    'Browser: says that it is a program.',
  ],
  [
    'contradicting_facts',
    'anonymity',
    'User agent, client hints and TLS contradict each other.',
    'Browser: what it says of itself does not fit together.',
  ],
  [
    'address_hidden',
    'ip',
    'There is no address to look at.',
    'Address: not known, though every request has one.',
  ],
  [
    'detection',
    'detection',
    'A detector fired; the code of the reason is then that of the detector.',
    'Travel: 900 km in ten minutes.',
  ],
] as const satisfies readonly Row[];

export type FixedCode = (typeof FIXED)[number][0];

export const REASONS: Readonly<Record<string, ReasonEntry>> = Object.freeze(
  Object.fromEntries(
    [...attributeRows(), ...FIXED].map(([code, group, meaning, example]) => [
      code,
      { group, meaning, example },
    ]),
  ),
);

export function fixedSentence(code: FixedCode): string {
  return REASONS[code]!.example;
}

function attributeRows(): Row[] {
  return (Object.keys(ATTRIBUTE_WORDS) as Attribute[]).flatMap((attribute): Row[] => {
    const { name, code, value } = ATTRIBUTE_WORDS[attribute];
    const rare = ' (0.1 % of sign-ins)';
    return [
      [
        `${code}_new`,
        attribute,
        'The subject never showed it.',
        newExample(attribute, name, value),
      ],
      [`${code}_unusual`, attribute, 'The subject seldom showed it.', `${name}: seldom this one.`],
      [
        `${code}_rare`,
        attribute,
        'Nothing is known of the subject; few show it.',
        `${name}: ${value} that few have${rare}.`,
      ],
      [
        `${code}_hidden`,
        attribute,
        'The subject usually shows it, and now it is not known.',
        `${name}: usually known, and now it is not.`,
      ],
    ];
  });
}

function newExample(attribute: Attribute, name: string, value: string): string {
  if (attribute === 'country') return 'Country: usually NO, now LV (0.01 % of sign-ins).';
  if (attribute === 'browser') return 'Browser: Chrome 129, never seen for this person.';
  return `${name}: ${value} not seen before for this person.`;
}
