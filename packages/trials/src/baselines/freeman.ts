// Freeman et al., "Who Are You? A Statistical Approach to Measuring User Authenticity" (NDSS 2016), with the
// levels and weights of EXTEND as published with the RBA data set (Wiefling et al., ToPS 2022): how much
// likelier the address and the user agent are for anybody than for this person.

import type { Logins, Trait, TraitColumns } from '../logins.ts';

export interface Level {
  trait: Trait;
  weight: number;
}

/** The first level is the feature itself, the others what one falls back to. */
export const EXTEND: readonly (readonly Level[])[] = [
  [
    { trait: 'ip', weight: 0.6 },
    { trait: 'asn', weight: 0.3 },
    { trait: 'country', weight: 0.1 },
  ],
  [
    { trait: 'ua', weight: 0.5386653840551359 },
    { trait: 'browser', weight: 0.2680451498625666 },
    { trait: 'os', weight: 0.18818295100109536 },
    { trait: 'device', weight: 0.0051065150812021525 },
  ],
];

/**
 * The factor `r` of a first-level value. The published code takes it from the whole frame that it loaded,
 * future included; only its check vector is scored so, everything else with 1.
 */
export type Attenuation = (trait: Trait, value: number) => number;

const NONE: Attenuation = () => 1;
/** Nothing of the kind in a person's history: they are taken to be four times less likely than anybody. */
const UNSEEN_SHARE = 4;

/** Counts what was, and says how odd a login is; higher is odder. Any row of any frame with the same numbers. */
export class Freeman {
  readonly #logins: Logins;
  readonly #attenuation: Attenuation;
  readonly #counts = new Map<Trait, Map<number, number>>();
  readonly #last: Int32Array;
  readonly #previous: Int32Array;
  readonly #depth: Uint32Array;
  #total = 0;
  #users = 0;

  constructor(logins: Logins, attenuation: Attenuation = NONE) {
    this.#logins = logins;
    this.#attenuation = attenuation;
    for (const { trait } of EXTEND.flat()) this.#counts.set(trait, new Map());
    this.#last = new Int32Array(logins.users).fill(-1);
    this.#depth = new Uint32Array(logins.users);
    this.#previous = new Int32Array(logins.size).fill(-1);
  }

  /**
   * @param traits the frame's own columns, or an attacker's
   * @returns NaN for a person without history
   */
  score(user: number, traits: TraitColumns, at: number): number {
    const own = this.#depth[user]!;
    if (own === 0) return Number.NaN;
    let score = (1 / this.#users) * (this.#total / own);
    for (const levels of EXTEND) {
      const global = this.#global(levels, traits, at);
      const local = this.#local(levels, traits, at, user) / own;
      score *= global / (local === 0 ? global / UNSEEN_SHARE : local);
    }
    return score;
  }

  /** Takes a row of the frame into the history. */
  learn(row: number): void {
    const user = this.#logins.user[row]!;
    for (const [trait, counts] of this.#counts) {
      const value = this.#logins.traits[trait][row]!;
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    if (this.#depth[user] === 0) this.#users++;
    this.#depth[user]!++;
    this.#previous[row] = this.#last[user]!;
    this.#last[user] = row;
    this.#total++;
  }

  #global(levels: readonly Level[], traits: TraitColumns, at: number): number {
    const total = this.#total;
    let below = 1;
    let sum = 0;
    for (const { trait, weight } of levels.slice(1)) {
      const counts = this.#counts.get(trait)!;
      below += counts.size;
      sum += (weight * (counts.get(traits[trait][at]!) ?? 0)) / total;
    }
    const [{ trait, weight }] = levels as readonly [Level];
    const value = traits[trait][at]!;
    const seen = this.#counts.get(trait)!.get(value);
    const smoothed =
      seen === undefined ? 1 / (total + below) : (seen / total) * (1 - below / (total + below));
    return sum + weight * smoothed * this.#attenuation(trait, value);
  }

  #local(levels: readonly Level[], traits: TraitColumns, at: number, user: number): number {
    let sum = 0;
    for (let row = this.#last[user]!; row >= 0; row = this.#previous[row]!)
      for (const { trait, weight } of levels)
        if (this.#logins.traits[trait][row] === traits[trait][at]) sum += weight;
    return sum;
  }
}

/** The published `r` = q / (q + m): q rows of the frame have the value, with m − 1 distinct values below it. */
export function wholeFrameAttenuation({ traits, size }: Logins): Attenuation {
  const shares = new Map<Trait, Map<number, number>>();
  for (const levels of EXTEND) {
    const [first, ...lower] = levels;
    if (first === undefined) continue;
    const rows = new Map<number, number>();
    const distinct = new Map<number, Set<number>>();
    for (let row = 0; row < size; row++) {
      const value = traits[first.trait][row]!;
      rows.set(value, (rows.get(value) ?? 0) + 1);
      let below = distinct.get(value);
      if (below === undefined) {
        below = new Set();
        distinct.set(value, below);
      }
      for (const [level, { trait }] of lower.entries())
        below.add(level * 2 ** 32 + traits[trait][row]!);
    }
    const share = new Map<number, number>();
    for (const [value, q] of rows) share.set(value, q / (q + 1 + (distinct.get(value)?.size ?? 0)));
    shares.set(first.trait, share);
  }
  return (trait, value) => shares.get(trait)?.get(value) ?? 1;
}
