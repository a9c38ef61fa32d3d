// What the check of an evidence bundle finds. `invalid` is a contradiction, `missing` are numbers that
// should be there, `truncated_tail` is an end that comes too early, and `gap` is what the log itself
// says that it did not see: four things with four different answers.

/** What is wrong with it. */
export type BundleFault = 'invalid' | 'missing' | 'truncated_tail';

/** What was done to it, as far as the contradiction tells. */
export type Alteration =
  /** Other bytes than those that were sealed. */
  | 'flipped'
  | 'dropped'
  /** Right, in the wrong place. */
  | 'reordered'
  /** Right, and there a second time, or from an older state. */
  | 'replayed'
  /** A whole other history than the one that was anchored or pinned. */
  | 'forked'
  /** Of another tenant or another installation. */
  | 'foreign'
  | 'truncated'
  | 'malformed';

/** Where the contradiction shows. */
export type TrailLevel =
  | 'bundle'
  | 'event'
  | 'leaves'
  | 'manifest'
  | 'chain'
  | 'anchor_entry'
  | 'anchor_leaf'
  | 'log_proof'
  | 'checkpoint'
  | 'pin';

export interface BundleProblem {
  fault: BundleFault;
  alteration: Alteration;
  level: TrailLevel;
  /** Numbers of the events concerned, where it is about events. */
  first?: number | undefined;
  last?: number | undefined;
  segment?: number | undefined;
  /** Of the file, from 1, where it is about a line. */
  line?: number | undefined;
  /** One sentence for a person. */
  message: string;
}

/** A `log.gap` event: the log says itself that it did not see everything. */
export interface BundleGap {
  number: number;
  /** Why, as the event says; empty when it does not. */
  reason: string;
  timeMs: number;
  message: string;
}

export interface PinVerdict {
  anchor: number;
  count: number;
  /**
   * `kept`: the bundle holds the history that was pinned. `unproven`: that part of it was withheld as
   * a whole. `beyond`: the bundle ends before it.
   */
  state: 'kept' | 'contradicted' | 'beyond' | 'unproven';
}

export interface BundleAnchor {
  anchor: number;
  /** When it was made, as its leaf says. */
  atMs: number | undefined;
  logOrigin: string | undefined;
  logIndex: number | undefined;
  logSize: number | undefined;
  /** True when a log of the policy signed the checkpoint, with the policy's quorum of witnesses. */
  signed: boolean;
  witnessedMs: number | undefined;
}

export interface BundleVerdict {
  /** The worst of what was found; `whole` when there is nothing. */
  verdict: 'whole' | 'gap' | BundleFault;
  /** True without problems: `whole` or `gap`. */
  ok: boolean;
  /**
   * True when, besides, a log that the policy names vouches for it. Without, the bundle only agrees with
   * itself, which whoever made all of it can bring about.
   */
  proven: boolean;
  instance: string | undefined;
  tenant: string | undefined;
  anchor: BundleAnchor | undefined;
  /** Events from 1 to this number are accounted for. */
  count: number;
  segments: number;
  /** Events that were there and are unchanged. */
  events: number;
  /** Events of which only the leaf is left, or only the leaf is shown, or whose segment was deleted. */
  erased: number;
  withheld: number;
  deleted: number;
  problems: BundleProblem[];
  problemsLeftOut: number;
  gaps: BundleGap[];
  gapsLeftOut: number;
  pins: PinVerdict[];
}
