// A sink's settings and its secret → the way to it.

import { createHash } from 'node:crypto';
import type { Clock } from '@countersign/vocabulary';
import type { Reach } from '../outbound/send-request.ts';
import { pushError } from './push-error.ts';
import type { Transport } from './pushed-event.ts';
import { elasticTransport } from './send-elastic.ts';
import { s3Transport } from './send-s3.ts';
import { splunkTransport } from './send-splunk.ts';
import { syslogTransport } from './send-syslog.ts';
import { webhookTransport } from './send-webhook.ts';
import { type SinkSecret, type SinkSettings, secretSchema } from './sink-settings.ts';

export interface TransportParts {
  sink: { id: string; tenant: string; settings: SinkSettings };
  /** As it was kept. */
  secret: unknown;
  clock: Clock;
  reach: Reach;
  /** Name of this installation. */
  hostname: string;
  timeoutMs?: number;
}

/** @throws CodedError `sink_secret` */
export function openTransport(parts: TransportParts): Transport {
  const { sink, clock, hostname } = parts;
  const { settings } = sink;
  const parsed = secretSchema(settings.kind).safeParse(parts.secret ?? undefined);
  if (!parsed.success) throw pushError('sink_secret', 'Its secret is missing or unreadable.');
  const within = {
    reach: parts.reach,
    ...(parts.timeoutMs === undefined ? {} : { timeoutMs: parts.timeoutMs }),
  };
  switch (settings.kind) {
    case 'webhook': {
      const secret = parsed.data as SinkSecret<'webhook'>;
      if (secret === undefined)
        throw pushError('sink_secret', 'The key of the webhook is missing.');
      return webhookTransport({ ...within, ...settings, ...secret, sink: sink.id, clock });
    }
    case 'syslog':
      return syslogTransport({
        ...{ ...within, ...settings, hostname },
        client: parsed.data as SinkSecret<'syslog'>,
      });
    case 'splunk': {
      const { token } = parsed.data as SinkSecret<'splunk'>;
      return splunkTransport({ ...within, ...settings, token, channel: channelOf(sink.id) });
    }
    case 'elastic': {
      const authorization = authorizationOf(parsed.data as SinkSecret<'elastic'>);
      return elasticTransport({ ...within, ...settings, authorization });
    }
    case 's3': {
      const secret = parsed.data as SinkSecret<'s3'>;
      return s3Transport({ ...within, ...settings, ...secret, tenant: sink.tenant });
    }
  }
}

/** A UUID that is the same for the sink's whole life (version 8, RFC 9562 §5.8). */
function channelOf(id: string): string {
  const bytes = createHash('sha256').update(`channel ${id}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function authorizationOf(secret: SinkSecret<'elastic'>): string {
  if ('apiKey' in secret) return `ApiKey ${secret.apiKey}`;
  const basic = Buffer.from(`${secret.username}:${secret.password}`).toString('base64');
  return `Basic ${basic}`;
}
