// Reads the logs of others, source by source, each when it is due. A source is read under its lease, so
// that of two servers one does; what it brings enters the tenant's log like any import.

import { createHash } from 'node:crypto';
import type { Audit } from '@countersign/audit';
import {
  Authoriser,
  type PullKind,
  type PullSources,
  type PullSourceView,
  type PullTables,
  type Reach,
  takeTurn,
} from '@countersign/connectors';
import type { SourceName } from '@countersign/sources';
import { type LeaseTables, type Store, takeLease } from '@countersign/storage';
import type { Clock } from '@countersign/vocabulary';
import type { Logger } from 'pino';
import { importTexts } from '../imports/import-texts.ts';

export interface SourceRunParts {
  sources: PullSources;
  store: Store<LeaseTables & PullTables>;
  audit: Pick<Audit, 'recordImported' | 'noteGaps'>;
  clock: Clock;
  reach: Reach;
  /** Where files with secrets lie. */
  secretsFolder: string;
  /** In whose name leases are held: whoever has this name is the next run of the same server. */
  holder: string;
  log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

export interface RunningSources {
  /** Something is due now: look soon. */
  nudge(): void;
  /** Ends requests; resolves when the pages that had come were recorded. */
  stop(): Promise<void>;
}

const LOOK_MS = 1000;
/** Side by side; each is mostly waiting for its service. */
const MOST_AT_ONCE = 4;
/** Renewed with each page, and a page may take a minute to come. */
const LEASE_MS = 180_000;

const MAPPED_AS: Readonly<Record<PullKind, SourceName>> = {
  'graph-sign-ins': 'entra-sign-in',
  'graph-audits': 'entra-audit',
  'office-365': 'microsoft-365',
  okta: 'okta',
  'google-reports': 'google-workspace',
};

export function runSources(parts: SourceRunParts): RunningSources {
  const { sources, log } = parts;
  const running = new Map<string, Promise<void>>();
  const authorisers = new Map<string, Authoriser>();
  const leaving = new AbortController();
  let looking: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    const due = await sources.due(MOST_AT_ONCE);
    for (const { id } of due) {
      if (leaving.signal.aborted || running.has(id) || running.size >= MOST_AT_ONCE) continue;
      const turn = takeOne(parts, id, authorisers, leaving.signal)
        .catch((err: unknown) => log.error({ err, source: id }, 'a source could not be read'))
        .finally(() => running.delete(id));
      running.set(id, turn);
    }
  };
  const nudge = (): void => {
    looking = looking
      .then(look)
      .catch((err: unknown) => log.error({ err }, 'which sources are due could not be read'));
  };
  const timer = setInterval(nudge, LOOK_MS);
  timer.unref();
  return {
    nudge,
    stop: async () => {
      leaving.abort();
      clearInterval(timer);
      await looking;
      await Promise.all(running.values());
    },
  };
}

async function takeOne(
  parts: SourceRunParts,
  id: string,
  authorisers: Map<string, Authoriser>,
  leaving: AbortSignal,
): Promise<void> {
  const { sources, store, clock, holder, log } = parts;
  const request = { name: `pull/${id}`, holder, forMs: LEASE_MS };
  const lease = await takeLease(store, clock, request);
  // Another server reads it.
  if (lease === undefined) return;
  try {
    const source = await sources.find(id);
    const { outcome, error } = await readSource(parts, source, authorisers, { lease, leaving });
    const line = { source: source.name, tenant: source.tenant, records: outcome };
    if (error === undefined) {
      if (source.failures > 0) log.info(line, `source ${source.name} is read again`);
      return;
    }
    // Once for each way to fail: a service that is away is asked for ever.
    const code = (error as { code?: string }).code ?? 'internal_error';
    if (source.error?.code !== code) log.warn({ ...line, code, err: error }, 'a source failed');
  } finally {
    // It ends by itself where this fails.
    await lease.release().catch(() => undefined);
  }
}

async function readSource(
  parts: SourceRunParts,
  source: PullSourceView,
  authorisers: Map<string, Authoriser>,
  { lease, leaving }: Pick<Parameters<typeof takeTurn>[0], 'lease' | 'leaving'>,
): Promise<{ outcome: number; error?: unknown }> {
  const { sources, store, audit, clock, reach, secretsFolder } = parts;
  const { id, tenant, name, settings } = source;
  const authoriser =
    authorisers.get(id) ?? new Authoriser({ settings, secretsFolder, reach, clock });
  authorisers.set(id, authoriser);
  const { records, error } = await takeTurn({
    row: await sources.row(id),
    ...{ settings, lease, authoriser, reach, clock, leaving },
    store: store as unknown as Store<PullTables>,
    record: async (texts) => {
      const run = runOf(id, clock.nowMs());
      const by = `source ${name}`;
      await importTexts(audit, { tenant, run, by, texts, source: MAPPED_AS[settings.kind] });
    },
    tellGaps: (gaps) =>
      audit.noteGaps(gaps.map((gap) => ({ ...gap, tenant, source: { kind: 'source', id, name } }))),
  });
  return { outcome: records, ...(error === undefined ? {} : { error }) };
}

/** A day of a source is one run: what it brought is summed up by it. */
function runOf(id: string, nowMs: number): string {
  const short = createHash('sha256').update(id).digest('hex').slice(0, 16);
  return `pull-${short}-${new Date(nowMs).toISOString().slice(0, 10)}`;
}
