// The accepted tokens of one log on their way to certainty: each round fetches the log's signed
// checkpoint, holds it against the last one, and looks every promised leaf up in the tiles.

import { equalBytes } from '../bytes/compare-bytes.ts';
import { encodeHex } from '../bytes/hex.ts';
import { FormatError } from '../format-error.ts';
import { FetchFailure } from '../http/fetch-bounded.ts';
import type { AuditPair, VerifierClock } from '../ports.ts';
import type { AuditAlarm } from './audit-alarm.ts';
import { isExtension } from './check-consistency.ts';
import { leafTile, readLeaves } from './check-leaves.ts';
import { type CheckpointPlace, fetchCheckpoint, type ShownCheckpoint } from './fetch-checkpoint.ts';
import { TileStore } from './fetch-tiles.ts';

export interface LogAuditOptions extends CheckpointPlace {
  clock: VerifierClock;
  maxTiles: number;
  /** How long the log may take to publish a leaf it has promised. */
  graceMs: number;
  /**
   * With so many that wait, what only witnesses are missing for makes room: the log's own word is taken
   * for it, and the log held to that word when they are back. Else their outage would become ours.
   */
  crowdedAt: number;
  /** Tokens held for evidence, in characters; beyond it pairs wait without theirs. */
  maxTokenCharacters: number;
  /** The leaf of this pair is the one that the log holds. */
  onIncluded: (pair: AuditPair) => void;
  onFailure: (pair: AuditPair, alarm: AuditAlarm) => void;
  onFork: (alarm: AuditAlarm) => void;
}

interface WaitingPair {
  pair: AuditPair;
  /** When the log first answered after the token was accepted: its grace begins there. */
  contactMs: number | undefined;
}

/** The log's own word, that no witness has confirmed, for pairs that made room. */
interface Pledge {
  checkpoint: ShownCheckpoint;
  /** When the oldest of those pairs was accepted. */
  sinceMs: number;
}

export class LogAudit {
  readonly #options: LogAuditOptions;
  readonly #tiles: TileStore;
  readonly #waiting = new Map<string, WaitingPair>();
  /** The largest checkpoint that counts: what accepted tokens are looked up in. */
  #largest: ShownCheckpoint | undefined;
  /** Since when the log has shown none that counts; undefined while it does. */
  #unwitnessedSinceMs: number | undefined;
  #pledge: Pledge | undefined;
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

  /** Age of the oldest pair without certainty; 0 when there is none. */
  lagMs(nowMs: number): number {
    const [oldest] = this.#waiting.values();
    const waitsMs = nowMs - (oldest?.pair.acceptedAtMs ?? nowMs);
    return Math.max(0, waitsMs, nowMs - (this.#pledge?.sinceMs ?? nowMs));
  }

  /** True when there is something to look up, or the log's witnesses are awaited. */
  get pending(): boolean {
    const awaitsWitnesses = this.#unwitnessedSinceMs ?? this.#pledge;
    return this.waiting > 0 || awaitsWitnesses !== undefined;
  }

  /** How long the log has shown no checkpoint that counts; 0 while it does. */
  unwitnessedMs(nowMs: number): number {
    return Math.max(0, nowMs - (this.#unwitnessedSinceMs ?? nowMs));
  }

  /** @throws FetchFailure, FormatError when the log could not be read; what waits keeps waiting */
  async round(): Promise<void> {
    const askedMs = this.#options.clock.nowMs();
    const latest = await fetchCheckpoint(this.#options);
    this.#unwitnessedSinceMs = latest.witnessed ? undefined : (this.#unwitnessedSinceMs ?? askedMs);
    const largest = await this.#reconcile(latest);
    const shown = largest !== undefined && largest.size > latest.size ? largest : latest;
    const covered: AuditPair[] = [];
    const unwitnessed: AuditPair[] = [];
    for (const waiting of [...this.#waiting.values()]) {
      // Accepted while the checkpoint was on its way: that checkpoint says nothing about it.
      if (waiting.pair.acceptedAtMs > askedMs) continue;
      waiting.contactMs ??= askedMs;
      const { pair } = waiting;
      if (pair.index < (largest?.size ?? 0)) {
        covered.push(pair);
      } else if (pair.index < shown.size) {
        // The log keeps its promise so far; its witnesses have not said so yet.
        unwitnessed.push(pair);
      } else if (askedMs - waiting.contactMs >= this.#options.graceMs) {
        this.#failBeyond(pair, shown);
      }
    }
    if (largest !== undefined) {
      await eachTile(covered, (pairs) => this.#checkTile(pairs, largest));
    }
    if (unwitnessed.length > 0) {
      if (this.waiting >= this.#options.crowdedAt) await this.#makeRoom(unwitnessed, shown);
      const message = 'Too few witnesses have cosigned the checkpoint that the log shows.';
      throw new FormatError('checkpoint_unwitnessed', message);
    }
  }

  /**
   * The largest checkpoint that counts, after the new one was held against it. One that does not
   * count is held against it too: the log signed both.
   */
  async #reconcile(latest: ShownCheckpoint): Promise<ShownCheckpoint | undefined> {
    const pledged = this.#pledge?.checkpoint;
    if (pledged !== undefined) {
      await this.#demandOneLog(pledged, latest);
      if (latest.witnessed && latest.size >= pledged.size) this.#pledge = undefined;
    }
    const known = this.#largest;
    const newer = known === undefined ? latest : await this.#demandOneLog(known, latest);
    if (newer.witnessed) this.#largest = newer;
    return this.#largest;
  }

  /** The larger of two checkpoints. @throws FetchFailure, after the alarm, when the log has forked */
  async #demandOneLog(known: ShownCheckpoint, latest: ShownCheckpoint): Promise<ShownCheckpoint> {
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
    return newer;
  }

  /** Lets go of the pairs whose leaves are in what the log shows. Another leaf proves nothing yet. */
  async #makeRoom(pairs: readonly AuditPair[], shown: ShownCheckpoint): Promise<void> {
    const pledged = this.#pledge?.checkpoint ?? shown;
    const checkpoint = pledged.size > shown.size ? pledged : shown;
    await eachTile(pairs, async (inTile) => {
      const indexes = inTile.map(({ index }) => index);
      const leaves = await readLeaves(indexes, shown, this.#tiles);
      for (const pair of inTile) {
        const leaf = leaves.get(pair.index);
        if (leaf === undefined || !equalBytes(leaf, pair.leafHash)) continue;
        const sinceMs = Math.min(pair.acceptedAtMs, this.#pledge?.sinceMs ?? pair.acceptedAtMs);
        this.#pledge = { checkpoint, sinceMs };
        this.#release(pair);
      }
    });
  }

  async #checkTile(pairs: readonly AuditPair[], checkpoint: ShownCheckpoint): Promise<void> {
    const indexes = pairs.map(({ index }) => index);
    const leaves = await readLeaves(indexes, checkpoint, this.#tiles);
    for (const pair of pairs) {
      const leaf = leaves.get(pair.index);
      this.#release(pair);
      if (leaf !== undefined && equalBytes(leaf, pair.leafHash)) {
        this.#options.onIncluded(pair);
        continue;
      }
      this.#options.onFailure(pair, {
        ...this.#failure(pair, checkpoint),
        kind: 'leaf_mismatch',
        message: 'The log holds another leaf where the receipt of this token promises its own.',
        leafInLog: encodeHex(leaf ?? new Uint8Array(0)),
      });
    }
  }

  #failBeyond(pair: AuditPair, checkpoint: ShownCheckpoint): void {
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

  #failure({ token: _secret, ...pair }: AuditPair, checkpoint: ShownCheckpoint) {
    return {
      logOrigin: this.#options.origin,
      atMs: this.#options.clock.nowMs(),
      pair,
      checkpoints: [checkpoint.note],
    };
  }
}

/** Pairs whose leaves lie in one tile are looked up together. @throws what the first failure was */
async function eachTile(
  pairs: readonly AuditPair[],
  look: (inTile: readonly AuditPair[]) => Promise<void>,
): Promise<void> {
  const tiles = new Map<number, AuditPair[]>();
  for (const pair of pairs) {
    const tile = leafTile(pair.index);
    const known = tiles.get(tile);
    if (known === undefined) tiles.set(tile, [pair]);
    else known.push(pair);
  }
  let fault: unknown;
  for (const inTile of tiles.values()) {
    // One tile that cannot be read must not hide the leaves in the others.
    await look(inTile).catch((error: unknown) => {
      fault ??= error;
    });
  }
  if (fault !== undefined) throw fault;
}
