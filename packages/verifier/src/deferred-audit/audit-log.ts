// The accepted tokens of one log on their way to certainty: each round fetches the log's signed
// checkpoint, holds it against the last one, and looks every promised leaf up in the tiles.

import { equalBytes } from '../bytes/compare-bytes.ts';
import { encodeHex } from '../bytes/hex.ts';
import { FetchFailure, fetchBounded } from '../http/fetch-bounded.ts';
import type { Checkpoint } from '../note/checkpoint.ts';
import type { NoteKey } from '../note/verifier-key.ts';
import { verifyCheckpoint } from '../note/verify-checkpoint.ts';
import type { AuditPair, FetchLike, VerifierClock } from '../ports.ts';
import type { AuditAlarm } from './audit-alarm.ts';
import { isExtension } from './check-consistency.ts';
import { leafTile, readLeaves } from './check-leaves.ts';
import { TileStore } from './fetch-tiles.ts';

export interface LogAuditOptions {
  origin: string;
  url: string;
  checkpointKey: NoteKey;
  fetch: FetchLike;
  clock: VerifierClock;
  signal: AbortSignal;
  timeoutMs: number;
  maxTiles: number;
  /** How long the log may take to publish a leaf it has promised. */
  graceMs: number;
  /** Tokens held for evidence, in characters; beyond it pairs wait without theirs. */
  maxTokenCharacters: number;
  onFailure: (pair: AuditPair, alarm: AuditAlarm) => void;
  onFork: (alarm: AuditAlarm) => void;
}

interface SignedCheckpoint extends Checkpoint {
  note: string;
}

interface WaitingPair {
  pair: AuditPair;
  /** When the log first answered after the token was accepted: its grace begins there. */
  contactMs: number | undefined;
}

const CHECKPOINT_BYTES = 65_536;

export class LogAudit {
  readonly #options: LogAuditOptions;
  readonly #tiles: TileStore;
  readonly #waiting = new Map<string, WaitingPair>();
  #largest: SignedCheckpoint | undefined;
  #tokenCharacters = 0;

  constructor(options: LogAuditOptions) {
    this.#options = options;
    this.#tiles = new TileStore(options);
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  add(pair: AuditPair): void {
    if (this.#waiting.has(pair.tokenHash)) return;
    const { token, ...facts } = pair;
    const characters = this.#tokenCharacters + (token?.length ?? 0);
    const hold = token !== undefined && characters <= this.#options.maxTokenCharacters;
    if (hold) this.#tokenCharacters = characters;
    const held = hold ? { ...facts, token } : facts;
    this.#waiting.set(pair.tokenHash, { pair: held, contactMs: undefined });
  }

  /** Age of the oldest pair that waits; 0 when none does. */
  lagMs(nowMs: number): number {
    const [oldest] = this.#waiting.values();
    return oldest === undefined ? 0 : Math.max(0, nowMs - oldest.pair.acceptedAtMs);
  }

  /** @throws FetchFailure, FormatError when the log could not be read; what waits keeps waiting */
  async round(): Promise<void> {
    const askedMs = this.#options.clock.nowMs();
    const latest = await this.#fetchCheckpoint();
    const largest = await this.#reconcile(latest);
    const byTile = new Map<number, AuditPair[]>();
    for (const waiting of [...this.#waiting.values()]) {
      // Accepted while the checkpoint was on its way: that checkpoint says nothing about it.
      if (waiting.pair.acceptedAtMs > askedMs) continue;
      waiting.contactMs ??= askedMs;
      const { pair } = waiting;
      if (pair.index < largest.size) {
        const tile = leafTile(pair.index);
        const pairs = byTile.get(tile);
        if (pairs === undefined) byTile.set(tile, [pair]);
        else pairs.push(pair);
      } else if (askedMs - waiting.contactMs >= this.#options.graceMs) {
        this.#failBeyond(pair, largest);
      }
    }
    let fault: unknown;
    for (const pairs of byTile.values()) {
      // One tile that cannot be read must not hide the leaves in the others.
      await this.#checkTile(pairs, largest).catch((error: unknown) => {
        fault ??= error;
      });
    }
    if (fault !== undefined) throw fault;
  }

  async #fetchCheckpoint(): Promise<SignedCheckpoint> {
    const { url, origin, checkpointKey, fetch, signal, timeoutMs } = this.#options;
    const answer = await fetchBounded(`${url}/checkpoint`, {
      fetch,
      signal,
      timeoutMs,
      maxBytes: CHECKPOINT_BYTES,
    });
    if (answer.status !== 200) {
      throw new FetchFailure('unreachable', `The log answered ${answer.status}.`);
    }
    const note = new TextDecoder().decode(answer.bytes);
    return { ...(await verifyCheckpoint(note, origin, checkpointKey)), note };
  }

  /** The largest checkpoint known, after the new one was held against it. */
  async #reconcile(latest: SignedCheckpoint): Promise<SignedCheckpoint> {
    const known = this.#largest;
    if (known === undefined) {
      this.#largest = latest;
      return latest;
    }
    const [older, newer] = latest.size < known.size ? [latest, known] : [known, latest];
    if (!(await isExtension(older, newer, this.#tiles))) {
      this.#options.onFork({
        kind: 'log_forked',
        logOrigin: this.#options.origin,
        atMs: this.#options.clock.nowMs(),
        message: 'The log signed two checkpoints that cannot both be true.',
        checkpoints: [older.note, newer.note],
      });
      throw new FetchFailure('unreachable', 'The log has forked.');
    }
    this.#largest = newer;
    return newer;
  }

  async #checkTile(pairs: readonly AuditPair[], checkpoint: SignedCheckpoint): Promise<void> {
    const indexes = pairs.map(({ index }) => index);
    const leaves = await readLeaves(indexes, checkpoint, this.#tiles);
    for (const pair of pairs) {
      const leaf = leaves.get(pair.index);
      this.#release(pair);
      if (leaf !== undefined && equalBytes(leaf, pair.leafHash)) continue;
      this.#options.onFailure(pair, {
        ...this.#failure(pair, checkpoint),
        kind: 'leaf_mismatch',
        message: 'The log holds another leaf where the receipt of this token promises its own.',
        leafInLog: encodeHex(leaf ?? new Uint8Array(0)),
      });
    }
  }

  #failBeyond(pair: AuditPair, checkpoint: SignedCheckpoint): void {
    this.#release(pair);
    this.#options.onFailure(pair, {
      ...this.#failure(pair, checkpoint),
      kind: 'index_beyond_log',
      message: 'The log never published the leaf that the receipt of this token promises.',
    });
  }

  #release(pair: AuditPair): void {
    if (!this.#waiting.delete(pair.tokenHash)) return;
    this.#tokenCharacters -= pair.token?.length ?? 0;
  }

  #failure({ token: _secret, ...pair }: AuditPair, checkpoint: SignedCheckpoint) {
    return {
      logOrigin: this.#options.origin,
      atMs: this.#options.clock.nowMs(),
      pair,
      checkpoints: [checkpoint.note],
    };
  }
}
