// The sources that are pulled, as operators make, pause and remove them. A removed source leaves its
// records and its place in the log; made again, it begins anew and records nothing twice.

import type { Store } from '@countersign/storage';
import { type Clock, CodedError, newId, type Random } from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import { type SourceSettings, sourceSettings } from './source-settings.ts';
import type { PullSourceRow, PullTables } from './source-table.ts';

export type SourceCode = 'source_unknown' | 'source_exists' | 'source_setting' | 'too_many_sources';

export interface PullSourceView {
  id: string;
  tenant: string;
  name: string;
  settings: SourceSettings;
  enabled: boolean;
  nextMs: number;
  lastTurnMs: number | null;
  lastGoodMs: number | null;
  watermarkMs: number | null;
  failures: number;
  /** Why the last turn failed; null when it did not. */
  error: { code: string; message: string } | null;
  records: number;
  createdMs: number;
  createdBy: string;
}

export interface NewSource {
  tenant: string;
  name: string;
  settings: unknown;
  by: string;
}

export interface SourceParts {
  store: Store<PullTables>;
  clock: Clock;
  random: Random;
}

type Tx = Kysely<PullTables>;
/** What must be durable with the change: the event that tells of it. */
export type Beside = (source: PullSourceView, tx: Tx) => Promise<unknown>;

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
/** Each is a request a minute. */
const MOST_SOURCES = 200;

export class PullSources {
  readonly #parts: SourceParts;

  constructor(parts: SourceParts) {
    this.#parts = parts;
  }

  /** @throws CodedError SourceCode */
  async create(wanted: NewSource, beside: Beside): Promise<PullSourceView> {
    const { store, clock, random } = this.#parts;
    const parsed = sourceSettings.safeParse(wanted.settings);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw refuse('source_setting', `${issue?.path.join('.')}: ${issue?.message}`);
    }
    if (!NAME.test(wanted.name)) {
      throw refuse('source_setting', 'name: a-z, 0-9 and -, at most 64.');
    }
    const nowMs = clock.nowMs();
    const row: PullSourceRow = {
      ...{ id: newId(random), tenant: wanted.tenant, name: wanted.name },
      ...{ settings: JSON.stringify(parsed.data), enabled: 1, checkpoint: null, next_ms: nowMs },
      ...{ last_turn_ms: null, last_good_ms: null, watermark_ms: null, failures: 0 },
      ...{ error_code: null, error: null, records: 0, created_ms: nowMs, created_by: wanted.by },
    };
    return await store.transaction(async (tx) => {
      const { count } = await tx
        .selectFrom('pull_source')
        .select((columns) => columns.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      if (count >= MOST_SOURCES) {
        throw refuse('too_many_sources', `One server pulls ${MOST_SOURCES} sources.`);
      }
      const taken = await tx
        .selectFrom('pull_source')
        .select('id')
        .where('tenant', '=', row.tenant)
        .where('name', '=', row.name)
        .executeTakeFirst();
      if (taken !== undefined) throw refuse('source_exists', `There is a source ${row.name}.`);
      await tx.insertInto('pull_source').values(row).execute();
      await beside(viewOf(row), tx);
      return viewOf(row);
    });
  }

  async list(tenant?: string): Promise<PullSourceView[]> {
    const all = this.#parts.store.read.selectFrom('pull_source').selectAll();
    const wanted = tenant === undefined ? all : all.where('tenant', '=', tenant);
    return (await wanted.orderBy('tenant').orderBy('name').execute()).map(viewOf);
  }

  /** @throws CodedError `source_unknown` */
  async find(id: string): Promise<PullSourceView> {
    return viewOf(await this.row(id));
  }

  /** Pauses, resumes, or has it read at once. @throws CodedError `source_unknown` */
  async change(
    id: string,
    { enabled, due }: { enabled?: boolean; due?: boolean },
    beside: Beside,
  ): Promise<PullSourceView> {
    const { store, clock } = this.#parts;
    return await store.transaction(async (tx) => {
      await tx
        .updateTable('pull_source')
        .set({
          ...(enabled === undefined ? {} : { enabled: enabled ? 1 : 0 }),
          ...(due === true || enabled === true ? { next_ms: clock.nowMs() } : {}),
        })
        .where('id', '=', id)
        .execute();
      const view = viewOf(await this.row(id, tx));
      await beside(view, tx);
      return view;
    });
  }

  /** @throws CodedError `source_unknown` */
  async remove(id: string, beside: Beside): Promise<PullSourceView> {
    return await this.#parts.store.transaction(async (tx) => {
      const view = viewOf(await this.row(id, tx));
      await tx.deleteFrom('pull_source').where('id', '=', id).execute();
      await beside(view, tx);
      return view;
    });
  }

  /** Those whose turn it is, the longest due first. */
  async due(limit: number): Promise<PullSourceRow[]> {
    return await this.#parts.store.read
      .selectFrom('pull_source')
      .selectAll()
      .where('enabled', '=', 1)
      .where('next_ms', '<=', this.#parts.clock.nowMs())
      .orderBy('next_ms')
      .limit(limit)
      .execute();
  }

  /** @throws CodedError `source_unknown` */
  async row(id: string, db: Tx = this.#parts.store.read): Promise<PullSourceRow> {
    const row = await db
      .selectFrom('pull_source')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw refuse('source_unknown', 'There is no source of that id.');
    return row;
  }
}

function viewOf(row: PullSourceRow): PullSourceView {
  const { error_code: code, error: message } = row;
  return {
    ...{ id: row.id, tenant: row.tenant, name: row.name, enabled: row.enabled === 1 },
    settings: sourceSettings.parse(JSON.parse(row.settings)),
    ...{ nextMs: row.next_ms, lastTurnMs: row.last_turn_ms, lastGoodMs: row.last_good_ms },
    ...{ watermarkMs: row.watermark_ms, failures: row.failures, records: row.records },
    error: code === null ? null : { code, message: message ?? '' },
    ...{ createdMs: row.created_ms, createdBy: row.created_by },
  };
}

function refuse(code: SourceCode, message: string): CodedError<SourceCode> {
  return new CodedError(code, message);
}
