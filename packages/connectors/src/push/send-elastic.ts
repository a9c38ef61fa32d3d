// Elasticsearch and OpenSearch, by `_bulk`. Each event has its uid as `_id` and is only ever created: one
// that comes twice is there once. Of a batch some events may be taken, some refused, some put off.

import type { Reach } from '../outbound/send-request.ts';
import { checkStatus } from './answer-status.ts';
import { postBatch } from './post-batch.ts';
import { pushError } from './push-error.ts';
import type { PushedEvent, RefusedEvent, SinkAnswer, Transport } from './pushed-event.ts';

export interface ElasticOptions {
  url: string;
  index: string;
  /** The value of `Authorization`. */
  authorization: string;
  reach: Reach;
  timeoutMs?: number;
}

const LONGEST_REASON = 200;
/** The document is there already. */
const CONFLICT = 409;

export function elasticTransport(options: ElasticOptions): Transport {
  const { url, index, authorization, reach, timeoutMs } = options;
  return {
    async send(events) {
      const answer = await postBatch({
        ...{ url: `${url.replace(/\/+$/, '')}/_bulk`, body: bodyOf(events, index), reach },
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        headers: { authorization, 'content-type': 'application/x-ndjson' },
      });
      checkStatus(answer);
      return readItems(events, answer.body);
    },
  };
}

function bodyOf(events: readonly PushedEvent[], index: string): string {
  const lines = events.map(({ uid, timeMs, ocsf }) => {
    const create = JSON.stringify({ create: { _index: index, _id: uid } });
    // Data streams ask for it; nothing else of the event is changed.
    return `${create}\n{"@timestamp":"${new Date(timeMs).toISOString()}",${ocsf.slice(1)}\n`;
  });
  return lines.join('');
}

interface BulkItem {
  create?: { status?: unknown; error?: { type?: unknown; reason?: unknown } };
}

function readItems(events: readonly PushedEvent[], body: Buffer): SinkAnswer {
  const items = parse(body);
  if (items?.length !== events.length) {
    throw pushError('sink_unreachable', 'It did not say what became of each event.');
  }
  const taken: number[] = [];
  const refused: RefusedEvent[] = [];
  const again: number[] = [];
  for (const [at, { position }] of events.entries()) {
    const { status, error } = items[at]?.create ?? {};
    if (status === CONFLICT || (typeof status === 'number' && status >= 200 && status < 300)) {
      taken.push(position);
    } else if (status === 400) {
      refused.push({
        position,
        reason: `${error?.type}: ${error?.reason}`.slice(0, LONGEST_REASON),
      });
    } else again.push(position);
  }
  return { taken, refused, again };
}

function parse(body: Buffer): BulkItem[] | undefined {
  try {
    const { items } = JSON.parse(body.toString('utf8')) as { items?: unknown };
    return Array.isArray(items) ? (items as BulkItem[]) : undefined;
  } catch {
    return undefined;
  }
}
