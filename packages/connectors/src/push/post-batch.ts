// A request to a sink, through the guard that every request of ours goes through.

import { isCodedError } from '@countersign/vocabulary';
import { type OutboundAnswer, type Reach, sendRequest } from '../outbound/send-request.ts';
import { pushError } from './push-error.ts';

const TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

export interface SinkPost {
  url: string;
  headers: Readonly<Record<string, string>>;
  body: string | Uint8Array;
  reach: Reach;
  /** Default 30,000. */
  timeoutMs?: number;
}

/** @throws CodedError `sink_unreachable`, `sink_refused` */
export async function postBatch(post: SinkPost): Promise<OutboundAnswer> {
  const { url, headers, body, reach, timeoutMs = TIMEOUT_MS } = post;
  try {
    const given = { method: 'POST' as const, headers, body };
    return await sendRequest(url, { ...given, timeoutMs, maxBytes: MAX_ANSWER_BYTES }, reach);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    const code = error.code === 'outbound_refused' ? 'sink_refused' : 'sink_unreachable';
    throw pushError(code, error.message, { cause: error });
  }
}
