// What waits to be reported, bounded in count and in bytes of evidence. Alarms have their own room,
// so that a flood of garbage tokens cannot push the one report that matters out.

import type { TokenUse } from '../ports.ts';
import { TRIP_WIRE_CODES } from '../refusal.ts';
import { fitUse } from './fit-use.ts';

export interface WaitingUse extends TokenUse {
  /** Unique and kept over retries: the receiver counts each report once. */
  id: string;
}

export interface UseBufferLimits {
  /** Ordinary reports. */
  maxUses: number;
  /** Reports with evidence or a failed audit. */
  maxAlarms: number;
}

/**
 * The codes whose report carries the token as evidence: the signature was good, the receipt of the
 * token or of its key false. For any other code a token is a credential, and never leaves the process.
 */
const EVIDENCE_CODES: readonly string[] = [
  'key_unlogged',
  'receipt_missing',
  'receipt_malformed',
  'receipt_key_unknown',
  'receipt_invalid',
  'receipt_audit_failed',
  'receipt_untagged',
];
const TRIP_WIRES: ReadonlySet<string> = TRIP_WIRE_CODES;

/** A late token of a key that is over has no evidence, and stays in the queue of the many. */
function isAlarm(code: string, evidence: string | undefined): boolean {
  if (EVIDENCE_CODES.includes(code)) return true;
  return evidence !== undefined && TRIP_WIRES.has(code);
}

export class UseBuffer {
  readonly #limits: UseBufferLimits;
  #alarms: WaitingUse[] = [];
  #uses: WaitingUse[] = [];
  readonly #alarmedHashes = new Set<string>();
  #dropped = 0;

  constructor(limits: UseBufferLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#alarms.length + this.#uses.length;
  }

  /** Reports that were thrown away since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  add(use: TokenUse, id: string): void {
    const { evidence, ...facts } = fitUse(use);
    const alarms = use.decision !== 'accepted' && isAlarm(use.code ?? '', evidence);
    // The same forgery shown ten thousand times is one alarm and 9,999 ordinary refusals.
    if (!alarms || this.#alarmedHashes.has(use.tokenHash)) {
      this.#push(this.#uses, { ...facts, id }, this.#limits.maxUses);
      return;
    }
    const alarm = evidence !== undefined ? { ...facts, id, evidence } : { ...facts, id };
    const kept = this.#push(this.#alarms, alarm, this.#limits.maxAlarms);
    // An alarm without its evidence does not stand in for one that has it.
    if (!kept || evidence === undefined) return;
    if (this.#alarmedHashes.size >= this.#limits.maxAlarms * 4) this.#alarmedHashes.clear();
    this.#alarmedHashes.add(use.tokenHash);
  }

  /** The next batch, alarms first; it stays buffered until `settle`. */
  peek(maxUses: number): WaitingUse[] {
    const alarms = this.#alarms.slice(0, maxUses);
    return [...alarms, ...this.#uses.slice(0, maxUses - alarms.length)];
  }

  /** Takes a batch from `peek` out: delivered, or `lost` when the receiver will never take it. */
  settle(batch: readonly WaitingUse[], outcome: 'delivered' | 'lost'): void {
    const ids = new Set(batch.map((use) => use.id));
    this.#alarms = this.#alarms.filter((use) => !ids.has(use.id));
    this.#uses = this.#uses.filter((use) => !ids.has(use.id));
    if (outcome === 'lost') this.#dropped += batch.length;
  }

  /** Lets the others go first: for one report that its receiver cannot take now. */
  postpone(use: WaitingUse): void {
    const last = (list: WaitingUse[]) =>
      list.includes(use) ? [...list.filter((other) => other !== use), use] : list;
    this.#alarms = last(this.#alarms);
    this.#uses = last(this.#uses);
  }

  #push(list: WaitingUse[], use: WaitingUse, limit: number): boolean {
    // When full, the newest goes: the oldest say when it began.
    if (list.length >= limit) {
      this.#dropped += 1;
      return false;
    }
    list.push(use);
    return true;
  }
}
