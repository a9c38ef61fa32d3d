// The sinks that operators and tenants make, pause and remove. The secret is written before the sink is
// on record and taken away after it; it is shown to nobody, but for a webhook's key when it was made here.

import type { Store } from '@countersign/storage';
import { type Clock, newId, newSecret, type Random } from '@countersign/vocabulary';
import type { Kysely } from 'kysely';
import type { z } from 'zod';
import { pushError } from './push-error.ts';
import { type SinkSettings, secretSchema, sinkSettings } from './sink-settings.ts';
import type { PushSinkRow, PushTables, SetAsideRow } from './sink-table.ts';

export interface PushSinkView {
  id: string;
  tenant: string;
  name: string;
  settings: SinkSettings;
  enabled: boolean;
  /** The last position of the tenant's log that the sink has taken. */
  position: number;
  nextMs: number;
  lastGoodMs: number | null;
  failures: number;
  /** Why the last try failed; null when it did not. */
  error: { code: string; message: string } | null;
  delivered: number;
  setAside: number;
  createdMs: number;
  createdBy: string;
}

/** Where secrets lie: files that only the server reads. */
export interface SinkSecrets {
  keep(id: string, secret: unknown): void;
  /** Undefined when it is not there or unreadable. */
  read(id: string): unknown;
  remove(id: string): void;
}

export interface NewSink {
  tenant: string;
  name: string;
  settings: unknown;
  secret?: unknown;
  /** Position to begin behind; 0 for everything there is. */
  position: number;
  by: string;
}

export interface SinkParts {
  store: Store<PushTables>;
  clock: Clock;
  random: Random;
  secrets: SinkSecrets;
}

type Tx = Kysely<PushTables>;
/** What must be durable with the change: the event that tells of it. */
export type BesideSink = (sink: PushSinkView, tx: Tx) => Promise<unknown>;

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
/** Each may hold a batch and a connection. */
const MOST_SINKS = 100;

export class PushSinks {
  readonly #parts: SinkParts;

  constructor(parts: SinkParts) {
    this.#parts = parts;
  }

  /** @returns the sink, and the key of a webhook if it was made here. @throws CodedError PushCode */
  async create(
    wanted: NewSink,
    beside: BesideSink,
  ): Promise<{ sink: PushSinkView; webhookKey?: string }> {
    const { store, clock, random, secrets } = this.#parts;
    if (!NAME.test(wanted.name)) {
      throw pushError('sink_setting', 'name: a-z, 0-9 and -, at most 64.');
    }
    const settings = parse(sinkSettings, wanted.settings) as SinkSettings;
    const given = parse(secretSchema(settings.kind), wanted.secret);
    const made = settings.kind === 'webhook' && given === undefined ? makeKey(random) : undefined;
    const nowMs = clock.nowMs();
    const row: PushSinkRow = {
      ...{ id: newId(random), tenant: wanted.tenant, name: wanted.name },
      ...{ settings: JSON.stringify(settings), enabled: 1, position: wanted.position },
      ...{ next_ms: nowMs, last_good_ms: null, failures: 0, error_code: null, error: null },
      ...{ delivered: 0, set_aside: 0, created_ms: nowMs, created_by: wanted.by },
    };
    secrets.keep(row.id, made ?? given ?? null);
    try {
      await store.transaction(async (tx) => {
        await refuseDouble(tx, row);
        await tx.insertInto('push_sink').values(row).execute();
        await beside(viewOf(row), tx);
      });
    } catch (error) {
      secrets.remove(row.id);
      throw error;
    }
    return { sink: viewOf(row), ...(made === undefined ? {} : { webhookKey: made.key }) };
  }

  async list(tenant?: string): Promise<PushSinkView[]> {
    const all = this.#parts.store.read.selectFrom('push_sink').selectAll();
    const wanted = tenant === undefined ? all : all.where('tenant', '=', tenant);
    return (await wanted.orderBy('tenant').orderBy('name').execute()).map(viewOf);
  }

  /** @throws CodedError `sink_unknown` */
  async find(id: string): Promise<PushSinkView> {
    return viewOf(await this.#row(id));
  }

  /** The events that the sink would not take, the newest first; 100 at most. */
  async listSetAside(id: string): Promise<SetAsideRow[]> {
    const all = this.#parts.store.read.selectFrom('push_set_aside').selectAll();
    return await all.where('sink', '=', id).orderBy('position', 'desc').limit(100).execute();
  }

  /** Pauses, resumes, or tries at once. @throws CodedError `sink_unknown` */
  async change(
    id: string,
    { enabled, due }: { enabled?: boolean; due?: boolean },
    beside: BesideSink,
  ): Promise<PushSinkView> {
    const { store, clock } = this.#parts;
    return await store.transaction(async (tx) => {
      await tx
        .updateTable('push_sink')
        .set({
          ...(enabled === undefined ? {} : { enabled: enabled ? 1 : 0 }),
          ...(due === true || enabled === true ? { next_ms: clock.nowMs() } : {}),
          // An update without a change is none that the database takes.
          name: (await this.#row(id, tx)).name,
        })
        .where('id', '=', id)
        .execute();
      const view = viewOf(await this.#row(id, tx));
      await beside(view, tx);
      return view;
    });
  }

  /** @throws CodedError `sink_unknown` */
  async remove(id: string, beside: BesideSink): Promise<void> {
    const { store, secrets } = this.#parts;
    await store.transaction(async (tx) => {
      const view = viewOf(await this.#row(id, tx));
      await tx.deleteFrom('push_set_aside').where('sink', '=', id).execute();
      await tx.deleteFrom('push_sink').where('id', '=', id).execute();
      await beside(view, tx);
    });
    secrets.remove(id);
  }

  /** Those whose turn it is, the longest due first. */
  async due(limit: number): Promise<PushSinkRow[]> {
    return await this.#parts.store.read
      .selectFrom('push_sink')
      .selectAll()
      .where('enabled', '=', 1)
      .where('next_ms', '<=', this.#parts.clock.nowMs())
      .orderBy('next_ms')
      .limit(limit)
      .execute();
  }

  async #row(id: string, db: Tx = this.#parts.store.read): Promise<PushSinkRow> {
    const all = db.selectFrom('push_sink').selectAll();
    const row = await all.where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw pushError('sink_unknown', 'There is no sink of that id.');
    return row;
  }
}

async function refuseDouble(tx: Tx, { tenant, name }: PushSinkRow): Promise<void> {
  const { count } = await tx
    .selectFrom('push_sink')
    .select((columns) => columns.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  if (count >= MOST_SINKS) {
    throw pushError('too_many_sinks', `One server feeds ${MOST_SINKS} sinks.`);
  }
  const taken = await tx
    .selectFrom('push_sink')
    .select('id')
    .where('tenant', '=', tenant)
    .where('name', '=', name)
    .executeTakeFirst();
  if (taken !== undefined) throw pushError('sink_exists', `There is a sink ${name}.`);
}

function makeKey(random: Random): { key: string } {
  return { key: `whsec_${Buffer.from(newSecret(random), 'base64url').toString('base64')}` };
}

/** Says which member is wrong, never what was in it: it may be a secret. */
function parse(schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.join('.') ?? '';
  throw pushError('sink_setting', `${place === '' ? 'settings' : place}: ${issue?.message}`);
}

export function viewOf(row: PushSinkRow): PushSinkView {
  const { error_code: code, error: message } = row;
  return {
    ...{ id: row.id, tenant: row.tenant, name: row.name, enabled: row.enabled === 1 },
    settings: sinkSettings.parse(JSON.parse(row.settings)),
    ...{ position: row.position, nextMs: row.next_ms, lastGoodMs: row.last_good_ms },
    failures: row.failures,
    error: code === null ? null : { code, message: message ?? '' },
    ...{ delivered: row.delivered, setAside: row.set_aside },
    ...{ createdMs: row.created_ms, createdBy: row.created_by },
  };
}
