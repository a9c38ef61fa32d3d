// The rows of pauses and the events that go with them: each change is one transaction with its event.

import type { Audit } from '@countersign/audit';
import type { Store } from '@countersign/storage';
import {
  type Clock,
  type CountersignEvent,
  newId,
  type Random,
  type RealmId,
} from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import type { KnownOperators } from './check-second-person.ts';
import {
  endOf,
  type KeyPauseRow,
  LONGEST_REASON,
  type PauseLimits,
  pauseError,
  stateOf,
} from './key-pause.ts';

export interface PauseTables {
  provider_key_pause: KeyPauseRow;
}

/** What a pause must know of a key: the signer's client answers that. */
interface PausableKey {
  life: { state: string };
  scope: { tenant: string; population: string; notAfterSeconds: number };
}

export interface KeyPauseParts {
  store: Store<PauseTables>;
  audit: Pick<Audit, 'record'>;
  clock: Clock;
  random: Random;
  operators: KnownOperators;
  signer: { listKeys(issuer: string): Promise<readonly PausableKey[]> };
  limits?: Partial<PauseLimits>;
}

type Tx = Kysely<PauseTables>;
const MOST_SWEPT = 200;
const WORDS = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u;

/** The writing half: rows and the events that go with them. */
export class PauseBook {
  readonly #parts: KeyPauseParts;
  readonly #limits: PauseLimits;

  constructor(parts: KeyPauseParts, limits: PauseLimits) {
    this.#parts = parts;
    this.#limits = limits;
  }

  /**
   * The span a pause may have: not past the end of any key that signs now, so that it prolongs none.
   * @returns the realm of the issuer
   */
  async checkSpan(issuer: string, reason: string, untilMs: number): Promise<RealmId> {
    const nowMs = this.#parts.clock.nowMs();
    if (reason === '' || reason.length > LONGEST_REASON || !WORDS.test(reason)) {
      throw pauseError(
        'pause_malformed',
        `A pause needs a reason: one line of at most ${LONGEST_REASON} characters, for everybody to read.`,
      );
    }
    const active = (await this.#parts.signer.listKeys(issuer)).filter(
      ({ life, scope }) => life.state === 'active' && scope.notAfterSeconds * 1000 > nowMs,
    );
    const [first] = active;
    if (first === undefined) {
      throw pauseError('issuer_unknown', 'There is no key of such an issuer that signs.');
    }
    const keyEndMs = Math.min(...active.map(({ scope }) => scope.notAfterSeconds * 1000));
    const latestMs = Math.min(nowMs + this.#limits.longestPauseMs, keyEndMs);
    if (!Number.isSafeInteger(untilMs) || untilMs <= nowMs || untilMs > latestMs) {
      throw pauseError(
        'pause_malformed',
        `A pause ends after now and by ${new Date(latestMs).toISOString()}: ${latestMs === keyEndMs ? 'a key ends then, and no pause prolongs it' : 'longer ones must be decided again'}.`,
      );
    }
    return `${first.scope.tenant}/${first.scope.population}` as RealmId;
  }

  newRow(given: {
    issuer: string;
    realm: RealmId;
    reason: string;
    untilMs: number;
    by: string;
  }): KeyPauseRow {
    return {
      id: newId(this.#parts.random),
      issuer: given.issuer,
      realm: given.realm,
      reason: given.reason,
      proposed_by: given.by,
      proposed_ms: this.#parts.clock.nowMs(),
      until_ms: given.untilMs,
      approved_by: null,
      approved_ms: null,
      ended_by: null,
      ended_ms: null,
    };
  }

  isSame(one: KeyPauseRow, other: KeyPauseRow): boolean {
    return (['reason', 'proposed_by', 'until_ms'] as const).every((at) => one[at] === other[at]);
  }

  /** Resolves with the row that stands then: this one, or the open one that was there. */
  async enter(row: KeyPauseRow): Promise<KeyPauseRow> {
    return await this.#parts.store.transaction(async (tx) => {
      const open = await this.#settle(tx, row.issuer);
      if (open !== undefined) return open;
      await tx.insertInto('provider_key_pause').values(row).execute();
      await this.#tell(tx, { name: 'key.pause_proposed', subject: row.proposed_by }, row);
      return row;
    });
  }

  /** Leaves one that runs as it is. @throws CodedError `pause_over` */
  async approve(id: string, by: string): Promise<void> {
    await this.#parts.store.transaction(async (tx) => {
      const row = await this.#read(tx, id);
      const state = stateOf(row, this.#nowMs(), this.#limits);
      if (state === 'running') return;
      if (state !== 'proposed') {
        throw pauseError('pause_over', `This pause is ${state}: propose another.`);
      }
      const approved = { approved_by: by, approved_ms: this.#nowMs() };
      await tx.updateTable('provider_key_pause').set(approved).where('id', '=', id).execute();
      await this.#tell(tx, { name: 'key.paused', subject: by }, row);
    });
  }

  /** Leaves one that is over as it is. */
  async end(id: string, by: string): Promise<void> {
    await this.#parts.store.transaction(async (tx) => {
      const row = await this.#read(tx, id);
      await this.#settle(tx, row.issuer);
      const state = stateOf(row, this.#nowMs(), this.#limits);
      if (state !== 'running' && state !== 'proposed') return;
      const ended = { ended_by: by, ended_ms: this.#nowMs() };
      await tx.updateTable('provider_key_pause').set(ended).where('id', '=', id).execute();
      const reason = state === 'running' ? 'ended_early' : 'withdrawn';
      await this.#tell(tx, { name: 'key.pause_ended', subject: by, reason }, row);
    });
  }

  async sweep(): Promise<number> {
    const nowMs = this.#nowMs();
    const over = await this.#parts.store.read
      .selectFrom('provider_key_pause')
      .select('issuer')
      .where('ended_ms', 'is', null)
      .where((row) =>
        row.or([
          row('until_ms', '<=', nowMs),
          row.and([
            row('approved_ms', 'is', null),
            row('proposed_ms', '<=', nowMs - this.#limits.longestProposalMs),
          ]),
        ]),
      )
      .limit(MOST_SWEPT)
      .execute();
    for (const { issuer } of over)
      await this.#parts.store.transaction((tx) => this.#settle(tx, issuer));
    return over.length;
  }

  /**
   * Puts the end of what is over by itself on record; once, whoever comes to it first.
   * @returns what is open still
   */
  async #settle(tx: Tx, issuer: string): Promise<KeyPauseRow | undefined> {
    const row = await tx
      .selectFrom('provider_key_pause')
      .selectAll()
      .where('issuer', '=', issuer)
      .where('ended_ms', 'is', null)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const state = stateOf(row, this.#nowMs(), this.#limits);
    if (state !== 'expired' && state !== 'lapsed') return row;
    const ended_ms = endOf(row, this.#limits);
    await tx.updateTable('provider_key_pause').set({ ended_ms }).where('id', '=', row.id).execute();
    await this.#tell(tx, { name: 'key.pause_ended', reason: state }, row);
    return undefined;
  }

  async #read(tx: Tx, id: string): Promise<KeyPauseRow> {
    return await tx
      .selectFrom('provider_key_pause')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
  }

  async #tell(
    tx: Tx,
    event: Pick<CountersignEvent, 'name' | 'subject' | 'reason'>,
    row: KeyPauseRow,
  ): Promise<void> {
    const { id: pauseId, until_ms: untilMs, reason: reasonGiven } = row;
    const extra: Record<string, string | number> = { pauseId, untilMs, reasonGiven };
    if (event.name === 'key.paused') extra['proposedBy'] = row.proposed_by;
    await this.#parts.audit.record(
      [
        {
          ...event,
          timeMs: this.#nowMs(),
          realm: row.realm as RealmId,
          token: { kind: 'other', issuer: row.issuer },
          extra,
        },
      ],
      tx,
    );
  }

  #nowMs(): number {
    return this.#parts.clock.nowMs();
  }
}
