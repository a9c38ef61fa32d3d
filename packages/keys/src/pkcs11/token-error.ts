// What a token's answer means to us. Refusals name the call's result (CKR_…), which says nothing of a
// PIN or a key.

import { type CodedError, isCodedError } from '@countersign/vocabulary';
import { signerRefusal } from '../keys-error.ts';

const PIN_REFUSED: ReadonlySet<string> = new Set([
  'CKR_PIN_INCORRECT',
  'CKR_PIN_INVALID',
  'CKR_PIN_LEN_RANGE',
  'CKR_PIN_EXPIRED',
  'CKR_PIN_LOCKED',
]);

/** `CKR_…` of a failed call, or a word for what was no call. */
export function resultName(error: unknown): string {
  const name = error instanceof Error ? /\bCKR_[A-Z_]+/.exec(error.message)?.[0] : undefined;
  return name ?? 'no result';
}

const NOT_MADE: ReadonlySet<string> = new Set([
  'CKR_MECHANISM_INVALID',
  'CKR_CURVE_NOT_SUPPORTED',
  'CKR_DOMAIN_PARAMS_INVALID',
  'CKR_KEY_SIZE_RANGE',
]);

/** The token has no such kind of key; nothing is wrong with it. */
export function notSupported(error: unknown): boolean {
  return NOT_MADE.has(resultName(error));
}

export function refusedPin(error: unknown): boolean {
  return PIN_REFUSED.has(resultName(error));
}

/** The refusal for who asks while the token is away: try again soon. */
export function tokenAway(label: string, cause: unknown): CodedError {
  const why = isCodedError(cause)
    ? cause.message
    : `The token "${label}" does not answer (${resultName(cause)}); the signer looks for it by itself.`;
  return signerRefusal('signer_unavailable', why, { cause });
}

/** The refusal for who asks while it has more to do than it does: no number is spent on that. */
export function tokenSlow(label: string): CodedError {
  const message = `The token "${label}" is there and does not keep up. If that lasts, look at its own log; a signer that is started again opens it anew.`;
  return signerRefusal('signer_unavailable', message);
}
