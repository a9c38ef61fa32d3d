// One act as the engine sees it: numbers, no names. Whoever makes it has looked up the address, parsed
// the agent and put a keyed hash in the place of what identifies; a hostile client chose the rest.

import type {
  AttemptFailure,
  AttemptKind,
  Population,
  RiskLevel,
  SubjectKind,
} from '@countersign/vocabulary';
import type { Attribute } from './attributes.ts';

export interface InputFlags {
  hosting: boolean;
  vpn: boolean;
  tor: boolean;
  relay: boolean;
  bot: boolean;
  /** Hints, agent and TLS contradict each other. */
  implausible: boolean;
}

export interface RiskInput {
  kind: AttemptKind;
  /** Milliseconds since the Unix epoch. */
  timeMs: number;
  population: Population;
  subjectKind: SubjectKind;
  outcome: 'success' | 'failure';
  failure?: AttemptFailure;
  /** What was proved, as RFC 8176 names it. */
  methods: readonly string[];
  /**
   * By index of ATTRIBUTES: a whole number 1 to 2^52, 0 when not known. Hashes for ip, net, ua, deviceKey,
   * dpopKey and ja4; asn as it is; country as c1 * 256 + c2; browser, os, device, language and app are
   * hashes of folded names.
   */
  values: Float64Array;
  /** What a person may read: "LV", "AS2119 Telenor", "Chrome 129". Hashed attributes have none. */
  labels: Partial<Record<Attribute, string>>;
  flags: InputFlags;
  /** Facts that could not be had: 'no_address', 'no_network_data', 'no_user_agent', … Missing never lowers a score. */
  missing: readonly string[];
  /** Keyed hash of the subject. Absent when the name that was given is nobody's. */
  subjectKey?: string;
  /** Of a refresh or use: what its session began with; with `labels`, an update is told from another browser. */
  session?: {
    startedMs: number;
    values: Float64Array;
    labels?: Partial<Record<Attribute, string>>;
  };
  /** Keyed hash of the token, of a use. */
  tokenKey?: number;
  /** Hash of what a token was asked for or used at. */
  resourceKey?: number;
  /** Of an agent: the level of the person it acts for, at this moment. */
  actingForLevel?: RiskLevel;
  /** Of a use: the verifier saw an issuer, a key or a lineage that does not fit. */
  issuerOdd?: boolean;
  /** The factor that was proved is younger than this many milliseconds. */
  factorAgeMs?: number;
  /** Prompts for a factor that were denied or timed out in the last hour. */
  factorDenials?: number;
}
