// Follows a log from outside. A round fetches the checkpoint, holds it against all that the log ever
// signed, reads every new entry down to the root, and looks for what its owner wants to know.

import { join } from 'node:path';
import { encodeHex, FormatError, formatVerifierKey, TILE_WIDTH } from '@countersign/verifier';
import { type Clock, systemClock } from '@countersign/vocabulary';
import { appendDurably, makePrivateFolder } from '../disk/durable-file.ts';
import { holdFolder } from '../disk/hold-folder.ts';
import { formatForkEvidence } from '../evidence/fork-evidence.ts';
import { keepEvidence } from '../evidence/keep-evidence.ts';
import { checkFreshness, readSigned, type SeenCheckpoint } from './check-freshness.ts';
import { checkRecords, type RecordFindings, reviewWaiting } from './check-records.ts';
import { isAnchor, readKeyEntry, type SeenKey } from './entry-check.ts';
import { checkEmptyRoot } from './hold-together.ts';
import {
  type Judgement,
  type JudgeOptions,
  judgeLatest,
  judgePending,
  judgeView,
  treeOfNote,
} from './judge-checkpoints.ts';
import { alarmOf, type MonitorAlarm, RoundEnd } from './monitor-alarm.ts';
import type { Monitor, MonitorOptions, MonitorReport } from './monitor-report.ts';
import { type MonitorState, readState, writeState } from './monitor-state.ts';
import {
  checkSkipped,
  readBatches,
  readSize,
  type SeenEntry,
  type SignedTree,
} from './read-entries.ts';

const DEFAULT_GRACE_MS = 60_000;
const DEFAULT_PATIENCE_MS = 300_000;
/** Growth since the last round from which a partial bundle is left for later (tlog-tiles). */
const FAST_GROWTH = 200;
const MAX_REPORTED = 1_000;
const MAX_WAITING = 10_000;
const ALARM_FILE = 'alarms.ndjson';

/** @throws CodedError `folder_locked`, `folder_not_empty`, `state_corrupt`, `state_of_other_log` */
export async function openMonitor(options: MonitorOptions): Promise<Monitor> {
  const { folder, key, clock = systemClock } = options;
  makePrivateFolder(folder);
  const lock = holdFolder(folder);
  try {
    const state = readState(folder, formatVerifierKey(key), clock.nowMs());
    return new FolderMonitor(options, clock, state, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** What a round has found so far. */
interface Round {
  nowMs: number;
  alarms: MonitorAlarm[];
  keys: SeenKey[];
  anchors: number;
  newEntries: number;
  witnessedMs: number | undefined;
  unreadViews: string[];
}

class FolderMonitor implements Monitor {
  readonly #options: MonitorOptions;
  readonly #clock: Clock;
  readonly #lock: { release(): void };
  #state: MonitorState;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    options: MonitorOptions,
    clock: Clock,
    state: MonitorState,
    lock: { release(): void },
  ) {
    this.#options = options;
    this.#clock = clock;
    this.#state = state;
    this.#lock = lock;
  }

  round(): Promise<MonitorReport> {
    const turn = this.#turn.then(() => this.#round());
    // Whoever takes a turn hears how it went; the next one waits for its end alone.
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.#turn;
    this.#lock.release();
  }

  async #round(): Promise<MonitorReport> {
    const round: Round = {
      nowMs: this.#clock.nowMs(),
      alarms: [],
      keys: [],
      anchors: 0,
      newEntries: 0,
      witnessedMs: undefined,
      unreadViews: [],
    };
    try {
      if (this.#state.forks.length === 0) await this.#look(round);
    } catch (error) {
      const alarm = alarmOf(error);
      if (alarm === undefined) throw error;
      // A fork is raised below, in this round as in every later one.
      if (alarm.code !== 'log_forked') round.alarms.push(alarm);
    }
    for (const file of this.#state.forks) round.alarms.push(forked(file));
    await writeState(this.#options.folder, this.#state);
    return this.#report(round);
  }

  async #look(round: Round): Promise<void> {
    const judge = this.#judgeOptions(round);
    const { known } = this.#state;
    const sizeBefore = known === undefined ? 0 : treeOfNote(known).size;
    const latest = await this.#fetchLatest(round);
    if (latest !== undefined) {
      await this.#settle(round, await judgeLatest(this.#state, latest, judge));
    }
    await this.#lookElsewhere(round, judge);
    await this.#settle(round, await judgePending(this.#state, judge));
    if (latest !== undefined) this.#checkFreshness(round, latest);
    if (this.#state.known !== undefined) {
      await this.#read(round, treeOfNote(this.#state.known), sizeBefore);
    }
    await this.#review(round);
  }

  /** Undefined, with the alarm raised, when there is no checkpoint to go on with. */
  async #fetchLatest(round: Round): Promise<SeenCheckpoint | undefined> {
    try {
      const checkpoint = await readSigned(await this.#options.reader.checkpoint(), this.#options);
      checkEmptyRoot(checkpoint);
      return checkpoint;
    } catch (error) {
      const alarm =
        error instanceof FormatError
          ? new RoundEnd('checkpoint_invalid', error.message, { reason: error.code }).alarm
          : alarmOf(error);
      if (alarm === undefined) throw error;
      round.alarms.push(alarm);
      return undefined;
    }
  }

  #checkFreshness(round: Round, latest: SeenCheckpoint): void {
    round.witnessedMs = latest.witnessedMs;
    const { changedMs } = this.#state;
    round.alarms.push(...checkFreshness(latest, changedMs, round.nowMs, this.#options));
  }

  async #lookElsewhere(round: Round, judge: JudgeOptions): Promise<void> {
    const { views = [], key } = this.#options;
    for (const view of views) {
      let note: string | undefined;
      try {
        note = await view.fetch();
        if (note === undefined) continue;
        // Signed by the log, or it says nothing about it.
        checkEmptyRoot(await readSigned(note, { key }));
      } catch {
        // Whatever kept another party's word from us says nothing about the log; it is reported.
        round.unreadViews.push(view.name);
        continue;
      }
      await this.#settle(round, judgeView(this.#state, treeOfNote(note), judge));
    }
  }

  /** Takes a judgement in; a fork is written down at once and ends the round. */
  async #settle(round: Round, { state, alarms, fork }: Judgement): Promise<void> {
    this.#state = state;
    round.alarms.push(...alarms);
    if (fork === undefined) return;
    const { folder, key } = this.#options;
    // The first fork ends the reading, so there is always room for it.
    const file =
      (await keepEvidence(folder, key.name, formatForkEvidence(key, fork))) ?? 'evidence';
    this.#state = { ...state, forks: [...state.forks, file] };
    await writeState(this.#options.folder, this.#state);
    await this.#writeAlarms(round, [forked(file)]);
    throw new RoundEnd('log_forked', 'The log has signed two histories.', { evidence: file });
  }

  async #read(round: Round, tree: SignedTree, sizeBefore: number): Promise<void> {
    const { reader, onProgress } = this.#options;
    const end = this.#endOfReading(round, tree.size, sizeBefore);
    for await (const { entries, read } of readBatches(reader, this.#state.read, tree, end)) {
      const alarms: MonitorAlarm[] = [];
      for (const check of this.#options.checks ?? []) alarms.push(...(await check.see(entries)));
      const found = await this.#findUnrecorded(entries, round.nowMs);
      alarms.push(...found.alarms);
      const { waiting } = found;
      round.keys.push(
        ...entries.flatMap((seen) => readKeyEntry(seen) ?? []).slice(0, MAX_REPORTED),
      );
      round.anchors += entries.filter(isAnchor).length;
      round.newEntries += entries.length;
      // Alarms are durable before the entries that they are about count as read.
      await this.#writeAlarms(round, alarms);
      round.alarms.push(...alarms);
      this.#state = { ...this.#state, read, waiting };
      await writeState(this.#options.folder, this.#state);
      onProgress?.({ read: readSize(read), size: tree.size });
    }
    await checkSkipped(reader, this.#state.read, tree);
  }

  /** Those that wait, these new ones included: no more than can be remembered. */
  async #findUnrecorded(entries: readonly SeenEntry[], nowMs: number): Promise<RecordFindings> {
    const { records } = this.#options;
    const before = this.#state.waiting;
    if (records === undefined) return { alarms: [], waiting: [...before] };
    const found = await checkRecords(entries, records, nowMs);
    const waiting = [...before, ...found.waiting];
    // The oldest are judged now, whatever the clock says.
    const crowded = waiting.splice(0, Math.max(0, waiting.length - MAX_WAITING));
    const judged = await reviewWaiting(crowded, records, nowMs, Number.NEGATIVE_INFINITY);
    return { alarms: [...found.alarms, ...judged.alarms], waiting };
  }

  /** How far to read now: a partial bundle of a log that grows fast is left for later. */
  #endOfReading(round: Round, size: number, sizeBefore: number): number {
    const { partialPatienceMs = DEFAULT_PATIENCE_MS } = this.#options;
    const { skippedSinceMs } = this.#state;
    const lastFull = size - (size % TILE_WIDTH);
    const isFast = size - sizeBefore > FAST_GROWTH;
    const since = skippedSinceMs ?? round.nowMs;
    const skips = lastFull < size && isFast && round.nowMs - since < partialPatienceMs;
    this.#state = { ...this.#state, skippedSinceMs: skips ? since : undefined };
    return skips ? lastFull : size;
  }

  async #review(round: Round): Promise<void> {
    const { records, graceMs = DEFAULT_GRACE_MS } = this.#options;
    const { waiting } = this.#state;
    if (records === undefined || waiting.length === 0) return;
    const { alarms, waiting: later } = await reviewWaiting(waiting, records, round.nowMs, graceMs);
    await this.#writeAlarms(round, alarms);
    round.alarms.push(...alarms);
    this.#state = { ...this.#state, waiting: later };
  }

  async #writeAlarms(round: Round, alarms: readonly MonitorAlarm[]): Promise<void> {
    if (alarms.length === 0) return;
    const lines = alarms.map((alarm) => `${JSON.stringify({ atMs: round.nowMs, ...alarm })}\n`);
    await appendDurably(join(this.#options.folder, ALARM_FILE), Buffer.from(lines.join('')));
  }

  #judgeOptions({ nowMs }: Round): JudgeOptions {
    const { reader, key, graceMs = DEFAULT_GRACE_MS } = this.#options;
    return { reader, key, nowMs, graceMs };
  }

  #report(round: Round): MonitorReport {
    const known = this.#state.known === undefined ? undefined : treeOfNote(this.#state.known);
    const { nowMs, newEntries, witnessedMs, unreadViews } = round;
    return {
      ok: round.alarms.length === 0,
      origin: this.#options.key.name,
      atMs: nowMs,
      size: known?.size,
      root: known && encodeHex(known.root),
      newEntries,
      readEntries: readSize(this.#state.read),
      witnessedMs,
      alarms: round.alarms.slice(0, MAX_REPORTED),
      keys: round.keys.slice(0, MAX_REPORTED),
      anchors: round.anchors,
      unreadViews,
    };
  }
}

function forked(file: string): MonitorAlarm {
  return {
    code: 'log_forked',
    message: 'The log signed two checkpoints that cannot both be true; the evidence is kept.',
    facts: { evidence: file },
  };
}
