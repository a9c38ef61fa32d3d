// Splunk HTTP Event Collector. With indexer acknowledgement an event counts when it is indexed, not when
// it was heard; without, when Splunk said so.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Reach } from '../outbound/send-request.ts';
import { checkStatus, describeBody } from './answer-status.ts';
import { postBatch } from './post-batch.ts';
import { pushError } from './push-error.ts';
import { allTaken, type PushedEvent, type SinkAnswer, type Transport } from './pushed-event.ts';

export interface SplunkOptions {
  url: string;
  token: string;
  index?: string | undefined;
  acknowledged: boolean;
  /** A UUID that stays the same for this sink: acknowledgements are asked for by it. */
  channel: string;
  reach: Reach;
  timeoutMs?: number;
  /** Between two questions whether a batch is indexed. Default 1,000. */
  pauseMs?: number;
}

/** Indexers write every few seconds; what takes longer is sent again. */
const LONGEST_WAIT_MS = 120_000;

export function splunkTransport(options: SplunkOptions): Transport {
  return {
    async send(events, signal) {
      const answer = await ask(options, '/services/collector/event', bodyOf(events, options.index));
      const said = parse(answer.body);
      const bad = said?.['invalid-event-number'];
      if (answer.status === 400 && Number.isInteger(bad)) {
        return refusedAt(events, Number(bad), describeBody(answer.body));
      }
      checkStatus(answer);
      if (said?.['code'] !== 0) {
        throw pushError('sink_unreachable', `It did not say that it took the events.`);
      }
      if (options.acknowledged) await waitUntilIndexed(options, said['ackId'], signal);
      return allTaken(events);
    },
  };
}

/** Splunk indexes what stands before the bad event, and nothing behind it. */
function refusedAt(events: readonly PushedEvent[], at: number, reason: string): SinkAnswer {
  const positions = events.map(({ position }) => position);
  const refused = positions[at];
  return {
    taken: positions.slice(0, at),
    refused: refused === undefined ? [] : [{ position: refused, reason }],
    again: positions.slice(at + 1),
  };
}

async function waitUntilIndexed(
  options: SplunkOptions,
  ackId: unknown,
  signal: AbortSignal,
): Promise<void> {
  if (!Number.isInteger(ackId)) {
    throw pushError('sink_refused', 'It gives no acknowledgements: turn them on for the token.');
  }
  const { pauseMs = 1000, channel } = options;
  const path = `/services/collector/ack?channel=${channel}`;
  for (let waitedMs = 0; waitedMs < LONGEST_WAIT_MS; waitedMs += pauseMs) {
    const answer = await ask(options, path, JSON.stringify({ acks: [ackId] }));
    checkStatus(answer);
    const acks = parse(answer.body)?.['acks'] as Record<string, unknown> | undefined;
    if (acks?.[String(ackId)] === true) return;
    await sleep(pauseMs, undefined, { signal });
  }
  throw pushError('sink_unreachable', 'It took the events and did not index them in time.');
}

function ask({ url, token, channel, reach, timeoutMs }: SplunkOptions, path: string, body: string) {
  return postBatch({
    ...{ url: `${url.replace(/\/+$/, '')}${path}`, body, reach },
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    headers: {
      authorization: `Splunk ${token}`,
      'content-type': 'application/json',
      'x-splunk-request-channel': channel,
    },
  });
}

function bodyOf(events: readonly PushedEvent[], index: string | undefined): string {
  const where = index === undefined ? '' : `"index":${JSON.stringify(index)},`;
  return events
    .map(
      ({ timeMs, ocsf }) =>
        `{"time":${timeMs / 1000},"source":"countersign","sourcetype":"countersign:ocsf",${where}"event":${ocsf}}`,
    )
    .join('\n');
}

function parse(body: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
