// How a confined child answers: ok, a refusal that stays refused, or a refusal that may pass.

import { CodedError, isCodedError } from '@countersign/vocabulary';

export const ANSWER_OK = 0;
export const ANSWER_REFUSED = 1;
export const ANSWER_BUSY = 2;

export interface Answer {
  op: number;
  body: Uint8Array;
}

/**
 * Turns an error into an answer. Only a CodedError shows its code and message; anything else is
 * `internal_error`, because a message made by a library may hold what the caller sent.
 */
export function answerFor(error: unknown): Answer {
  const known = isCodedError(error);
  const code = known ? error.code : 'internal_error';
  const message = known
    ? error.message
    : 'The process met an error it did not expect; its log says which.';
  const temporary = known && error.retryAfterSeconds !== undefined;
  const body = JSON.stringify(
    temporary ? { code, message, retryAfterSeconds: error.retryAfterSeconds } : { code, message },
  );
  return { op: temporary ? ANSWER_BUSY : ANSWER_REFUSED, body: Buffer.from(body) };
}

/** The error that a refusing answer stands for, as the asking side throws it. */
export function errorFrom(answer: Answer): CodedError {
  const { code, message, retryAfterSeconds } = readRefusal(answer.body);
  if (answer.op === ANSWER_BUSY) {
    return new CodedError(code, message, { retryAfterSeconds: retryAfterSeconds ?? 1 });
  }
  return new CodedError(code, message);
}

function readRefusal(body: Uint8Array): {
  code: string;
  message: string;
  retryAfterSeconds?: number;
} {
  try {
    const refusal: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    if (
      typeof refusal === 'object' &&
      refusal !== null &&
      'code' in refusal &&
      'message' in refusal
    ) {
      const { code, message } = refusal;
      if (typeof code === 'string' && typeof message === 'string') {
        const seconds = 'retryAfterSeconds' in refusal ? refusal.retryAfterSeconds : undefined;
        return typeof seconds === 'number'
          ? { code, message, retryAfterSeconds: seconds }
          : { code, message };
      }
    }
  } catch (error) {
    return {
      code: 'bad_frame',
      message: `The other process refused in words that do not parse: ${String(error)}`,
    };
  }
  return { code: 'bad_frame', message: 'The other process refused without a code.' };
}
