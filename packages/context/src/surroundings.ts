// What is known about the surroundings of an act, after everything was looked up and parsed. None of
// it is proof: each fact may be made up, and what could not be had is said in `missing`.

/** Facts that could not be had. Missing never lowers a score. */
export const MISSING = [
  'no_address',
  'address_malformed',
  'address_not_public',
  'address_unknown',
  'no_network_data',
  'stale_network_data',
  'stale_list',
  'no_user_agent',
  'user_agent_unknown',
  'hints_malformed',
  'ja4_malformed',
  'tls_malformed',
  'key_malformed',
] as const;
export type Missing = (typeof MISSING)[number];

/** What contradicts itself. One alone may be a clumsy program; no honest browser has it. */
export const IMPLAUSIBLE = [
  'platform_contradicts',
  'mobile_contradicts',
  'browser_contradicts',
  'version_ahead_of_time',
  'tls_contradicts',
  'automated',
] as const;
export type Implausible = (typeof IMPLAUSIBLE)[number];

export type Anonymiser = 'vpn' | 'tor' | 'relay' | 'proxy';
export type AddressScope = 'public' | 'private' | 'reserved';
export type DeviceClass = 'desktop' | 'mobile' | 'tablet' | 'tv' | 'bot' | 'unknown';

export interface AddressFacts {
  /** As RFC 5952 writes it; IPv4 inside IPv6 is IPv4. */
  text: string;
  /** The /24 or /48 around it, as `192.0.2.0/24`. */
  net: string;
  version: 4 | 6;
  /** Whether it can be somebody's address on the internet (RFC 6890). */
  scope: AddressScope;
}

export interface AgentFacts {
  /** Cut to 512 characters. */
  text: string;
  browser?: string;
  browserVersion?: string;
  os?: string;
  osVersion?: string;
  device: DeviceClass;
}

export interface Surroundings {
  address?: AddressFacts;
  asn?: number;
  asName?: string;
  /** ISO 3166-1 alpha-2. */
  country?: string;
  /** Whether the address is a data centre's; absent when that is not known. */
  hosting?: boolean;
  anonymiser?: Anonymiser;
  agent?: AgentFacts;
  /** First language that is asked for, as `de-at`. */
  language?: string;
  ja4?: string;
  tls?: string;
  deviceKey?: string;
  dpopKey?: string;
  implausible: Implausible[];
  missing: Missing[];
  /** How old the network data is. */
  data: { madeMs?: number; stale: boolean };
}
