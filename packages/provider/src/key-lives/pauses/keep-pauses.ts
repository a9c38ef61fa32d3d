// Keeps pauses: proposed by one person, approved by another, over by themselves. A change that was made
// already is answered with what it made.

import { checkPerson, checkSecondPerson } from './check-second-person.ts';
import {
  defaultPauseLimits,
  type KeyPause,
  type KeyPauseRow,
  type PauseLimits,
  pauseError,
  stateOf,
  toPause,
} from './key-pause.ts';
import { type KeyPauseParts, PauseBook } from './pause-book.ts';

export type { KeyPauseParts };

export interface PauseProposal {
  issuer: string;
  /** One line, shown in public. */
  reason: string;
  untilMs: number;
  /** Name of an operator. */
  by: string;
}

export interface PauseQuery {
  issuer?: string;
  /** Only those that run or wait for approval. */
  open?: boolean;
  /** Default 100, at most 500; the newest first. */
  limit?: number;
}

export interface KeyPauses {
  /**
   * Nothing is paused yet. The same again answers the same proposal.
   * @throws CodedError PauseCode but `pause_unknown`, `pause_over`
   */
  propose(proposal: PauseProposal): Promise<KeyPause>;
  /**
   * From now on the issuer's keys are not rotated. Of two that approve at once the first counts.
   * @throws CodedError `pause_unknown`, `pause_over`, `pause_malformed`, `second_person_needed`,
   * `operator_too_new`
   */
  approve(id: string, by: string): Promise<KeyPause>;
  /** Any one operator ends a pause or takes a proposal off. @throws CodedError `pause_unknown` */
  end(id: string, by: string): Promise<KeyPause>;
  list(query?: PauseQuery): Promise<KeyPause[]>;
  /** What holds the rotator back now; undefined when nothing does. */
  pausedUntil(issuer: string): Promise<{ untilMs: number; reason: string } | undefined>;
  /** How often the issuer's keys were ever paused. */
  countPauses(issuer: string): Promise<number>;
  /** Puts on record what is over by itself; a few hundred a turn. Resolves with how many. */
  sweep(): Promise<number>;
}

export function keepPauses(parts: KeyPauseParts): KeyPauses {
  const { store, clock, operators } = parts;
  const limits: PauseLimits = { ...defaultPauseLimits, ...parts.limits };
  const book = new PauseBook(parts, limits);
  const select = () => store.read.selectFrom('provider_key_pause').selectAll();
  const rowOf = async (id: string): Promise<KeyPauseRow> => {
    const row = await select().where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw pauseError('pause_unknown', 'There is no such pause.');
    return row;
  };
  const shown = async (id: string): Promise<KeyPause> =>
    toPause(await rowOf(id), clock.nowMs(), limits);
  const openOf = (issuer: string) =>
    select().where('issuer', '=', issuer).where('ended_ms', 'is', null).executeTakeFirst();
  return {
    async propose({ issuer, reason: words, untilMs, by }) {
      const reason = words.trim();
      await checkPerson(operators, by, clock.nowMs(), limits);
      const realm = await book.checkSpan(issuer, reason, untilMs);
      const row = book.newRow({ issuer, realm, reason, untilMs, by });
      const stands = await book.enter(row);
      if (stands.id !== row.id && !book.isSame(stands, row)) {
        throw pauseError(
          'pause_exists',
          'The issuer has a pause or a proposal already: approve it, end it, or wait for its end.',
        );
      }
      return toPause(stands, clock.nowMs(), limits);
    },
    async approve(id, by) {
      const row = await rowOf(id);
      const persons = { proposer: row.proposed_by, approver: by };
      await checkSecondPerson(operators, persons, clock.nowMs(), limits);
      // A key that was revoked since has another after it: the span is held against today's keys.
      if (row.approved_ms === null && row.ended_ms === null)
        await book.checkSpan(row.issuer, row.reason, row.until_ms);
      await book.approve(id, by);
      return shown(id);
    },
    async end(id, by) {
      await rowOf(id);
      await book.end(id, by);
      return shown(id);
    },
    async list({ issuer, open = false, limit = 100 } = {}) {
      const all = select().orderBy('proposed_ms', 'desc').orderBy('id').limit(Math.min(limit, 500));
      const ofIssuer = issuer === undefined ? all : all.where('issuer', '=', issuer);
      const rows = await (open ? ofIssuer.where('ended_ms', 'is', null) : ofIssuer).execute();
      const pauses = rows.map((row) => toPause(row, clock.nowMs(), limits));
      const stands = ({ state }: KeyPause): boolean => state === 'proposed' || state === 'running';
      return open ? pauses.filter(stands) : pauses;
    },
    async pausedUntil(issuer) {
      const row = await openOf(issuer);
      if (row === undefined || stateOf(row, clock.nowMs(), limits) !== 'running') return undefined;
      return { untilMs: row.until_ms, reason: row.reason };
    },
    async countPauses(issuer) {
      const { pauses } = await store.read
        .selectFrom('provider_key_pause')
        .select((row) => row.fn.countAll<number>().as('pauses'))
        .where('issuer', '=', issuer)
        .where('approved_ms', 'is not', null)
        .executeTakeFirstOrThrow();
      return Number(pauses);
    },
    sweep: () => book.sweep(),
  };
}
