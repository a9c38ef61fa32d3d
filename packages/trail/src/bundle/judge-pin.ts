// An anchor that was kept earlier against the one of the bundle: one number is one anchor, what is
// spoken for only grows, and a log says one thing. The events between them are for `PinWatch`.

import { equalBytes } from '@countersign/verifier';
import { type AnchorEntry, formatAnchorEntry } from '../anchor/anchor-entry.ts';
import type { AnchorProof } from '../anchor/anchor-proof.ts';
import { type AnchorJudgement, judgeAnchor } from '../anchor/judge-anchor.ts';
import { faulty } from './list-problems.ts';
import type { TrailIdentity } from './track-segments.ts';
import type { BundleProblem } from './verdict.ts';

export interface PinnedBundle {
  identity: TrailIdentity;
  anchor: AnchorProof;
  /** Of the bundle's own anchor. */
  judged: AnchorJudgement | undefined;
}

export async function judgePin(
  { identity, anchor, judged }: PinnedBundle,
  pin: AnchorProof,
): Promise<BundleProblem[]> {
  if (pin.entry.tenant !== identity.tenant) {
    return [faulty('invalid', 'foreign', 'pin', 'The pinned anchor is of another tenant.')];
  }
  const other = await judgeAnchor(pin, identity.instance);
  return [
    ...(pin.entry.anchor === anchor.entry.anchor
      ? judgeSameNumber(pin, anchor)
      : judgeOrder(pin.entry, anchor.entry)),
    ...other.faults.map(({ message }) =>
      faulty('invalid', 'malformed', 'pin', `The pin itself does not hold: ${message}`),
    ),
    ...judgeLogs([pin, other], [anchor, judged]),
  ];
}

function judgeSameNumber(pin: AnchorProof, anchor: AnchorProof): BundleProblem[] {
  const message = 'There are two different anchors of the same number.';
  if (formatAnchorEntry(pin.entry) !== formatAnchorEntry(anchor.entry)) {
    return [faulty('invalid', 'forked', 'anchor_entry', message)];
  }
  if (equalBytes(pin.leaf, anchor.leaf)) return [];
  return [faulty('invalid', 'forked', 'anchor_leaf', message)];
}

function judgeOrder(pin: AnchorEntry, entry: AnchorEntry): BundleProblem[] {
  const [early, late] = pin.anchor < entry.anchor ? [pin, entry] : [entry, pin];
  return (['count', 'segments'] as const)
    .filter((member) => late[member] < early[member])
    .map((member) => {
      const what = member === 'count' ? 'events' : 'segments';
      const message = `A later anchor (${late.anchor}) speaks for fewer ${what} than an earlier one (${early.anchor}).`;
      return faulty('invalid', 'forked', 'anchor_entry', message);
    });
}

type Judged = readonly [AnchorProof, AnchorJudgement | undefined];

function judgeLogs([pin, one]: Judged, [anchor, two]: Judged): BundleProblem[] {
  if (one?.tree === undefined || two?.tree === undefined) return [];
  if (one.anchor.logOrigin !== two.anchor.logOrigin) return [];
  if (one.tree.size === two.tree.size && !equalBytes(one.tree.root, two.tree.root)) {
    const message = 'The log has signed two trees of the same size.';
    return [faulty('invalid', 'forked', 'checkpoint', message)];
  }
  const holds = one.faults.length === 0 && two.faults.length === 0;
  const isOnePlace = one.anchor.logIndex === two.anchor.logIndex;
  if (!holds || !isOnePlace || equalBytes(pin.leaf, anchor.leaf)) return [];
  return [faulty('invalid', 'forked', 'checkpoint', 'The log has two entries in one place.')];
}
