// What a witness says, as HTTP (C2SP tlog-witness): each refusal has a closed code, which is the
// first word of the text body, and the status that the specification gives it.

import { utf8 } from '@countersign/verifier';

export interface WitnessAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Uint8Array;
}

export const WITNESS_STATUS = {
  body_malformed: 400,
  old_size_malformed: 400,
  proof_malformed: 400,
  proof_too_long: 400,
  checkpoint_malformed: 400,
  old_size_too_large: 400,
  signature_missing: 403,
  signature_invalid: 403,
  not_found: 404,
  origin_unknown: 404,
  method_not_allowed: 405,
  body_too_large: 413,
  root_differs: 422,
  root_not_empty: 422,
  proof_invalid: 422,
  witness_stopped: 500,
  clock_behind: 503,
  store_full: 503,
} as const;

export type WitnessCode = keyof typeof WITNESS_STATUS;

/** Thrown inside the witness and answered at its door. */
export class WitnessRefusal extends Error {
  readonly code: WitnessCode;

  constructor(code: WitnessCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'WitnessRefusal';
    this.code = code;
  }
}

const PLAIN = 'text/plain; charset=utf-8';

export function answerText(text: string): WitnessAnswer {
  return { status: 200, headers: headersOf(PLAIN), body: utf8(text) };
}

/** The witness holds another size: ask again from there. */
export function answerConflict(size: number): WitnessAnswer {
  return { status: 409, headers: headersOf('text/x.tlog.size'), body: utf8(`${size}\n`) };
}

export function answerRefusal({ code, message }: WitnessRefusal): WitnessAnswer {
  const status = WITNESS_STATUS[code];
  const headers = headersOf(PLAIN);
  if (code === 'method_not_allowed') headers['allow'] = 'GET, HEAD, POST';
  if (status === 503) headers['retry-after'] = '5';
  return { status, headers, body: utf8(`${code}: ${message}\n`) };
}

function headersOf(contentType: string): Record<string, string> {
  return {
    'content-type': contentType,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  };
}
