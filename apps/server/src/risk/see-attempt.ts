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

type Seeing = Pick<RiskHouse, 'memory' | 'describe' | 'clock'>;

export async function seeAttempt(house: Seeing, attempt: Attempt): Promise<SeenAttempt> {
  const { tenant } = parseRealmId(attempt.realm);
  const keys = await house.memory.keys.of(tenant);
  const { input, aliases } = composeInput(attempt, house.describe(attempt.surroundings), keys);
  const session = await recallSession(house.memory, attempt, input);
  if (session !== undefined) input.session = session;
  const memory = await house.memory.open(attempt.realm, attempt.subject);
  // From here on nothing is waited for: what is read is what the assessment is of.
  memory.profile = renameValues(memory.profile, input.values, aliases);
  renameCounts(memory.counts, input.values, aliases);
  return { attempt, input, aliases, memory };
}
