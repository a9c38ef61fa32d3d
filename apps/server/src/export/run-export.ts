// Runs exports, a few at a time: each is on the tenant's record before its first byte leaves, and again
// with how it ended. If it cannot be recorded, nothing leaves.

import type { Audit } from '@countersign/audit';
import type { RequestFacts } from '@countersign/vocabulary';
import {
  type ActorFacts,
  type Clock,
  CodedError,
  type CountersignEvent,
} from '@countersign/vocabulary';
import type { LogReader } from '../routes/authenticate-reader.ts';
import type { ExportProgress, ExportRequest } from './export-request.ts';
import { openExportStream } from './open-export-stream.ts';

const INSTALLATION = '_installation';
const MOST_AT_ONCE = 8;
const MOST_OF_ONE_TENANT = 3;
const STALLED_MS = 120_000;

export interface ExportRunnerParts {
  audit: Pick<Audit, 'record'>;
  clock: Clock;
  onFailure(error: unknown): void;
  /** Longest time that a reader may take nothing before its place is given away. Default: 2 minutes. */
  stalledMs?: number;
}

export interface ExportAsked {
  facts: RequestFacts;
  signal: AbortSignal;
  /** Whether the credential is still in force: an export may take hours. */
  stillReads(): Promise<boolean>;
}

export interface OpenedExport {
  /** As it is carried out, which may be less than was asked for. */
  request: ExportRequest;
  make(progress: ExportProgress): AsyncIterable<string | Uint8Array>;
}

export interface ExportRunner {
  /**
   * Bytes of what `open` opens, once the start is on record. It has its place from before it is opened,
   * which may take a while. @throws CodedError `too_many_exports`, StorageCode; what `open` threw
   */
  run<Opened extends OpenedExport>(
    tenant: string,
    from: ExportAsked,
    open: () => Promise<Opened>,
  ): Promise<{ opened: Opened; body: ReadableStream<Uint8Array> }>;
}

export function createExportRunner({
  audit,
  clock,
  onFailure,
  stalledMs = STALLED_MS,
}: ExportRunnerParts): ExportRunner {
  const enter = openPlaces();
  return {
    async run(tenant, from, open) {
      const leave = enter(tenant);
      const knownMs = clock.nowMs();
      const tell = async (request: ExportRequest, more: Partial<CountersignEvent>) => {
        const event = { ...describeExport(request, from.facts), timeMs: clock.nowMs(), ...more };
        return (await audit.record([event]))[0];
      };
      const begin = async () => {
        const opened = await open();
        return { opened, started: await tell(opened.request, { operation: 'started' }) };
      };
      const { opened, started } = await begin().catch((error: unknown) => {
        leave();
        throw error;
      });
      const { request } = opened;
      const progress: ExportProgress = { events: 0, through: request.from - 1, gone: 0 };
      let ended = false;
      const end = async (reason: 'complete' | 'cut' | 'failed'): Promise<void> => {
        if (ended) return;
        ended = true;
        leave();
        const { events: count, through, gone } = progress;
        const extra = { ...describeRange(request), through, gone };
        const causedBy = started === undefined ? {} : { causedBy: started };
        const event = { operation: 'ended', count, reason, extra, ...causedBy };
        await tell(request, event).catch(onFailure);
      };
      // Whoever went away before the first byte never reads, and never cancels.
      const gone = (): void => void end('cut');
      from.signal.addEventListener('abort', gone, { once: true });
      if (from.signal.aborted) gone();
      const { stillReads } = from;
      const bytes = opened.make(progress);
      const stream = { bytes, end, onFailure, clock, stillReads, knownMs, stalledMs };
      return { opened, body: openExportStream(stream) };
    },
  };
}

/** @returns takes a place for a tenant, and gives what leaves it */
function openPlaces(): (tenant: string) => () => void {
  const running = new Map<string, number>();
  return (tenant) => {
    const own = running.get(tenant) ?? 0;
    const all = [...running.values()].reduce((sum, count) => sum + count, 0);
    if (own >= MOST_OF_ONE_TENANT || all >= MOST_AT_ONCE) {
      const message = 'Too many exports are running. Try again when one of them has ended.';
      throw new CodedError('too_many_exports', message, { retryAfterSeconds: 10 });
    }
    running.set(tenant, own + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const rest = (running.get(tenant) ?? 1) - 1;
      if (rest === 0) running.delete(tenant);
      else running.set(tenant, rest);
    };
  };
}

function describeExport(
  request: ExportRequest,
  from: RequestFacts,
): Omit<CountersignEvent, 'timeMs'> {
  const { tenant, reader } = request;
  return {
    name: 'audit.exported',
    ...(tenant === INSTALLATION ? {} : { tenant }),
    actor: actorOf(reader),
    request: from,
    extra: describeRange(request),
  };
}

function describeRange({ format, filterText, from, to }: ExportRequest) {
  return { format, from, to, ...(filterText === '' ? {} : { filter: filterText.slice(0, 1000) }) };
}

function actorOf({ kind, id, reason }: LogReader): ActorFacts {
  const actor = { kind: kind === 'operator' ? ('operator' as const) : ('reader' as const), id };
  return reason === undefined ? actor : { ...actor, reason };
}
