// Lives a frame once in order of time. Every login is first looked at, then learned; an attack is looked at
// in the place of the login that it replaces, and learned by nobody. Nothing of the future is known.

import { ATTACKERS, type Attacks } from '../attackers/place-attacks.ts';
import type { Logins } from '../logins.ts';
import { type CaseFacts, CaseList, type Cases, historyBucket, LEGIT } from './cases.ts';
import type { Contestant, Look } from './contestant.ts';
import { FEATURE_COUNT, type FeatureBook } from './feature-book.ts';

export interface TrialOptions {
  /** Cases are kept from this row on. */
  validationRow: number;
  /** Cases from this row on are the test; those before it set thresholds. */
  testRow: number;
  /** Most legitimate logins that are looked at; beyond, each with the same chance. */
  mostLegit: number;
  onProgress?: (row: number, rows: number) => void;
}

const PROGRESS_ROWS = 8192;

export function runTrial(
  logins: Logins,
  attacks: Attacks,
  contestants: readonly Contestant[],
  book: FeatureBook,
  options: TrialOptions,
): Cases {
  const list = new CaseList(contestants.map(({ name }) => name));
  const depths = new Uint32Array(logins.users);
  const look: Look = {
    ...{ user: 0, timeMs: 0, depth: 0, traits: logins.traits, at: 0 },
    features: new Float64Array(FEATURE_COUNT),
  };
  const consider = (row: number, kind: number, user: number, timeMs: number): void => {
    const depth = depths[user]!;
    if (row < options.validationRow || depth === 0) return;
    Object.assign(look, { user, timeMs, depth });
    book.describe(user, timeMs, look.traits, look.at, look.features);
    const scores = contestants.map((each) => each.score(look));
    list.add({ ...factsOf(logins, row, look), kind, isValidation: row < options.testRow }, scores);
  };
  const share = options.mostLegit / Math.max(1, logins.size - options.validationRow);
  let next = 0;
  for (let row = 0; row < logins.size; row++) {
    let isReplaced = false;
    for (; attacks.row[next] === row; next++) {
      const kind = attacks.kind[next]!;
      // A takeover of the data itself stands beside the logins, in the place of none.
      isReplaced ||= kind < ATTACKERS.length;
      Object.assign(look, { traits: attacks.traits, at: next });
      consider(row, 1 + kind, attacks.user[next]!, attacks.timeMs[next]!);
    }
    const user = logins.user[row]!;
    Object.assign(look, { traits: logins.traits, at: row });
    if (!isReplaced && isDrawn(row, share)) consider(row, LEGIT, user, logins.timeMs[row]!);
    book.learn(row);
    for (const contestant of contestants) contestant.learn?.(row, logins);
    depths[user]! += 1;
    if (row % PROGRESS_ROWS === 0) options.onProgress?.(row, logins.size);
  }
  return list.done();
}

function factsOf(
  logins: Logins,
  row: number,
  look: Look,
): Omit<CaseFacts, 'kind' | 'isValidation'> {
  return {
    user: look.user,
    row,
    bucket: historyBucket(look.depth),
    country: logins.traits.country[row]!,
    device: logins.traits.device[row]!,
    population: logins.population[look.user] ?? 'customer',
  };
}

/** The same rows on every machine, and none that a pattern in time would prefer. */
function isDrawn(row: number, share: number): boolean {
  if (share >= 1) return true;
  let mixed = Math.imul(row ^ (row >>> 16), 0x45d9f3b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32 < share;
}
