// What an HTTP status says about a batch, for every sink that speaks HTTP.

import type { OutboundAnswer } from '../outbound/send-request.ts';
import { type PushCode, pushError } from './push-error.ts';

const LONGEST_REASON = 200;

/** Returns for 2xx. @throws CodedError PushCode for every other status */
export function checkStatus({ status, headers, body }: OutboundAnswer): void {
  if (status >= 200 && status < 300) return;
  const said = describeBody(body);
  const message = `It answered ${status}${said === '' ? '' : `: ${said}`}`;
  const seconds = retryAfterSeconds(headers['retry-after']);
  throw pushError(
    codeOf(status),
    message,
    seconds === undefined ? {} : { retryAfterSeconds: seconds },
  );
}

function codeOf(status: number): PushCode {
  if (status === 410) return 'sink_gone';
  if (status === 429 || status === 503) return 'sink_throttled';
  if (status === 400 || status === 413 || status === 422) return 'batch_rejected';
  if (status === 408 || status >= 500) return 'sink_unreachable';
  return 'sink_refused';
}

/** The sink's own words: for an operator to read, so without line ends, and short. */
export function describeBody(body: Buffer): string {
  return body
    .toString('utf8', 0, 1024)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
    .slice(0, LONGEST_REASON);
}

function retryAfterSeconds(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? undefined : Math.max(0, Math.ceil((atMs - Date.now()) / 1000));
}
