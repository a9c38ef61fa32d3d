// Keys that are over: their names for ever, their records where they lie in the folder, read when
// somebody asks. What stays in memory of each is a few hundred bytes.

import { damaged, type LineSpot } from '../chain/chain-segment.ts';
import type { ChainedLog } from '../chain/chained-log.ts';
import type { EachLine } from '../chain/list-chain.ts';
import type { KeyState } from '../life/key-life.ts';
import type { BoundScope } from '../scope/check-new-scope.ts';
import type { CustodyKind, SigningHandle } from './custody.ts';
import { type EndedRecord, type EndedSummary, parseEnded, summarise } from './ended-record.ts';
import type { SecretFingerprint } from './fingerprint-key.ts';

/** Ended keys that scans of dumps still find; some seven months of a hundred issuers. */
export const ENDED_FINGERPRINTS_KEPT = 2048;

export interface EndedKey {
  readonly kid: string;
  readonly issuer: string;
  readonly custody: CustodyKind;
  /** Place in every list of keys, for as long as this process lives. */
  order: number;
  /** As its line says; the record of lives may know better. */
  state: KeyState;
  atMs: number;
  /** What it did in this process before it ended. */
  past?: { counted?: SigningHandle; failed: number };
}

/** A line of the record that must be there: the record of lives has forgotten what it says. */
export interface EndedAnchor {
  number: number;
  tag: string;
}

export class EndedKeys {
  readonly #keys = new Map<string, EndedKey & { spot: LineSpot }>();
  readonly #byIssuer = new Map<string, EndedKey[]>();
  readonly #bonds = new Map<string, Map<string, BoundScope>>();
  readonly #fingerprints = new Map<string, readonly SecretFingerprint[]>();
  readonly #log: ChainedLog;

  /**
   * @param openLog opens the record and hands each line that is there to `each`
   * @throws CodedError `ended_keys_corrupt`
   */
  constructor(openLog: (each: EachLine) => ChainedLog, anchor?: EndedAnchor) {
    let isAnchored = anchor === undefined || anchor.number === 0;
    this.#log = openLog((value, number, spot, tag) => {
      this.#place(summarise(value, spot.path), spot);
      if (number === anchor?.number) isAnchored = tag === anchor.tag;
    });
    if (!isAnchored) throw damaged('ended', 'ended/');
  }

  get size(): number {
    return this.#keys.size;
  }

  /** What a later opening must find. */
  get anchor(): EndedAnchor {
    return this.#log.end;
  }

  find(kid: string): EndedKey | undefined {
    return this.#keys.get(kid);
  }

  all(): Iterable<EndedKey> {
    return this.#keys.values();
  }

  ofIssuer(issuer: string): readonly EndedKey[] {
    return this.#byIssuer.get(issuer) ?? [];
  }

  /** What keys of this issuer were ever bound to. */
  bondsOf(issuer: string): BoundScope[] {
    return [...(this.#bonds.get(issuer)?.values() ?? [])];
  }

  /** Of the keys that ended last, at most `ENDED_FINGERPRINTS_KEPT` keys. */
  fingerprints(): SecretFingerprint[] {
    return [...this.#fingerprints.values()].flat();
  }

  /** @throws CodedError `ended_keys_corrupt`; a TypeError for a key that is none of these */
  read(kid: string): EndedRecord {
    const spot = this.#keys.get(kid)?.spot;
    if (spot === undefined) throw new TypeError('no such key has ended');
    return parseEnded(this.#log.readAt(spot), spot.path);
  }

  /**
   * Returns when all of this is durable; a key that is here already is here as it is told now.
   * @throws the system's error when there is no room, and nothing is changed; anything else means
   *   that the process must end
   */
  add(records: readonly EndedRecord[]): EndedKey[] {
    const spots = this.#log.append(records);
    return records.map((record, at) =>
      this.#place(summarise(record, 'ended/'), spots[at] as LineSpot),
    );
  }

  get broken(): unknown {
    return this.#log.broken;
  }

  close(): void {
    this.#log.close();
  }

  #place({ kid, scope, state, atMs, custody, fingerprints }: EndedSummary, at: LineSpot): EndedKey {
    const spot = { ...at, before: copyOf(at.before) };
    this.#keepFingerprints(kid, fingerprints);
    const known = this.#keys.get(kid);
    if (known !== undefined) return Object.assign(known, { state, atMs, spot });
    const { issuer, tenant, population, requireReceiptFrom: bond } = scope;
    const siblings = this.#byIssuer.get(issuer);
    const name = siblings?.[0]?.issuer ?? issuer;
    const key = { kid, issuer: name, custody, order: this.#keys.size, state, atMs, spot };
    this.#keys.set(kid, key);
    if (siblings === undefined) this.#byIssuer.set(name, [key]);
    else siblings.push(key);
    const bonds = this.#bonds.get(name) ?? new Map<string, BoundScope>();
    this.#bonds.set(name, bonds);
    bonds.set(JSON.stringify([tenant, population, bond]), scope);
    return key;
  }

  #keepFingerprints(kid: string, fingerprints: readonly SecretFingerprint[]): void {
    this.#fingerprints.delete(kid);
    if (fingerprints.length === 0) return;
    this.#fingerprints.set(kid, fingerprints);
    for (const oldest of this.#fingerprints.keys()) {
      if (this.#fingerprints.size <= ENDED_FINGERPRINTS_KEPT) return;
      this.#fingerprints.delete(oldest);
    }
  }
}

/** A part of a text keeps all of the text in memory; a copy does not. */
function copyOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
