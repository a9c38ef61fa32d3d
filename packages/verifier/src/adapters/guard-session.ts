// For requests that carry a session of the application's own instead of a token: the session lives no
// longer than the token it was made out of (control C-14). What all frameworks share.

import type { Verifier } from '../create-verifier.ts';
import type { SessionGround } from '../sessions/session-ground.ts';
import type { SessionEnd } from '../sessions/watch-sessions.ts';
import {
  type ChallengeOptions,
  challengeAnswer,
  type HttpAnswer,
  sessionAnswer,
} from './describe-refusal.ts';

export interface SessionGuardOptions<Request> extends ChallengeOptions {
  verifier: Pick<Verifier, 'standing'>;
  /**
   * What was kept with the session when it began: `groundOf(verified)`. Undefined where the request
   * has no session; it is then refused.
   */
  readGround: (request: Request) => SessionGround | undefined | Promise<SessionGround | undefined>;
  /** True for sessions that may outlive their token's own `exp`. Default false. */
  outliveToken?: boolean;
  /** Told of a session that must end, before the answer: to delete it when `end.final`. */
  onEnd?: (request: Request, end: SessionEnd) => void | Promise<void>;
}

/** Undefined when the session stands. */
export async function guardSession<Request>(
  options: SessionGuardOptions<Request>,
  request: Request,
): Promise<HttpAnswer | undefined> {
  const ground = await options.readGround(request);
  if (ground === undefined) return challengeAnswer(options);
  const { outliveToken = false } = options;
  const standing = await options.verifier.standing(ground, { outliveToken });
  if (standing.stands) return undefined;
  await options.onEnd?.(request, standing);
  return sessionAnswer(standing.final, options);
}
