// Somebody half-way in: what was proved is right, and a passkey is still missing. Kept with the
// interaction, so that it belongs to one browser, dies with it, and no page carries it.

import { toSeconds } from '@countersign/vocabulary';
import type { JudgedSignIn } from '../risk-gate/keep-limit.ts';
import type { Step } from '../sign-in/handle-interactions.ts';
import { PASSKEY_ASKED } from './asks-for-passkey.ts';

export interface PendingStepUp {
  accountId: string;
  /** What was proved so far: `['pwd']`. */
  amr: readonly string[];
  /** Milliseconds since the Unix epoch. */
  provedMs: number;
  /** Id of the judgement that asks for it; absent when the client does. */
  assessment?: string;
  /** What was judged of this sign-in; absent for a session that goes on: that was judged when it began. */
  judged?: JudgedSignIn;
}

export async function keepPending({ interaction, realm }: Step, pending: PendingStepUp) {
  // Only `login`, `consent` and `error` mean anything to the engine: this can finish nothing.
  interaction.result = { ...interaction.lastSubmission, stepUp: pending };
  await interaction.save(Math.max(1, interaction.exp - toSeconds(realm.clock.nowMs())));
}

/** What was asked for before is not enough any more. */
export async function dropPending({ interaction, realm }: Step): Promise<void> {
  if (interaction.result?.['stepUp'] === undefined) return;
  interaction.result = { ...interaction.lastSubmission };
  await interaction.save(Math.max(1, interaction.exp - toSeconds(realm.clock.nowMs())));
}

/** Undefined: nothing was proved yet, or too long ago. */
export function pendingStepUp(step: Step): PendingStepUp | undefined {
  const { interaction, realm } = step;
  const kept = interaction.result?.['stepUp'] as PendingStepUp | undefined;
  if (kept !== undefined) {
    return realm.clock.nowMs() - kept.provedMs > realm.limits.freshSignInMs ? undefined : kept;
  }
  return pendingOfSession(step);
}

/** A session that is good in all other ways counts as what was proved. */
function pendingOfSession({ interaction, realm }: Step): PendingStepUp | undefined {
  const { prompt, session } = interaction;
  const reasons = prompt.reasons ?? [];
  const onlyAsked = reasons.length === 1 && reasons[0] === PASSKEY_ASKED;
  if (!onlyAsked || prompt.name !== 'login' || session?.accountId === undefined) return undefined;
  const { accountId, amr = [] } = session;
  return { accountId, amr, provedMs: realm.clock.nowMs() };
}
