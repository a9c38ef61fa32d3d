// A sign-in or step-up that failed is on record: `session.refused`, with why in a closed word.

import { requestFacts } from '../realm/request-facts.ts';
import { noteRefusal } from '../risk-gate/judge-sign-in.ts';
import type { Step } from './handle-interactions.ts';

export type RefusalReason =
  | 'wrong_password'
  | 'too_many_attempts'
  | 'passkey_refused'
  | 'passkey_cloned'
  | 'step_up_failed'
  | 'risk';

/** @param detail of a step-up: what failed. The person was told nothing of it. */
export async function recordRefusal(
  step: Step,
  reason: RefusalReason,
  subject?: string,
  detail?: string,
): Promise<void> {
  const { realm, ctx, clientId } = step;
  await realm.audit.record([
    {
      name: 'session.refused',
      timeMs: realm.clock.nowMs(),
      realm: realm.id,
      clientId,
      ...(subject === undefined ? {} : { subject }),
      request: requestFacts(realm, ctx),
      reason,
      ...(detail === undefined ? {} : { extra: { detail } }),
    },
  ]);
  await noteRefusal(step, reason, subject);
}
