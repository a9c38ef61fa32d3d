// What detectors keep of a realm between acts: of subjects, of tokens in use, of user agents and of the
// networks that attempts come from. Only numbers that others hashed before, in tables that are bounded.

import { RiskError } from '../risk-error.ts';
import { NumberTable } from './number-table.ts';

export const DETECTOR_LIMITS = {
  subjects: 16_384,
  tokens: 16_384,
  agents: 4_096,
  networks: 8_192,
} as const;

/** Columns of a subject. */
export const SUBJECT = {
  lastMs: 0,
  /** Where the last act of an address that says something came from, and when. */
  country: 1,
  placeMs: 2,
  /** 1 not a hosting network, 2 one. */
  hosting: 3,
  /** Failures since a moment. */
  failures: 4,
  failuresFromMs: 5,
  /** Acts in the hour that runs, and the mean of the hours before. */
  hour: 6,
  hourActs: 7,
  hourlyMean: 8,
  hours: 9,
  /** Factor prompts that were denied or timed out, since a moment. */
  denials: 10,
  denialsFromMs: 11,
  /** Hash of how it proved itself. */
  credential: 12,
  /** When it was last at medium or above. */
  riskyMs: 13,
  /** A set of what it asked tokens for. */
  resources: 14,
} as const;
export const RESOURCE_PLACES = 8;

/** Columns of a token: where it was used last. */
export const TOKEN = { lastMs: 0, asn: 1, country: 2, ip: 3, ua: 4, dpopKey: 5 } as const;

/** Columns of a user agent: since when, then sets of people and of countries. */
export const AGENT = { fromMs: 0, people: 1, countries: 17 } as const;
export const AGENT_PLACES = { people: 16, countries: 8 } as const;

/** Columns of a network: since when, counts, then a set of the people that failed. */
export const NETWORK = { fromMs: 0, attempts: 1, failures: 2, unknown: 3, people: 4 } as const;
export const NETWORK_PLACES = 24;

const VERSION = 1;
const TABLES = ['subjects', 'tokens', 'agents', 'networks'] as const;

export class DetectorMemory {
  readonly subjects = new NumberTable(
    SUBJECT.resources + RESOURCE_PLACES,
    DETECTOR_LIMITS.subjects,
  );
  readonly tokens = new NumberTable(TOKEN.dpopKey + 1, DETECTOR_LIMITS.tokens);
  readonly agents = new NumberTable(
    AGENT.countries + AGENT_PLACES.countries,
    DETECTOR_LIMITS.agents,
  );
  readonly networks = new NumberTable(NETWORK.people + NETWORK_PLACES, DETECTOR_LIMITS.networks);

  encode(): Uint8Array {
    const parts = TABLES.map((name) => this[name].numbers());
    const head = [VERSION, ...parts.map(({ length }) => length)];
    const length = head.length + parts.reduce((sum, part) => sum + part.length, 0);
    const out = new Float64Array(length);
    out.set(head);
    let at = head.length;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
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

  /** Takes out what is kept of one subject. What it left in sets of others are hashes that tell nothing. */
  forget(subjectKey: number): void {
    this.subjects.remove(subjectKey);
  }
}

function unreadable(): RiskError {
  return new RiskError('bad_detectors', 'What detectors kept cannot be read.');
}
