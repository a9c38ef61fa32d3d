// Leaves that anchor audit trails. Each of ours was announced before the log was asked, so one in our
// name that nobody announced is somebody else's: it would let another history pass for ours. Those of
// other installations, which share the log, say nothing here.

import {
  type AnchorLeaf,
  decodeLogEntry,
  encodeHex,
  FormatError,
  hashInstance,
} from '@countersign/verifier';
import { describeNumbers, type NumberedItem } from '../classify/match-numbers.ts';
import type { Verdict } from '../classify/verdict.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { indexOf } from '../store/numbered-places.ts';
import type { FindingDraft } from './finding.ts';
import type { AnchorSource } from './sources.ts';

export interface SortedAnchors {
  /** Leaves without a ledger row that are no anchors. */
  others: NumberedItem[];
  drafts: FindingDraft[];
}

interface AnchorItem extends NumberedItem {
  leaf: AnchorLeaf;
}

const COUNTERFEIT: Verdict = {
  class: 'counterfeit',
  reason: 'anchor_logged_but_not_ours',
  severity: 'critical',
  proven: true,
  message:
    'The log holds an anchor of audit trails in our name that is not on record here: an older copy of the store was put back, or somebody else can speak to the notary.',
};

/** @param missing leaves among `entries`, which begin at `from`, that have no ledger row */
export async function judgeAnchorLeaves(
  room: AuditRoom,
  from: number,
  entries: readonly Uint8Array[],
  missing: readonly NumberedItem[],
  anchors: AnchorSource | undefined,
): Promise<SortedAnchors> {
  const others: NumberedItem[] = [];
  const inOurName: AnchorItem[] = [];
  const ours = anchors && encodeHex(hashInstance(anchors.instance));
  for (const item of missing) {
    const leaf = anchorOf(entries[item.number - from]);
    if (leaf === undefined) others.push(item);
    else if (encodeHex(leaf.instanceHash) === ours) inOurName.push({ ...item, leaf });
  }
  if (inOurName.length === 0) return { others, drafts: [] };
  const announced = await anchors?.announced(inOurName.map(({ hash }) => hash));
  const unknown = inOurName.filter(({ hash }) => announced?.has(hash) !== true);
  return { others, drafts: unknown.length === 0 ? [] : [counterfeit(room, unknown)] };
}

/** Undefined for what is no anchor. */
function anchorOf(entry: Uint8Array | undefined): AnchorLeaf | undefined {
  if (entry === undefined) return undefined;
  try {
    const read = decodeLogEntry(entry);
    return read.kind === 'anchor' ? read : undefined;
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}

function counterfeit(room: AuditRoom, leaves: readonly AnchorItem[]): FindingDraft {
  const numbers = leaves.map(({ number }) => number);
  const first = numbers[0] ?? 0;
  return {
    verdict: COUNTERFEIT,
    subjectKey: `log:${first}`,
    count: numbers.length,
    happenedMs: room.clock.nowMs(),
    token: { kind: 'other', ...room.logs.describe(first) },
    extra: {
      count: numbers.length,
      numbers: describeNumbers(numbers.map(indexOf)),
      leafHash: leaves[0]?.hash ?? '',
      // Of the first: whoever put a store back knows from when on it is missing.
      anchor: leaves[0]?.leaf.anchor ?? 0,
      anchoredMs: leaves[0]?.leaf.atMs ?? 0,
    },
  };
}
