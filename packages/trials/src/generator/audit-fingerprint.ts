// Would an attacker be found by how he was put into the world, rather than by what he does? What must
// carry no signal is measured alone: history and time against all legitimate logins, how well a value is known
// in the realm against legitimate logins in which that value is new to the person, too.

import { ATTACKERS, type Attacker, type Attacks } from '../attackers/place-attacks.ts';
import { type Logins, linkHistories, TRAITS, type Trait, type TraitColumns } from '../logins.ts';
import { areaUnderCurve, ascending, shareAbove, thresholdAt } from '../protocol/measures.ts';

export interface Fingerprint {
  attacker: Attacker;
  /** `depth`, `gap`, `hour`, `depth|new ip`, … or `known:ip`, … */
  feature: string;
  /** 0.5 says nothing; the way that says more is taken, so never less. */
  auc: number;
  /** Share of the attacks above (or below) what 1 % of the legitimate logins are. */
  recallAtFpr1: number;
  attacks: number;
  legit: number;
}

/** Fewer say by chance what the limits would call a fingerprint. */
const FEWEST = 200;
const DAY = 86_400_000;

type Sample = Map<string, { legit: number[]; attacks: Map<number, number[]> }>;

export function auditFingerprint(logins: Logins, attacks: Attacks): Fingerprint[] {
  const prints: Fingerprint[] = [];
  for (const [feature, { legit, attacks: byKind }] of gather(logins, attacks))
    for (const [kind, values] of byKind) {
      const attacker = ATTACKERS[kind];
      if (attacker === undefined || values.length < FEWEST || legit.length < FEWEST) continue;
      prints.push({ attacker, feature, ...bothWays(legit, values) });
    }
  return prints;
}

function bothWays(legit: number[], values: number[]): Omit<Fingerprint, 'attacker' | 'feature'> {
  const one = measure(legit, values);
  const other = measure(
    legit.map((each) => -each),
    values.map((each) => -each),
  );
  return {
    auc: Math.max(one.auc, other.auc),
    recallAtFpr1: Math.max(one.recall, other.recall),
    attacks: values.length,
    legit: legit.length,
  };
}

function measure(legit: number[], values: number[]): { auc: number; recall: number } {
  const sorted = ascending(legit);
  const found = ascending(values);
  const recall = shareAbove(found, thresholdAt(sorted, 0.01));
  return { auc: areaUnderCurve(sorted, found), recall };
}

function gather(logins: Logins, attacks: Attacks): Sample {
  const sample: Sample = new Map();
  const seen = TRAITS.map(() => new Set<number>());
  const counts = TRAITS.map(() => new Map<number, number>());
  const { previous, depth } = linkHistories(logins);
  let next = 0;
  for (let row = 0; row < logins.size; row++) {
    const isReplaced = attacks.row[next] === row;
    if (depth[row]! > 0) {
      const own = logins.user[row]! * 2 ** 31;
      const facts = describe(logins, row, previous[row]!, depth[row]!);
      const look = (traits: TraitColumns, at: number, kind: number): void => {
        const isNew = (trait: Trait): boolean =>
          !seen[TRAITS.indexOf(trait)]!.has(own + traits[trait][at]!);
        for (const [name, value] of facts) {
          note(sample, name, kind, value);
          // After a short gap a new address is odd by itself: a trait of people, not a fingerprint.
          if (isNew('ip') && name !== 'gap') note(sample, `${name}|new ip`, kind, value);
        }
        for (const [index, trait] of TRAITS.entries()) {
          const known = counts[index]!.get(traits[trait][at]!) ?? 0;
          const share = Math.log1p(known) - Math.log1p(row);
          if (isNew(trait)) note(sample, `known:${trait}`, kind, share);
        }
      };
      if (!isReplaced) look(logins.traits, row, -1);
      for (; attacks.row[next] === row; next++) look(attacks.traits, next, attacks.kind[next]!);
    }
    remember(logins, row, seen, counts);
  }
  return sample;
}

function describe(logins: Logins, row: number, before: number, depth: number): [string, number][] {
  const now = logins.timeMs[row]!;
  return [
    ['depth', depth],
    ['gap', now - logins.timeMs[before]!],
    ['hour', now % DAY],
    ['time', now],
  ];
}

function remember(
  { user, traits }: Logins,
  row: number,
  seen: Set<number>[],
  counts: Map<number, number>[],
): void {
  TRAITS.forEach((trait, index) => {
    const value = traits[trait][row]!;
    seen[index]!.add(user[row]! * 2 ** 31 + value);
    counts[index]!.set(value, (counts[index]!.get(value) ?? 0) + 1);
  });
}

function note(sample: Sample, feature: string, kind: number, value: number): void {
  let entry = sample.get(feature);
  if (entry === undefined) {
    entry = { legit: [], attacks: new Map() };
    sample.set(feature, entry);
  }
  if (kind < 0) {
    entry.legit.push(value);
    return;
  }
  const list = entry.attacks.get(kind);
  if (list === undefined) entry.attacks.set(kind, [value]);
  else list.push(value);
}
