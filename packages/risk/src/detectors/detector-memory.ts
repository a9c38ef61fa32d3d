// What detectors keep of a realm between acts: of subjects, of tokens in use, of user agents and of the
// networks that attempts come from. Only numbers that others hashed before, in tables that are bounded.

import { RiskError } from '../risk-error.ts';
import { nameCountry } from './country-places.ts';
import { NumberTable, sizeOfSet } from './number-table.ts';

export const DETECTOR_LIMITS = {
  subjects: 16_384,
  tokens: 16_384,
  agents: 4_096,
  networks: 8_192,
} as const;

/** Columns of a subject. What is counted "lately" has three: since when, in that window, in the one before. */
export const SUBJECT = {
  /** When it last got in without anything odd. */
  lastMs: 0,
  /** Where the last act was that was not odd, of an address that says something, and when. */
  country: 1,
  placeMs: 2,
  /** 1 not a hosting network, 2 one. */
  hosting: 3,
  /** Failures lately. */
  failures: 4,
  /** Acts that got in, in the hour that runs; the mean of the hours before, and the most in one. */
  hour: 7,
  hourActs: 8,
  hourlyMean: 9,
  hourlyMost: 10,
  hours: 11,
  /** Factor prompts that were denied or timed out, lately. */
  denials: 12,
  /** Hash of how it proved itself. */
  credential: 15,
  /** When it was last at medium or above, and the time before that. */
  riskyMs: 16,
  riskyBeforeMs: 17,
  /** A set of the networks its failures came from, of the last window in which there were any. */
  failedFrom: 18,
  /** A set of what it asked tokens for. */
  resources: 22,
  /** Of a machine: a network, and an API, that is new and not refused: which, its last day, on how many days. */
  waitingAsn: 30,
  waitingResource: 33,
} as const;
const SUBJECT_COLUMNS = 36;
export const FAILED_PLACES = 4;
export const RESOURCE_PLACES = 8;

/** Columns of a token: where it was used last. */
export const TOKEN = {
  ...{ lastMs: 0, asn: 1, country: 2, ip: 3, ua: 4, dpopKey: 5 },
  /** 1 when the address hides where it is. */
  hides: 6,
} as const;

/** Columns of a user agent: since when, and in the window that runs and the one before: bits of those who
 * failed, of those who got in and of the countries of failures. */
export const AGENT = { fromMs: 0, failed: 1, passed: 2, countries: 3 } as const;
export const AGENT_COLUMNS = 3;

/** Columns of a network, likewise: failures, failures by names that nobody has, acts that got in, and bits
 * of those who failed and of those who got in. */
export const NETWORK = {
  ...{ fromMs: 0, failures: 1, unknown: 2, successes: 3, failed: 4, passed: 5 },
} as const;
export const NETWORK_COLUMNS = 5;

const VERSION = 2;
const TABLES = ['subjects', 'tokens', 'agents', 'networks'] as const;

export class DetectorMemory {
  readonly subjects = new NumberTable(SUBJECT_COLUMNS, DETECTOR_LIMITS.subjects);
  readonly tokens = new NumberTable(TOKEN.hides + 1, DETECTOR_LIMITS.tokens);
  readonly agents = new NumberTable(1 + 2 * AGENT_COLUMNS, DETECTOR_LIMITS.agents);
  readonly networks = new NumberTable(1 + 2 * NETWORK_COLUMNS, DETECTOR_LIMITS.networks);

  encode(): Uint8Array {
    const head = [VERSION, ...TABLES.map((name) => this[name].length)];
    const length = TABLES.reduce((sum, name) => sum + this[name].length, head.length);
    const out = new Float64Array(length);
    out.set(head);
    let at = head.length;
    for (const name of TABLES) at = this[name].writeInto(out, at);
    return new Uint8Array(out.buffer);
  }

  /** @throws RiskError `bad_detectors`: not bytes that `encode` made. */
  static decode(bytes: Uint8Array): DetectorMemory {
    const words = bytes.byteLength / Float64Array.BYTES_PER_ELEMENT;
    if (!Number.isInteger(words) || words < TABLES.length + 1) throw unreadable();
    const numbers = new Float64Array(bytes.slice().buffer);
    const lengths = TABLES.map((_, index) => numbers[index + 1] ?? -1);
    const whole = lengths.every((length) => Number.isSafeInteger(length) && length >= 0);
    const sum = lengths.reduce((total, length) => total + length, TABLES.length + 1);
    if (numbers[0] !== VERSION || !whole || sum !== words) throw unreadable();
    const memory = new DetectorMemory();
    let at = TABLES.length + 1;
    for (const [index, name] of TABLES.entries()) {
      const end = at + (lengths[index] ?? 0);
      memory[name].load(numbers.subarray(at, end));
      at = end;
    }
    return memory;
  }

  /** What is kept of one subject, in words; undefined where there is nothing. */
  tell(subjectKey: number): KeptOfSubject | undefined {
    const row = this.subjects.find(subjectKey);
    return row === undefined ? undefined : tellSubject(row);
  }

  /** Takes out what is kept of one subject. What it left in counts of others are bits that tell nothing. */
  forget(subjectKey: number): void {
    this.subjects.remove(subjectKey);
  }
}

/** Times in milliseconds since the Unix epoch; what is not known is absent. */
export interface KeptOfSubject {
  lastMs?: number;
  lastPlace?: { country: string; timeMs: number };
  fromDataCentre?: boolean;
  lastAtRiskMs?: number;
  /** Lately, when it last happened: an hour or two. */
  failures: number;
  deniedPrompts: number;
  /** Most in one hour. */
  busiestHour: number;
  /** How many it asked tokens for, up to eight. */
  resources: number;
}

function tellSubject(row: Float64Array): KeptOfSubject {
  const at = (column: number): number => row[column] ?? 0;
  const lately = (column: number): number => at(column + 1) + at(column + 2);
  const [lastMs, lastAtRiskMs, hosting] = [SUBJECT.lastMs, SUBJECT.riskyMs, SUBJECT.hosting].map(
    at,
  );
  const place = { country: nameCountry(at(SUBJECT.country)), timeMs: at(SUBJECT.placeMs) };
  return {
    ...(lastMs ? { lastMs } : {}),
    ...(place.timeMs === 0 ? {} : { lastPlace: place }),
    ...(hosting ? { fromDataCentre: hosting === 2 } : {}),
    ...(lastAtRiskMs ? { lastAtRiskMs } : {}),
    ...{ failures: lately(SUBJECT.failures), deniedPrompts: lately(SUBJECT.denials) },
    busiestHour: Math.round(Math.max(at(SUBJECT.hourActs), at(SUBJECT.hourlyMost))),
    resources: sizeOfSet(row, SUBJECT.resources, RESOURCE_PLACES),
  };
}

function unreadable(): RiskError {
  return new RiskError('bad_detectors', 'What detectors kept cannot be read.');
}
