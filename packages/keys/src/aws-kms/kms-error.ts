// What an answer of AWS KMS means to us, by the names of its errors.

import type { CodedError } from '@countersign/vocabulary';
import { custodyRefusal, signerRefusal } from '../keys-error.ts';

const REFUSED_CREDENTIALS: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'InvalidClientTokenId',
  'SignatureDoesNotMatch',
  'ExpiredTokenException',
  'IncompleteSignature',
  'MissingAuthenticationToken',
]);
const THROTTLED: ReadonlySet<string> = new Set([
  'ThrottlingException',
  'Throttling',
  'TooManyRequestsException',
  'RequestLimitExceeded',
]);
const UNSUPPORTED: ReadonlySet<string> = new Set([
  'UnsupportedOperationException',
  'ValidationException',
]);

export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : 'no answer';
}

/** KMS did not carry the request out, and says so: it may be sent again. */
export function wasThrottled(error: unknown): boolean {
  return THROTTLED.has(errorName(error));
}

export function refusedCredentials(error: unknown): boolean {
  return REFUSED_CREDENTIALS.has(errorName(error));
}

/** For who wants a signature: try again soon. Names the error, never its message. */
export function kmsAway(cause: unknown): CodedError {
  return signerRefusal(
    'signer_unavailable',
    `AWS KMS does not sign now (${errorName(cause)}); the signer asks again by itself.`,
    { cause },
  );
}

export function kmsFull(): CodedError {
  const message = 'AWS KMS has as many requests as it may have at a time; try again soon.';
  return signerRefusal('signer_unavailable', message);
}

/** For who wants a key made. */
export function notMade(alg: string, cause: unknown): CodedError {
  if (!UNSUPPORTED.has(errorName(cause))) return kmsAway(cause);
  return signerRefusal(
    'custody_unsupported',
    `AWS KMS makes no key for ${alg} in this region. Use another algorithm for this issuer.`,
    { cause },
  );
}

/** For who starts a signer that has a key there. */
export function notOpened(kid: string, keyArn: string, cause: unknown): CodedError {
  const name = errorName(cause);
  if (refusedCredentials(cause)) {
    return custodyRefusal(
      'credentials_refused',
      `AWS KMS refused the credentials for ${keyArn} (${name}). They need kms:DescribeKey, kms:GetPublicKey, kms:Sign and, to make keys, kms:CreateKey.`,
      { cause },
    );
  }
  if (name === 'NotFoundException') {
    return custodyRefusal(
      'custody_key_missing',
      `AWS KMS has no key ${keyArn}, which is ${kid}. Check account and region of custody.awsKms. No new key is made in its place: to give this one up for ever, revoke it.`,
      { cause },
    );
  }
  return custodyRefusal(
    'custody_unreachable',
    `AWS KMS does not answer (${name}). Check custody.awsKms and the way to it; the signer starts when it answers.`,
    { cause },
  );
}
