// Checks an evidence bundle offline, in constant memory. What it says holds against whoever made the
// bundle, as far as the log of the policy, its witnesses and the pins go; without them it says only
// that the bundle agrees with itself.

import { EMPTY_ROOT, encodeHex, type TlogPolicy } from '@countersign/verifier';
import type { AnchorEntry } from '../anchor/anchor-entry.ts';
import type { AnchorProof } from '../anchor/anchor-proof.ts';
import { type AnchorJudgement, judgeAnchor } from '../anchor/judge-anchor.ts';
import { LONGEST_LINE_BYTES } from './bundle-lines.ts';
import { judgePin } from './judge-pin.ts';
import { faulty, ProblemList } from './list-problems.ts';
import { BundleReader } from './read-bundle.ts';
import { splitLines } from './split-lines.ts';
import type { BundleVerdict } from './verdict.ts';
import { PinWatch } from './watch-pins.ts';

export interface VerifyOptions {
  /** Keys of the logs, and witnesses, to believe. */
  policy?: TlogPolicy | undefined;
  /** Anchors of the same trail that were kept earlier. */
  pins?: readonly AnchorProof[] | undefined;
  /** Whose it must be: houses that share a log can name their tenants alike. Default: anybody's. */
  of?: { instance?: string | undefined; tenant?: string | undefined } | undefined;
}

/** Never throws for what is in the bundle; throws what reading it throws. */
export async function verifyBundle(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { policy, pins = [], of = {} }: VerifyOptions = {},
): Promise<BundleVerdict> {
  const problems = new ProblemList();
  const watch = new PinWatch(pins.map(({ entry }) => entry));
  const reader = new BundleReader(problems, watch);
  const whole = await readAll(reader, chunks, problems);
  reader.finish();
  judgeOwner(reader, of, problems);
  const judged = await judgeOwnAnchor(reader, policy, problems);
  if (reader.anchor !== undefined) judgeEnd(reader, reader.anchor.entry, whole, problems);
  else problems.add(faulty('invalid', 'malformed', 'bundle', 'The bundle holds no anchor.'));
  await judgePins(reader, pins, judged, problems);
  return describe(reader, judged, watch, problems);
}

async function readAll(
  reader: BundleReader,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  problems: ProblemList,
): Promise<boolean> {
  try {
    const whole = await splitLines(chunks, LONGEST_LINE_BYTES, (bytes, start, end) =>
      reader.line(bytes, start, end),
    );
    return whole && reader.ended;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    problems.add(faulty('invalid', 'malformed', 'bundle', 'A line is longer than any may be.'));
    return false;
  }
}

function judgeOwner(
  { identity }: BundleReader,
  of: NonNullable<VerifyOptions['of']>,
  problems: ProblemList,
): void {
  for (const member of ['instance', 'tenant'] as const) {
    if (of[member] === undefined || identity === undefined || identity[member] === of[member]) {
      continue;
    }
    const message = `The bundle is of the ${member} ${identity[member]}, not of ${of[member]}.`;
    problems.add(faulty('invalid', 'foreign', 'bundle', message));
  }
}

async function judgeOwnAnchor(
  { anchor, identity }: BundleReader,
  policy: TlogPolicy | undefined,
  problems: ProblemList,
): Promise<AnchorJudgement | undefined> {
  if (anchor === undefined || identity === undefined) return undefined;
  const judged = await judgeAnchor(anchor, identity.instance, policy);
  for (const { level, alteration, message } of judged.faults) {
    problems.add(faulty('invalid', alteration, level, message));
  }
  if (anchor.entry.tenant !== identity.tenant) {
    const message = 'The anchor entry is of another tenant.';
    problems.add(faulty('invalid', 'foreign', 'anchor_entry', message));
  }
  return judged;
}

/** Holds where the sections ended against what is anchored. */
function judgeEnd(
  { track }: BundleReader,
  entry: AnchorEntry,
  whole: boolean,
  problems: ProblemList,
): void {
  if (track === undefined) return;
  const { count, segments } = track;
  if (count < entry.count || segments < entry.segments) {
    const numbers = count < entry.count ? { first: count + 1, last: entry.count } : {};
    const message = 'The bundle ends before the events that were anchored.';
    problems.add({ ...faulty('truncated_tail', 'truncated', 'bundle', message), ...numbers });
  } else if (!whole) {
    const message = 'The file ends before its last line.';
    problems.add(faulty('truncated_tail', 'truncated', 'bundle', message));
  }
  if (count > entry.count || segments > entry.segments) {
    const message = 'The anchor is older than the events: it does not speak for the newest.';
    problems.add(faulty('invalid', 'replayed', 'anchor_entry', message));
  }
  const complete = count === entry.count && segments === entry.segments;
  const root = encodeHex(segments === 0 ? EMPTY_ROOT : track.tree.root());
  const sameManifests = complete && root === entry.segmentsRoot;
  judgeUnproven(track, sameManifests, problems);
  if (!complete || problems.concerns('anchor_entry', 'manifest', 'chain')) return;
  if (!sameManifests && track.unproven.every(({ segment }) => segment === undefined)) {
    const message = 'The manifests are not those that were anchored.';
    problems.add(faulty('invalid', 'flipped', 'manifest', message));
  }
  if (encodeHex(track.head) !== entry.head && problems.all.length === 0) {
    const message = 'The chain ends in another head than the one that was anchored.';
    problems.add(faulty('invalid', 'forked', 'chain', message));
  }
}

/** Sections whose events and leaves agree with each other, and with nothing else. */
function judgeUnproven(
  { unproven }: NonNullable<BundleReader['track']>,
  sameManifests: boolean,
  problems: ProblemList,
): void {
  for (const { segment, first, last } of unproven) {
    const flipped = !sameManifests && segment !== undefined;
    problems.add({
      ...{ fault: 'invalid', first, last, segment },
      ...(flipped
        ? { alteration: 'flipped', level: 'manifest' }
        : { alteration: 'forked', level: 'chain' }),
      message: flipped
        ? 'A manifest is not the one of its events.'
        : 'The events are others than those that were sealed or anchored, leaves included.',
    });
  }
}

async function judgePins(
  { identity, anchor }: BundleReader,
  pins: readonly AnchorProof[],
  judged: AnchorJudgement | undefined,
  problems: ProblemList,
): Promise<void> {
  if (identity === undefined || anchor === undefined) return;
  for (const pin of pins) {
    for (const problem of await judgePin({ identity, anchor, judged }, pin)) problems.add(problem);
  }
}

function describe(
  { anchor, identity, track, totals, gaps }: BundleReader,
  judged: AnchorJudgement | undefined,
  watch: PinWatch,
  problems: ProblemList,
): BundleVerdict {
  const pins = watch.judge(track?.count ?? 0);
  for (const { state, count } of pins) {
    if (state === 'contradicted') {
      const message = 'The history is another one than the one that was pinned.';
      problems.add(faulty('invalid', 'forked', 'pin', message));
    } else if (state === 'beyond') {
      const numbers = { first: (track?.count ?? 0) + 1, last: count };
      const message = 'The bundle ends before the events that were pinned.';
      problems.add({ ...faulty('truncated_tail', 'truncated', 'pin', message), ...numbers });
    }
  }
  const worst = problems.worst();
  return {
    verdict: worst ?? (gaps.gaps.length > 0 ? 'gap' : 'whole'),
    ok: worst === undefined,
    proven: worst === undefined && judged?.anchor.signed === true,
    instance: identity?.instance,
    tenant: identity?.tenant,
    anchor: anchor && judged?.anchor,
    count: track?.count ?? 0,
    segments: track?.segments ?? 0,
    ...totals,
    problems: problems.all,
    problemsLeftOut: problems.leftOut,
    gaps: gaps.gaps,
    gapsLeftOut: gaps.leftOut,
    pins,
  };
}
