// What the gate decided about one dump: a file beside what is in quarantine, a line for the server's
// record. It holds places and kinds; the secret, and any name that has one in it, never.

import { createHash } from 'node:crypto';
import { type Finder, openScanner } from '@countersign/keyscan';
import type { Scanned } from './copy-and-scan.ts';
import { type Arrival, identify } from './watch-inbox.ts';

export type BlockReason =
  | 'live_key'
  | 'private_key'
  | 'unreadable'
  | 'not_a_file'
  | 'linked'
  | 'too_large';

export interface GateRecord {
  format: 'countersign/gate-record/v1';
  /** The same for the same arrival, however often it is told. */
  id: string;
  outcome: 'released' | 'blocked';
  /** Of what is blocked. */
  reason: BlockReason | null;
  name: string;
  bytes: number;
  sha256: string | null;
  zone: string;
  host: string;
  atMs: number;
  /** Zeros stand where secrets stood. */
  redacted: boolean;
  /** Our keys that were found in it. */
  kids: string[];
  findings: number;
  unread: number;
}

export interface GatePlace {
  zone: string;
  host: string;
}

const WITHHELD = '(withheld)';
const MOST_KIDS = 100;
const MOST_REPORTED = 1000;

export function recordOf(
  arrival: Arrival,
  verdict: { outcome: GateRecord['outcome']; reason: BlockReason | null; redacted?: boolean },
  scanned: Scanned | undefined,
  { zone, host }: GatePlace,
  finders: readonly Finder[],
): GateRecord {
  const { finds = [], unread = [], bytes, sha256 } = scanned ?? {};
  const { redacted = false, ...decided } = verdict;
  const id = createHash('sha256')
    .update(arrival.path)
    .update(identify(arrival.stats))
    .digest('hex');
  return {
    format: 'countersign/gate-record/v1',
    id: `${id.slice(0, 32)}${redacted ? '-redacted' : ''}`,
    ...decided,
    name: holdsKey(arrival.name, finders) ? WITHHELD : arrival.name,
    bytes: bytes ?? Number(arrival.stats.size),
    sha256: sha256 ?? null,
    ...{ zone, host, atMs: Date.now(), redacted },
    kids: [...new Set(finds.flatMap(({ kid }) => kid ?? []))].slice(0, MOST_KIDS),
    findings: finds.length,
    unread: unread.length,
  };
}

/** What stands beside a dump in quarantine. */
export function reportOf(
  record: GateRecord,
  scanned: Scanned | undefined,
  finders: readonly Finder[],
): string {
  const { finds = [], unread = [], unlisted = 0 } = scanned ?? {};
  const write = (containerOf: (names: readonly string[]) => readonly string[]): string => {
    const report = {
      ...record,
      finds: finds
        .slice(0, MOST_REPORTED)
        .map(({ offset, length, kind, kid = null, container, what }) => ({
          ...{ offset, length, kind, kid, what },
          container: containerOf(container),
        })),
      unreadable: unread
        .slice(0, MOST_REPORTED)
        .map(({ reason, container }) => ({ reason, container: containerOf(container) })),
      unlisted:
        unlisted +
        Math.max(0, finds.length - MOST_REPORTED) +
        Math.max(0, unread.length - MOST_REPORTED),
    };
    return `${JSON.stringify(report, null, 2)}\n`;
  };
  const whole = write((names) => names);
  // Names of entries come out of the dump: whoever made it may have put a key there.
  return holdsKey(whole, finders) ? write((names) => names.map(() => WITHHELD)) : whole;
}

/** True when the text is no place for the eyes of those who read reports. */
export function holdsKey(text: string, finders: readonly Finder[]): boolean {
  const scanner = openScanner({ finders });
  const finds = scanner.push(Buffer.from(text));
  return finds.length + scanner.end().length > 0;
}
