// Attackers for whoever has only legitimate acts: each stands in the place of a real one. Naive shows
// another subject's everything; vpn another's of the same country; targeted the victim's own, but for an
// address of the same network. What is copied comes just after, where its owner shows that address for
// the first time, so that it is no better known in the realm than what honest subjects show anew.

import { seededRandom } from '@countersign/vocabulary';
import { ATTRIBUTE_INDEX, ATTRIBUTES } from '../input/attributes.ts';
import { ATTACKS, type TrainingAttacks, type TrainingRows } from './training-rows.ts';

export interface ReplaceOptions {
  seed: number;
  /** Share of the acts with history that each kind of attacker replaces. Default 1/3. */
  share?: number;
}

/** What is copied is one of so many that come next. */
const CHOICE = 40;
const { ip: IP, net: NET, asn: ASN, country: COUNTRY } = ATTRIBUTE_INDEX;

export function replaceAttacks(rows: TrainingRows, options: ReplaceOptions): TrainingAttacks {
  const draw = drawUniform(options.seed);
  const share = Math.min(options.share ?? 1 / 3, 1 / 3);
  const donors = findDonors(rows);
  const known = new Uint8Array(rows.subjects);
  const [row, kind, donor]: [number[], number[], number[]] = [[], [], []];
  const values = new Float64Array(ATTRIBUTES.length);
  for (let at = 0; at < rows.size; at++) {
    const subject = rows.subject[at]!;
    const drawn = known[subject] === 0 ? ATTACKS.length : Math.floor(draw() / share);
    known[subject] = 1;
    if (drawn >= ATTACKS.length) continue;
    rows.fill(at, values);
    const pool = donors[drawn]!(values);
    const picked = pool && pickDonor(pool, at, rows.subject, draw);
    if (picked === undefined) continue;
    row.push(at);
    kind.push(drawn);
    donor.push(picked);
  }
  return {
    size: row.length,
    row: Uint32Array.from(row),
    kind: Uint8Array.from(kind),
    fill: (attack, out) => fillAttack(rows, row[attack]!, donor[attack]!, kind[attack]!, out),
  };
}

function fillAttack(
  rows: TrainingRows,
  victim: number,
  donor: number,
  kind: number,
  out: Float64Array,
): void {
  rows.fill(donor, out);
  if (ATTACKS[kind] !== 'targeted') return;
  const [ip, net] = [out[IP]!, out[NET]!];
  rows.fill(victim, out);
  out[IP] = ip;
  out[NET] = net;
}

type Pool = readonly number[];

/** By kind of attacker: which rows may be copied. */
function findDonors(rows: TrainingRows): ((victim: Float64Array) => Pool | undefined)[] {
  const values = new Float64Array(ATTRIBUTES.length);
  const all: number[] = [];
  const byCountry = new Map<number, number[]>();
  const byNetwork = new Map<number, number[]>();
  const seen = new Set<string>();
  const isKnown = new Uint8Array(rows.subjects);
  for (let row = 0; row < rows.size; row++) {
    rows.fill(row, values);
    const subject = rows.subject[row]!;
    const address = `${subject} ${values[IP]}`;
    if (values[IP]! > 0 && !seen.has(address)) append(byNetwork, values[ASN]!, row);
    seen.add(address);
    if (isKnown[subject] === 1) continue;
    isKnown[subject] = 1;
    all.push(row);
    append(byCountry, values[COUNTRY]!, row);
  }
  return [
    () => all,
    (victim) => byCountry.get(victim[COUNTRY]!),
    (victim) => byNetwork.get(victim[ASN]!),
  ];
}

function append(lists: Map<number, number[]>, key: number, row: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [row]);
  else list.push(row);
}

function pickDonor(
  pool: Pool,
  row: number,
  subject: Uint32Array,
  draw: () => number,
): number | undefined {
  let from = 0;
  for (let to = pool.length; from < to; ) {
    const middle = (from + to) >> 1;
    if (pool[middle]! > row) to = middle;
    else from = middle + 1;
  }
  // Near the end nobody comes after: those just before then, who are little better known.
  const start = Math.max(0, Math.min(from, pool.length - CHOICE));
  const choice = pool.slice(start, start + CHOICE).filter((at) => subject[at] !== subject[row]);
  return choice[Math.floor(draw() * choice.length)];
}

function drawUniform(seed: number): () => number {
  const random = seededRandom(seed);
  return () => new DataView(random.bytes(4).buffer).getUint32(0) / 2 ** 32;
}
