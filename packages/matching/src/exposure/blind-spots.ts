// What the records cannot tell of the question: said beside the answer, never left to the reader.

import type { Activity } from '../activity.ts';

export type BlindKind =
  | 'throttled'
  | 'aggregated'
  | 'truncated'
  | 'whole_folder'
  | 'log_gap'
  | 'unjoined'
  | 'unmapped'
  | 'unreadable'
  | 'log_begins'
  | 'issuer_unknown'
  | 'bounded';

export interface BlindSpot {
  kind: BlindKind;
  /** Records, or stretches of time. */
  count: number;
  fromMs: number | null;
  toMs: number | null;
  /** Whom it touches, where that is known. */
  persons: string[];
  sentence: string;
}

const MOST_PERSONS = 50;

const SENTENCES: Readonly<Record<BlindKind, string>> = {
  throttled:
    'The source stopped writing such records for up to 24 hours: more was read than is listed.',
  aggregated: 'Records sum up several accesses: how often and when exactly is not known.',
  truncated: 'Records were cut by their source: items may be missing from them.',
  whole_folder: 'A folder was synchronised whole: everything in it must be taken as read.',
  log_gap: 'The log itself says that records are missing in this time.',
  unjoined:
    'Records of the same people in this time name neither token nor session: they may be of it or not.',
  unmapped: 'Records are of a kind that the map does not know: what they touched is not counted.',
  unreadable: 'Parts of the input could not be read.',
  log_begins: 'The records begin at about the first that was found: what came before is not known.',
  issuer_unknown:
    'No sign-in log was given for this time: whether it was ever issued is not known.',
  bounded: 'There was no room for all that was found: counts are at least what they say.',
};

export class BlindSpots {
  readonly #spots = new Map<BlindKind, BlindSpot>();

  add(
    kind: BlindKind,
    activity?: Pick<Activity, 'timeMs'> & { persons?: readonly string[] },
  ): void {
    const { timeMs } = activity ?? {};
    this.addSpan(kind, timeMs ?? null, timeMs ?? null, activity?.persons ?? []);
  }

  addSpan(
    kind: BlindKind,
    fromMs: number | null,
    toMs: number | null,
    persons: readonly string[] = [],
    count = 1,
  ): void {
    let spot = this.#spots.get(kind);
    if (spot === undefined) {
      spot = { kind, count: 0, fromMs, toMs, persons: [], sentence: SENTENCES[kind] };
      this.#spots.set(kind, spot);
    }
    spot.count += count;
    if (fromMs !== null) spot.fromMs = Math.min(spot.fromMs ?? fromMs, fromMs);
    if (toMs !== null) spot.toMs = Math.max(spot.toMs ?? toMs, toMs);
    for (const person of persons)
      if (spot.persons.length < MOST_PERSONS && !spot.persons.includes(person))
        spot.persons.push(person);
  }

  list(): BlindSpot[] {
    return [...this.#spots.values()];
  }
}
