// The two learned heads over one feature row: how odd an act is for its subject, and how much it looks
// like somebody who shows everything of the subject but his address.

import type { Booster } from '@countersign/learner';
import type { Contribution, RawHead } from '../assess/assessment.ts';
import type { RealmMemory } from '../assess/realm-memory.ts';
import { AskedHead } from '../assess/told-head.ts';
import type { RiskInput } from '../input/risk-input.ts';
import type { RiskModel } from '../model/risk-model.ts';
import { RELATION_FEATURES, RELATION_GROUPS } from './relation-features.ts';
import { writeRelationRow } from './write-relation-row.ts';

const GROUPS = [...new Set(RELATION_GROUPS)];
/** By feature: which group it is. */
const GROUP_OF = Uint8Array.from(RELATION_GROUPS, (group) => GROUPS.indexOf(group));

/** Not whole, so that it is an array of doubles from the beginning. */
const EMPTY_ROW: readonly number[] = RELATION_FEATURES.map(() => 0.5);

const row = new Float64Array(RELATION_FEATURES.length);
const spread = new Float64Array(RELATION_FEATURES.length + 1);
const sums = new Float64Array(GROUPS.length);

/** Nothing without a history to relate to. */
export function relationHeads(
  model: RiskModel,
  input: RiskInput,
  memory: RealmMemory,
): { relation: RawHead; targeted: RawHead } | undefined {
  const { profile, counts, peers } = memory;
  if (profile.depth === 0) return undefined;
  const lookedUp = !input.missing.includes('no_network_data');
  writeRelationRow(profile, counts, peers, input.values, input.timeMs, lookedUp, row);
  // The row is written over by the next act; a plain array of numbers lies where it is collected cheaply.
  const kept = EMPTY_ROW.slice();
  for (let feature = 0; feature < kept.length; feature++) kept[feature] = row[feature]!;
  return { relation: ask(model.relation, kept), targeted: ask(model.targeted, kept) };
}

function ask(booster: Booster, kept: readonly number[]): RawHead {
  return new AskedHead(booster.predict(row), () => tell(booster, kept));
}

function tell(booster: Booster, kept: readonly number[]): Contribution[] {
  row.set(kept);
  booster.contribute(row, spread);
  sums.fill(0);
  for (let feature = 0; feature < GROUP_OF.length; feature++) {
    sums[GROUP_OF[feature]!]! += spread[feature]!;
  }
  const contributions: Contribution[] = [];
  for (let group = 0; group < GROUPS.length; group++) {
    if (sums[group] !== 0) contributions.push({ group: GROUPS[group]!, amount: sums[group]! });
  }
  return contributions;
}
