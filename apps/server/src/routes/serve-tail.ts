// `GET /api/v1/events/tail`: events of a log as they are recorded. One event of the log at its start, one
// at its end.

import type { Audit } from '@countersign/audit';
import type { Directory } from '@countersign/directory';
import { parseFilter } from '@countersign/search';
import { type Clock, CodedError } from '@countersign/vocabulary';
import { Hono, type MiddlewareHandler } from 'hono';
import { stream } from 'hono/streaming';
import { recordRead } from '../reading/record-read.ts';
import { filterOf, tailQuery } from '../reading/search-query.ts';
import { placeOfTail, TAIL_LIMITS, type TailLimits, tailEvents } from '../reading/tail-events.ts';
import { oneTenant, scopeOf } from './authenticate-reader.ts';
import { describeRequest } from './describe-request.ts';
import { readQuery } from './read-json.ts';

export interface TailRouteParts {
  audit: Pick<Audit, 'listEvents' | 'record'>;
  directory: Pick<Directory, 'tenants' | 'searches'>;
  clock: Clock;
  readerOnly: MiddlewareHandler;
  onFailure(error: unknown): void;
  limits?: Partial<TailLimits>;
}

const MOST_TAILS = 100;
const MOST_TAILS_OF_ONE = 5;

export function tailRoutes(parts: TailRouteParts): Hono {
  const { audit, directory, clock, readerOnly, onFailure } = parts;
  const limits = { ...TAIL_LIMITS, ...parts.limits };
  const places = new TailPlaces();
  const routes = new Hono();
  routes.get('/events/tail', readerOnly, async (context) => {
    const reader = context.get('reader');
    const stillMay = context.get('stillReads');
    const query = readQuery(context, tailQuery);
    const tenant = oneTenant(reader, query.tenant);
    await knownTenant(directory, tenant);
    const scope = scopeOf(reader, tenant);
    const text = await filterOf(directory.searches, tenant, query);
    const nowMs = clock.nowMs();
    const filter = parseFilter(text, { nowMs });
    const lastId = context.req.header('last-event-id');
    const afterSequence = await placeOfTail(audit, tenant, lastId, nowMs);
    const free = places.take(`${reader.kind} ${reader.id}`);
    const request = describeRequest(context);
    const read = { reader, request, filter: text };
    const note = (operation: 'tail_started' | 'tail_ended', count: number, causedBy?: string) =>
      recordRead(parts, { ...read, operation, causedBy, counts: new Map([[tenant, count]]) });
    const [started] = await note('tail_started', 0).catch((error: unknown) => {
      free();
      throw error;
    });
    context.header('content-type', 'text/event-stream; charset=utf-8');
    context.header('cache-control', 'no-store');
    context.header('x-accel-buffering', 'no');
    return stream(context, async (out) => {
      const left = new AbortController();
      out.onAbort(() => left.abort());
      const send = (piece: string) => out.write(piece);
      try {
        await send(': the log from here on\n\n');
        const tail = { scope, tenant, filter, afterSequence, stillMay, send };
        const { sent, reason } = await tailEvents(
          { audit, limits },
          { ...tail, signal: left.signal },
        );
        await note('tail_ended', sent, started);
        if (reason === 'ended') await send('event: end\ndata: {"reason":"not_authenticated"}\n\n');
      } catch (error) {
        onFailure(error);
      } finally {
        free();
        left.abort();
      }
    });
  });
  return routes;
}

/** @throws CodedError `not_found` for a tenant that does not exist; the installation always does */
export async function knownTenant(
  { tenants }: Pick<Directory, 'tenants'>,
  tenant: string,
): Promise<void> {
  if (tenant === '_installation' || (await tenants.find(tenant)) !== undefined) return;
  throw new CodedError('not_found', 'There is no such tenant.');
}

/** Each tail asks the store several times a second: there are only so many. */
class TailPlaces {
  readonly #taken = new Map<string, number>();
  #all = 0;

  /** @throws CodedError `too_many_tails` */
  take(who: string): () => void {
    const own = this.#taken.get(who) ?? 0;
    if (this.#all >= MOST_TAILS || own >= MOST_TAILS_OF_ONE) {
      const message = `There are too many live tails (${MOST_TAILS_OF_ONE} for one reader); end one.`;
      throw new CodedError('too_many_tails', message, { retryAfterSeconds: 10 });
    }
    this.#taken.set(who, own + 1);
    this.#all += 1;
    return () => {
      const left = (this.#taken.get(who) ?? 1) - 1;
      if (left > 0) this.#taken.set(who, left);
      else this.#taken.delete(who);
      this.#all -= 1;
    };
  }
}
