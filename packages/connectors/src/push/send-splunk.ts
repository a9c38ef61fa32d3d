// Splunk HTTP Event Collector. With indexer acknowledgement an event counts when it is indexed, not when
// it was heard; without, when Splunk said so.

import { setTimeout as sleep } from 'node:timers/promises';
import type { Reach } from '../outbound/send-request.ts';
import { checkStatus, describeBody } from './answer-status.ts';
import { postBatch } from './post-batch.ts';
import { pushError } from './push-error.ts';
import type { PushedEvent, RefusedEvent, Transport } from './pushed-event.ts';

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

/** Bad events of one batch that are looked for; what is behind them waits for the next. */
const MOST_REFUSED = 20;

export function splunkTransport(options: SplunkOptions): Transport {
  return {
    async send(events, signal) {
      const taken: number[] = [];
      const refused: RefusedEvent[] = [];
      let rest = events;
      while (rest.length > 0 && refused.length < MOST_REFUSED) {
        const bad = await post(options, rest, signal);
        const before = rest.slice(0, bad?.at);
        // Splunk indexes what stands before the bad event, but hands out no number to ask about it.
        if (bad !== undefined && options.acknowledged && before.length > 0) {
          const worse = await post(options, before, signal);
          if (worse !== undefined) throw pushError('sink_unreachable', 'It contradicts itself.');
        }
        taken.push(...before.map(({ position }) => position));
        if (bad !== undefined)
          refused.push({ position: rest[bad.at]!.position, reason: bad.reason });
        rest = bad === undefined ? [] : rest.slice(bad.at + 1);
      }
      return { taken, refused, again: rest.map(({ position }) => position) };
    },
  };
}

/** @returns the event it will not take, and nothing behind it was; undefined when it took all */
async function post(
  options: SplunkOptions,
  events: readonly PushedEvent[],
  signal: AbortSignal,
): Promise<{ at: number; reason: string } | undefined> {
  const answer = await ask(options, '/services/collector/event', bodyOf(events, options.index));
  const said = parse(answer.body);
  const at = said?.['invalid-event-number'];
  if (answer.status === 400 && isPlace(at, events)) {
    return { at, reason: describeBody(answer.body) };
  }
  checkStatus(answer);
  if (said?.['code'] !== 0) {
    throw pushError('sink_unreachable', `It did not say that it took the events.`);
  }
  if (options.acknowledged) await waitUntilIndexed(options, said['ackId'], signal);
  return undefined;
}

/** A number that is none of the batch says nothing: the bad event is then found by halving. */
function isPlace(at: unknown, events: readonly PushedEvent[]): at is number {
  return Number.isInteger(at) && Number(at) >= 0 && Number(at) < events.length;
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
