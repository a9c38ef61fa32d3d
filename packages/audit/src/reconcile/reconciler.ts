// accepted ⊆ issued = signed = logged, continuously (C-24, C-27). Call `catchUpAtBoot` before
// anything is issued, then `tick` about once a second, and whenever uses came in.

import type { AbandonedBuilds } from '../store/abandoned-builds.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { catchUpAtBoot } from './catch-up-at-boot.ts';
import { readLedgerHeights, rolledBack } from './find-rollback.ts';
import type { Finding } from './finding.ts';
import { judgeSignatures, MOST_SIGNATURES, settleSignatures } from './follow-journal.ts';
import { judgeLeaves, MOST_LEAVES, settleLeaves } from './follow-log.ts';
import { followUses, MOST_USES_AT_ONCE } from './follow-uses.ts';
import { judgeEvidence } from './judge-evidence.ts';
import { readCursor } from './move-cursor.ts';
import { notifyFindings } from './notify-findings.ts';
import { raiseFinding } from './raise-finding.ts';
import { logSize, type ReconcilerSources } from './sources.ts';
import { sweepUses } from './sweep-uses.ts';
import { AwakeTime, GrowthWatch } from './watch-growth.ts';

export interface ReconcilerLimits {
  /**
   * A leaf or signature without a ledger row is judged when it was in sight so long. Default 5,000.
   * A build that takes longer is refused its ledger row, and so its token.
   */
  graceMs: number;
  /** Time verifiers have to learn of a revocation. Default 120,000. */
  revocationGraceMs: number;
  /** Token builds that can be under way at one moment. Default 4,096. */
  mostBuildsInFlight: number;
}

export interface Reconciler {
  /** Notes what the last stop cut short. Once, before anything is issued. */
  catchUpAtBoot(): Promise<Finding[]>;
  /**
   * Judges what is due and resolves with the findings it told `onFinding` about. Calls while one is
   * running share one further run.
   * A part that fails holds up no other: a silent log delays no alarm about a forgery.
   * @throws AggregateError of what failed (StorageCode, `reconciler_overtaken`, or what a source
   * threw); nothing is lost, the next tick goes on from where the last finished.
   */
  tick(): Promise<Finding[]>;
}

const SWEEP_EVERY_MS = 10_000;
/** Pages of each kind that one tick works through. */
const MOST_PAGES = 256;

export class LedgerReconciler implements Reconciler {
  readonly #room: AuditRoom;
  readonly #abandoned: AbandonedBuilds;
  readonly #sources: ReconcilerSources;
  readonly #limits: ReconcilerLimits;
  readonly #awake: AwakeTime;
  readonly #logWatch: GrowthWatch;
  readonly #journalWatch: GrowthWatch;
  #sweptMs = 0;
  #running: Promise<Finding[]> | undefined;
  #queued: Promise<Finding[]> | undefined;

  constructor(
    room: AuditRoom,
    abandoned: AbandonedBuilds,
    sources: ReconcilerSources,
    limits: ReconcilerLimits,
  ) {
    this.#room = room;
    this.#abandoned = abandoned;
    this.#sources = sources;
    this.#limits = limits;
    // However long the process stood still, that counts as a quarter of the grace.
    this.#awake = new AwakeTime(limits.graceMs / 4);
    this.#logWatch = new GrowthWatch(limits.graceMs);
    this.#journalWatch = new GrowthWatch(limits.graceMs);
  }

  async catchUpAtBoot(): Promise<Finding[]> {
    await catchUpAtBoot(this.#room, this.#sources, this.#limits.mostBuildsInFlight);
    const findings: Finding[] = [];
    const troubles = await this.#notify(findings);
    if (troubles.length > 0) throw new AggregateError(troubles, 'Findings could not be told.');
    return findings;
  }

  tick(): Promise<Finding[]> {
    if (this.#running === undefined) {
      this.#running = this.#run().finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    this.#queued ??= this.#running
      .catch(() => [])
      .then(() => {
        this.#queued = undefined;
        return this.tick();
      });
    return this.#queued;
  }

  async #run(): Promise<Finding[]> {
    // While this cannot be written nothing may be judged: honest builds would look like attacks.
    await this.#abandoned.flush();
    const troubles: unknown[] = [];
    const attempt = <T>(job: Promise<T>): Promise<T | undefined> =>
      job.catch((error: unknown) => {
        troubles.push(error);
        return undefined;
      });
    const check = this.#sources.verifyEvidence;
    const unanswered = await attempt(judgeEvidence(this.#room, (token) => check(token)));
    troubles.push(...(unanswered ?? []));
    await attempt(this.#followUses());
    await attempt(this.#followNumbers());
    await attempt(this.#sweep());
    const findings: Finding[] = [];
    troubles.push(...(await this.#notify(findings)));
    if (troubles.length > 0) {
      throw new AggregateError(troubles, 'Some of the reconciling failed; the next tick goes on.');
    }
    return findings;
  }

  async #sweep(): Promise<void> {
    const nowMs = this.#room.clock.nowMs();
    if (nowMs - this.#sweptMs < SWEEP_EVERY_MS) return;
    await sweepUses(this.#room);
    this.#sweptMs = nowMs;
  }

  async #notify(told: Finding[]): Promise<unknown[]> {
    return notifyFindings(this.#room, (finding) => this.#sources.onFinding(finding), told);
  }

  async #followUses(): Promise<void> {
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const count = await followUses(this.#room, this.#sources, this.#limits.revocationGraceMs);
      if (count < MOST_USES_AT_ONCE) return;
    }
  }

  async #followNumbers(): Promise<void> {
    const log = await readCursor(this.#room, 'log');
    const journal = await readCursor(this.#room, 'journal');
    // In this order: the ledger only knows numbers that log and journal gave out before.
    const heights = await readLedgerHeights(this.#room, { log, journal });
    const durableSize = await logSize(this.#sources);
    const { lastNumber } = await this.#sources.readJournal(journal, 1);
    const awakeMs = this.#awake.look(this.#room.clock.nowMs());
    if (!(await this.#rolledBack('log', heights.log, durableSize))) {
      await this.#followLog(log, this.#logWatch.observe(durableSize, awakeMs));
    }
    if (!(await this.#rolledBack('journal', heights.journal, lastNumber))) {
      await this.#followJournal(journal, this.#journalWatch.observe(lastNumber + 1, awakeMs));
    }
  }

  async #rolledBack(what: 'log' | 'journal', height: number, size: number): Promise<boolean> {
    const draft = rolledBack(this.#room, what, height, size);
    if (draft === undefined) return false;
    await this.#room.store.transaction((tx) => raiseFinding(this.#room, tx, draft));
    return true;
  }

  async #followLog(cursor: number, ripe: number): Promise<void> {
    let from = cursor;
    for (let page = 0; page < MOST_PAGES && from < ripe; page += 1) {
      const limit = Math.min(MOST_LEAVES, ripe - from);
      const { entries } = await this.#sources.readEntries(from, limit);
      if (entries.length === 0) return;
      const judged = await judgeLeaves(this.#room, from, entries);
      if (await settleLeaves(this.#room, from, judged)) from = judged.next;
    }
  }

  async #followJournal(cursor: number, ripe: number): Promise<void> {
    let from = cursor;
    for (let page = 0; page < MOST_PAGES && from < ripe; page += 1) {
      const limit = Math.min(MOST_SIGNATURES, ripe - from);
      const { entries } = await this.#sources.readJournal(from, limit);
      if (entries.length === 0) return;
      const judged = await judgeSignatures(this.#room, from, entries);
      await settleSignatures(this.#room, from, judged);
      from = judged.next;
    }
  }
}
