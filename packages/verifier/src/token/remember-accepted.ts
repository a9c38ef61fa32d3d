// What is kept of an accepted token, and how a later use starts from it. The token's text is not
// kept, and everything that is handed out is frozen.

import type { IssuerKey } from '../ports.ts';
import { type Judgement, known } from './judgement.ts';
import type { TokenContext, VerifiedToken } from './token-context.ts';

export interface AcceptedToken {
  /** What the steps found out, without the token's text and the first caller's context. */
  readonly found: Judgement;
  readonly issuer: string;
  readonly key: IssuerKey;
  readonly verified: VerifiedToken;
  /** When and from where a use was last reported. */
  reportedMs: number;
  reportedIp: string | undefined;
  reportedUserAgent: string | undefined;
}

const NO_CONTEXT: TokenContext = { audience: '' };

export function rememberAccepted(judgement: Judgement): AcceptedToken {
  const { context, nowMs } = judgement;
  return {
    found: {
      ...judgement,
      token: '',
      context: NO_CONTEXT,
      envelope: undefined,
      tags: undefined,
    },
    issuer: known(judgement.issuer).policy.issuer,
    key: known(judgement.key),
    verified: describeVerified(judgement),
    reportedMs: nowMs,
    reportedIp: context.ip,
    reportedUserAgent: context.userAgent,
  };
}

/** The judgement of a further use, as far as it is already known. */
export function judgeAgain(
  accepted: AcceptedToken,
  token: string,
  context: TokenContext,
  nowMs: number,
): Judgement {
  return { ...accepted.found, token, context, nowMs };
}

function describeVerified(judgement: Judgement): VerifiedToken {
  const { receipt, receiptProblem, tokenHash } = judgement;
  const { thumbprint } = known(judgement.key);
  return freezeDeeply({
    claims: known(judgement.claims),
    header: known(judgement.header),
    tokenHash,
    ...(thumbprint === undefined ? {} : { keyThumbprint: thumbprint }),
    ...(receipt === undefined ? {} : { receipt: describeReceipt(receipt) }),
    ...(receiptProblem === undefined ? {} : { receiptProblem }),
    cached: true,
  });
}

function describeReceipt({ index, issuedMs, origin }: NonNullable<Judgement['receipt']>) {
  return { index, issuedMs, origin };
}

/** Freezes a parsed JSON value, so that no handler changes it for the next; its depth is bounded. */
function freezeDeeply<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const name in value) freezeDeeply(value[name]);
    Object.freeze(value);
  }
  return value;
}
