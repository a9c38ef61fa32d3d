// What a judgement says. The classes are those of control C-27: an operator must learn within
// minutes whether a token was forged, stolen, replayed or laundered, because the answers differ.

import type { EventName, Severity } from '@countersign/vocabulary';

export type FindingClass =
  /** Good signature, in no ledger: the signing key is in other hands. */
  | 'forged'
  | 'replayed'
  | 'stolen'
  | 'laundered'
  /** Signed, logged or accepted, but never issued. */
  | 'unissued'
  /** An event of a key, in the log or in a key set, that we never made. */
  | 'rogue'
  /** An anchor of audit trails in our name that we never made. */
  | 'counterfeit'
  /** A key of ours that is retired or revoked was named by a token or a request to sign. */
  | 'tripwire'
  /** Signatures, journal, ledger and log do not add up for a key. */
  | 'tally'
  /** Builds a crash cut short. */
  | 'interrupted'
  /** Log or journal do not hold what the ledger says they held. */
  | 'forked';

export interface Verdict {
  class: FindingClass;
  reason: string;
  severity: Severity;
  /** True when we checked it ourselves and need not believe a reporter. */
  proven: boolean;
  message: string;
}

export const EVENT_OF_CLASS: Readonly<Record<FindingClass, EventName>> = {
  forged: 'token.forged',
  replayed: 'token.replayed',
  stolen: 'token.stolen',
  laundered: 'token.laundered',
  unissued: 'token.unissued',
  rogue: 'key.rogue',
  counterfeit: 'audit.differs',
  tripwire: 'key.tripwire',
  tally: 'key.tally_differs',
  interrupted: 'token.interrupted',
  forked: 'log.forked',
};
