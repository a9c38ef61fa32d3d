// One turn at one source, under its lease: pages are recorded, then their checkpoint is stored, fenced,
// so that a server that was overtaken can record a page twice (which is known) but never set another
// back. A failure says when to come again; whoever is far behind says so in the tenant's record.

import type { Lease, Store } from '@countersign/storage';
import { type Clock, isCodedError } from '@countersign/vocabulary';
import type { Reach } from '../outbound/send-request.ts';
import type { Authoriser } from './authorise.ts';
import { type PullGap, readCheckpoint } from './checkpoint.ts';
import { pullSource } from './pull-source.ts';
import { KIND_DEFAULTS, type SourceSettings } from './source-settings.ts';
import type { PullSourceRow, PullTables } from './source-table.ts';

export interface TurnParts {
  row: PullSourceRow;
  settings: SourceSettings;
  store: Store<PullTables>;
  lease: Pick<Lease, 'renew' | 'fence'>;
  authoriser: Authoriser;
  reach: Reach;
  clock: Clock;
  /** Durable when it resolves, and known when it comes again. */
  record(texts: readonly string[]): Promise<void>;
  tellGaps(gaps: readonly (PullGap | BehindGap)[]): Promise<void>;
  /** Given when the server is leaving: what was recorded stays, the rest is for the next. */
  leaving: AbortSignal;
}

export interface BehindGap {
  reason: 'importer_behind';
  count: 0;
  firstMs: number;
  lastMs: number;
}

export interface TurnOutcome {
  records: number;
  error?: unknown;
}

/** Further back than this is worth telling. */
const BEHIND_MS = 3_600_000;
const LONGEST_PAUSE_MS = 900_000;
const LONGEST_MESSAGE = 300;

export async function takeTurn(parts: TurnParts): Promise<TurnOutcome> {
  const { row, clock } = parts;
  const outcome: TurnOutcome = { records: 0 };
  let watermarkMs = row.watermark_ms;
  try {
    const checkpoint = readCheckpoint(row.checkpoint);
    for await (const page of pullSource({ ...parts, checkpoint })) {
      if (page.texts.length > 0) await parts.record(page.texts);
      if (page.gaps !== undefined) await parts.tellGaps(page.gaps);
      outcome.records += page.texts.length;
      watermarkMs = page.checkpoint.watermarkMs ?? watermarkMs;
      const goesOn = await save(parts, {
        checkpoint: JSON.stringify(page.checkpoint),
        watermark_ms: watermarkMs,
        records: row.records + outcome.records,
      });
      // Paused or removed while it was read: what came is recorded, no more is asked for.
      if (!goesOn) return outcome;
      if (parts.leaving.aborted || !(await parts.lease.renew())) return outcome;
    }
  } catch (error) {
    outcome.error = error;
    // Somebody else goes on from the last checkpoint; nothing here may be written any more.
    if (isCodedError(error) && error.code === 'lease_lost') return outcome;
    // A request that was ended because we leave is nobody's failure.
    if (parts.leaving.aborted) return { records: outcome.records };
  }
  await endTurn(parts, outcome.error);
  // The first reading is behind by its nature; after that it is worth knowing.
  const behindMs = row.watermark_ms === null ? 0 : clock.nowMs() - (watermarkMs ?? 0);
  if (behindMs > BEHIND_MS && watermarkMs !== null) {
    await parts.tellGaps([
      { reason: 'importer_behind', count: 0, firstMs: watermarkMs, lastMs: clock.nowMs() },
    ]);
  }
  return outcome;
}

async function endTurn(parts: TurnParts, error: unknown): Promise<void> {
  const { row, settings, clock } = parts;
  const nowMs = clock.nowMs();
  const everyMs = (settings.everySeconds ?? KIND_DEFAULTS[settings.kind].everySeconds) * 1000;
  if (error === undefined) {
    await save(parts, {
      ...{ next_ms: nowMs + everyMs, last_turn_ms: nowMs, last_good_ms: nowMs },
      ...{ failures: 0, error_code: null, error: null },
    });
    return;
  }
  const coded = isCodedError(error) ? error : undefined;
  // What the service asks for counts; else twice as long each time.
  const backoffMs = Math.min(everyMs * 2 ** Math.min(row.failures, 10), LONGEST_PAUSE_MS);
  const pauseMs =
    coded?.retryAfterSeconds === undefined ? backoffMs : coded.retryAfterSeconds * 1000;
  await save(parts, {
    ...{ next_ms: nowMs + pauseMs, last_turn_ms: nowMs, failures: row.failures + 1 },
    error_code: coded?.code ?? 'internal_error',
    error: (coded?.message ?? 'Something went wrong here.').slice(0, LONGEST_MESSAGE),
  });
}

/** False when the source is paused or gone: then nothing is written. */
async function save(
  { store, lease, row }: TurnParts,
  change: Partial<PullSourceRow>,
): Promise<boolean> {
  return await store.transaction(async (tx) => {
    await lease.fence(tx as never);
    const { numUpdatedRows } = await tx
      .updateTable('pull_source')
      .set(change)
      .where('id', '=', row.id)
      .where('enabled', '=', 1)
      .executeTakeFirstOrThrow();
    return numUpdatedRows === 1n;
  });
}
