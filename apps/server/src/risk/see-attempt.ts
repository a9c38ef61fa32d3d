// An attempt as the engine sees it: looked up, put under the tenant's keys, and beside it what is
// remembered of whoever acts.

import { composeInput, type RiskInput, renameCounts, renameValues } from '@countersign/risk';
import { type Attempt, parseRealmId } from '@countersign/vocabulary';
import { recallSession } from './recall-session.ts';
import type { HouseActMemory, RiskHouse } from './risk-house.ts';

export interface SeenAttempt {
  attempt: Attempt;
  input: RiskInput;
  aliases: number[];
  memory: HouseActMemory;
}

type Seeing = Pick<RiskHouse, 'memory' | 'describe' | 'clock' | 'enrolledMs'>;

export async function seeAttempt(house: Seeing, attempt: Attempt): Promise<SeenAttempt> {
  const { tenant } = parseRealmId(attempt.realm);
  const keys = await house.memory.keys.of(tenant);
  const { input, aliases } = composeInput(attempt, house.describe(attempt.surroundings), keys);
  const factorAgeMs = await ageOfFactor(house, attempt);
  if (factorAgeMs !== undefined) input.factorAgeMs = factorAgeMs;
  const session = await recallSession(house.memory, attempt, input, aliases);
  if (session !== undefined) input.session = session;
  const memory = await house.memory.open(attempt.realm, attempt.subject);
  // From here on nothing is waited for: what is read is what the assessment is of.
  memory.profile = renameValues(memory.profile, input.values, aliases);
  renameCounts(memory.counts, input.values, aliases);
  return { attempt, input, aliases, memory };
}

/** Of the factor that is proved in the act itself. */
async function ageOfFactor(house: Seeing, attempt: Attempt): Promise<number | undefined> {
  const { realm, subject, timeMs, surroundings } = attempt;
  const { deviceKey } = surroundings;
  if (deviceKey === undefined || subject === undefined) return undefined;
  const enrolledMs = await house.enrolledMs(realm, subject, deviceKey);
  return enrolledMs === undefined ? undefined : Math.max(0, timeMs - enrolledMs);
}
