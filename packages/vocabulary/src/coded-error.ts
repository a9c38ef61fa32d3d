// The one error type that crosses rooms. A refusal throws it; whatever is not a CodedError is a
// bug and becomes a 500 without detail at the door.

export interface CodedErrorOptions {
  /** For logs of this process only; never sent to a client, never holds a secret. */
  detail?: string;
  cause?: unknown;
  /** When the refusal is temporary: seconds after which a retry makes sense. */
  retryAfterSeconds?: number;
}

/**
 * A refusal with a closed code.
 *
 * `code` comes from a union that the throwing room exports; `message` is one sentence that is safe
 * to show to a client and says what to do; `detail` stays inside.
 * Match on `code`, never on `instanceof`, across packages.
 */
export class CodedError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly detail: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: Code, message: string, options: CodedErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CodedError';
    this.code = code;
    this.detail = options.detail;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Narrows anything caught to a CodedError, by shape, so that two copies of this file agree. */
export function isCodedError(error: unknown): error is CodedError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.name === 'CodedError'
  );
}
