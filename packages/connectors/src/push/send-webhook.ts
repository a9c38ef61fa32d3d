// A webhook in the shape of Standard Webhooks (standardwebhooks.com, 1.0.0): an id that stays the same
// when a batch is sent again, the moment, and an HMAC over both and the body.

import { createHmac } from 'node:crypto';
import type { Clock } from '@countersign/vocabulary';
import type { Reach } from '../outbound/send-request.ts';
import { checkStatus } from './answer-status.ts';
import { postBatch } from './post-batch.ts';
import { allTaken, type PushedEvent, type Transport } from './pushed-event.ts';

export interface WebhookOptions {
  url: string;
  /** `whsec_` and base64. */
  key: string;
  /** Names the sink in ids of messages. */
  sink: string;
  clock: Clock;
  reach: Reach;
  timeoutMs?: number;
}

export function webhookTransport(options: WebhookOptions): Transport {
  const { url, key, sink, clock, reach, timeoutMs } = options;
  return {
    async send(events) {
      const seconds = Math.floor(clock.nowMs() / 1000);
      const id = `msg_${sink}_${events[0]?.position}-${events.at(-1)?.position}`;
      const body = bodyOf(events, seconds);
      const answer = await postBatch({
        ...{ url, body, reach },
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        headers: {
          'content-type': 'application/json',
          'user-agent': 'countersign',
          'webhook-id': id,
          'webhook-timestamp': String(seconds),
          'webhook-signature': signWebhook(key, id, seconds, body),
        },
      });
      checkStatus(answer);
      return allTaken(events);
    },
  };
}

/** `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`. */
export function signWebhook(key: string, id: string, seconds: number, body: string): string {
  const secret = Buffer.from(key.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64')}`;
}

/** The events stand in it as they are stored, so that leaves can be computed from them. */
function bodyOf(events: readonly PushedEvent[], seconds: number): string {
  const timestamp = new Date(seconds * 1000).toISOString();
  const data = events.map(({ ocsf }) => ocsf).join(',');
  return `{"type":"audit.events","timestamp":"${timestamp}","data":[${data}]}`;
}
