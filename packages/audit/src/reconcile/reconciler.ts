// accepted ⊆ issued = signed = logged, continuously (C-24, C-27). Call `catchUpAtBoot` before
// anything is issued, then `tick` about once a second, and whenever uses came in.

import type { AbandonedBuilds } from '../store/abandoned-builds.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { indexOf } from '../store/numbered-places.ts';
import { readLedgerOfKeys } from '../tally/compare-custody.ts';
import { TallyKeeper } from '../tally/keep-tally.ts';
import { DeadKeys } from '../tripwire/dead-keys.ts';
import { RequestWatch } from '../tripwire/follow-requests.ts';
import { catchUpJournal, catchUpLog } from './catch-up-at-boot.ts';
import { CrashExcuses } from './excuse-crashes.ts';
import { readHeight, rolledBack } from './find-rollback.ts';
import type { Finding } from './finding.ts';
import { judgeSignatures, MOST_SIGNATURES, settleSignatures } from './follow-journal.ts';
import { judgeLeaves, MOST_LEAVES, settleLeaves } from './follow-log.ts';
import { followUses, MOST_USES_AT_ONCE } from './follow-uses.ts';
import { judgeEvidence } from './judge-evidence.ts';
import { readCursor } from './move-cursor.ts';
import { notifyFindings } from './notify-findings.ts';
import { raiseFinding } from './raise-finding.ts';
import {
  endOf,
  type Followed,
  type FollowedJournal,
  type FollowedLog,
  followedJournals,
  followedLogs,
  type ReconcilerSources,
} from './sources.ts';
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
  /**
   * Notes what the last stop cut short. Once, before anything is issued. Of several logs one must
   * answer, and of several signers; for the others it is noted when they do. @throws whatever the only
   * log or the only signer threw
   */
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
const SIGNERS_EVERY_MS = 2000;
/** Pages of each kind that one tick works through. */
const MOST_PAGES = 256;

export class LedgerReconciler implements Reconciler {
  readonly #room: AuditRoom;
  readonly #abandoned: AbandonedBuilds;
  readonly #sources: ReconcilerSources;
  readonly #limits: ReconcilerLimits;
  readonly #awake: AwakeTime;
  readonly #logs: readonly FollowedLog[];
  readonly #journals: readonly FollowedJournal[];
  readonly #watches = new Map<Followed, GrowthWatch>();
  /** For logs and signers that did not answer at the start. */
  readonly #excuses = new CrashExcuses();
  readonly #tally: TallyKeeper;
  readonly #dead: DeadKeys;
  readonly #requests: RequestWatch;
  #sweptMs = 0;
  #askedMs = Number.NEGATIVE_INFINITY;
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
    this.#logs = followedLogs(room, sources);
    this.#journals = followedJournals(room, sources);
    for (const followed of [...this.#logs, ...this.#journals]) {
      this.#watches.set(followed, new GrowthWatch(limits.graceMs));
    }
    this.#tally = new TallyKeeper(room, this.#logs, this.#journals);
    this.#dead = new DeadKeys(room);
    this.#requests = new RequestWatch(room, this.#dead);
  }

  async catchUpAtBoot(): Promise<Finding[]> {
    const most = this.#limits.mostBuildsInFlight;
    await this.#catchUp(this.#logs, (log) => catchUpLog(this.#room, log, most, this.#sources));
    await this.#catchUp(this.#journals, (journal) => catchUpJournal(this.#room, journal, most));
    // Which keys are over is also on record; a signer that is away now says it later.
    const keys = await this.#sources.listOwnKeys?.().catch(() => []);
    this.#dead.learn(keys ?? []);
    const findings: Finding[] = [];
    const troubles = await this.#notify(findings);
    if (troubles.length > 0) throw new AggregateError(troubles, 'Findings could not be told.');
    return findings;
  }

  /** @throws what the first threw, when none answered */
  async #catchUp<T extends Followed>(
    all: readonly T[],
    catchUp: (followed: T) => Promise<void>,
  ): Promise<void> {
    const { mostBuildsInFlight: most } = this.#limits;
    for (const followed of all) {
      const cursor = await readCursor(this.#room, followed.cursor);
      this.#excuses.give(followed, await readHeight(this.#room, followed, cursor), most);
    }
    const outcomes = await Promise.allSettled(
      all.map(async (followed) => {
        await catchUp(followed);
        this.#excuses.end(followed);
      }),
    );
    const [first] = outcomes;
    const none = outcomes.every(({ status }) => status === 'rejected');
    if (none && first?.status === 'rejected') throw first.reason;
  }

  tick(): Promise<Finding[]> {
    if (this.#running === undefined) {
      this.#running = this.#run().finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    // Whoever asked for that run hears how it went.
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
    const unanswered = await attempt(
      judgeEvidence(this.#room, this.#dead, (token) => check(token)),
    );
    troubles.push(...(unanswered ?? []));
    await attempt(this.#followUses());
    const findings: Finding[] = [];
    // Told before logs and signers are waited for: what was proven concerns somebody now.
    troubles.push(...(await this.#notify(findings)));
    const awakeMs = this.#awake.look(this.#room.clock.nowMs());
    for (const log of this.#logs) await attempt(this.#follow(log, awakeMs));
    for (const journal of this.#journals) await attempt(this.#follow(journal, awakeMs));
    await attempt(this.#tally.countAgain());
    await attempt(this.#tally.lookAgain());
    await attempt(this.#askSigners());
    await attempt(this.#sweep());
    troubles.push(...(await this.#notify(findings)));
    if (troubles.length > 0) {
      throw new AggregateError(troubles, 'Some of the reconciling failed; the next tick goes on.');
    }
    return findings;
  }

  /** What the signers say of their keys and of who asked for them. */
  async #askSigners(): Promise<void> {
    const nowMs = this.#room.clock.nowMs();
    const sinceMs = nowMs - this.#askedMs;
    if (sinceMs >= 0 && sinceMs < SIGNERS_EVERY_MS) return;
    this.#askedMs = nowMs;
    const { listOwnKeys, listTripped } = this.#sources;
    const ledger = await readLedgerOfKeys(this.#room);
    const keys = await listOwnKeys?.();
    if (keys !== undefined) {
      this.#dead.learn(keys);
      await this.#tally.compareCustody(ledger, keys);
    }
    if (listTripped !== undefined) await this.#requests.look(await listTripped());
  }

  async #sweep(): Promise<void> {
    const nowMs = this.#room.clock.nowMs();
    if (nowMs - this.#sweptMs < SWEEP_EVERY_MS) return;
    // At once again while there is more: reports may come in faster than that.
    if (!(await sweepUses(this.#room))) this.#sweptMs = nowMs;
  }

  async #notify(told: Finding[]): Promise<unknown[]> {
    return notifyFindings(this.#room, (finding) => this.#sources.onFinding(finding), told);
  }

  async #followUses(): Promise<void> {
    const answering = new Set(this.#logs);
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const grace = this.#limits.revocationGraceMs;
      const count = await followUses(this.#room, answering, this.#dead, grace);
      if (count < MOST_USES_AT_ONCE) return;
    }
  }

  async #follow(followed: Followed, awakeMs: number): Promise<void> {
    const cursor = await readCursor(this.#room, followed.cursor);
    // In this order: the ledger only knows numbers that the log or signer gave out before.
    const height = await readHeight(this.#room, followed, cursor);
    const end = await endOf(followed, cursor);
    const draft = rolledBack(this.#room, followed, height, end);
    if (draft !== undefined) {
      await this.#room.store.transaction((tx) => raiseFinding(this.#room, tx, draft));
      return;
    }
    this.#excuses.narrow(followed, cursor, end);
    const ripe = this.#watches.get(followed)?.observe(end, awakeMs) ?? 0;
    if (followed.kind === 'log') await this.#followLog(followed, cursor, ripe);
    else await this.#followJournal(followed, cursor, ripe);
  }

  async #followLog(log: FollowedLog, cursor: number, ripe: number): Promise<void> {
    const follower = { cursor: log.cursor, excuse: this.#excuses.of(log) };
    let from = cursor;
    for (let page = 0; page < MOST_PAGES && from < ripe; page += 1) {
      const limit = Math.min(MOST_LEAVES, ripe - from);
      const { entries } = await log.source.readEntries(indexOf(from), limit);
      if (entries.length === 0) return;
      const judged = await judgeLeaves(this.#room, from, entries, this.#sources);
      if (await settleLeaves(this.#room, follower, from, judged)) from = judged.next;
    }
  }

  async #followJournal(journal: FollowedJournal, cursor: number, ripe: number): Promise<void> {
    const excuse = this.#excuses.of(journal);
    let from = cursor;
    for (let page = 0; page < MOST_PAGES && from < ripe; page += 1) {
      const limit = Math.min(MOST_SIGNATURES, ripe - from);
      const { entries } = await journal.source.readJournal(indexOf(from), limit);
      if (entries.length === 0) return;
      const judged = await judgeSignatures(this.#room, journal, from, entries);
      await settleSignatures(this.#room, journal, from, judged, excuse);
      from = judged.next;
    }
  }
}
