// The compact form (RFC 7515 §7.1): three base64url segments, each in its one canonical spelling.
// Size is checked before anything is decoded.

import { decodeBase64urlText, viewBase64url } from '#platform';
import { VerificationError } from '../refusal.ts';
import type { Judgement, Outcome, VerifierRules } from './judgement.ts';

export interface Envelope {
  /** Text of the decoded header. */
  readonly header: string;
  /** Text of the decoded payload. */
  readonly payload: string;
  readonly signature: Uint8Array;
  /** The payload as the log and the signature cover it. */
  readonly payloadSegment: string;
  /** Header and payload segments with their dot: what the issuer signed. */
  readonly signingInput: string;
}

export function readEnvelope(judgement: Judgement, rules: VerifierRules): Outcome {
  const { token } = judgement;
  if (token.length > rules.maxTokenLength) {
    throw new VerificationError(
      'token_too_large',
      `The token is longer than the ${rules.maxTokenLength} characters allowed here.`,
    );
  }
  const firstDot = token.indexOf('.');
  const secondDot = token.indexOf('.', firstDot + 1);
  if (firstDot < 1 || secondDot <= firstDot + 1 || token.includes('.', secondDot + 1)) {
    throw new VerificationError(
      'token_malformed',
      'The token is not a signed JWT of three parts; encrypted tokens are not accepted.',
    );
  }
  const payloadSegment = token.slice(firstDot + 1, secondDot);
  judgement.envelope = {
    header: decodeText(token.slice(0, firstDot), 'header'),
    payload: decodeText(payloadSegment, 'payload'),
    signature: viewBase64url(token.slice(secondDot + 1)) ?? refuseSpelling(),
    payloadSegment,
    signingInput: token.slice(0, secondDot),
  };
  return undefined;
}

function decodeText(segment: string, part: string): string {
  let text: string | undefined;
  try {
    text = decodeBase64urlText(segment);
  } catch (cause) {
    throw new VerificationError('token_malformed', `The token's ${part} is not UTF-8.`, { cause });
  }
  return text ?? refuseSpelling();
}

function refuseSpelling(): never {
  throw new VerificationError(
    'encoding_not_canonical',
    'A part of the token is not base64url without padding in its one canonical spelling.',
  );
}
