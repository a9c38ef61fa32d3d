// Has a server try a policy on what it has judged.

import type { RiskPolicy } from '@countersign/risk';
import type { Reading } from '../audit/search/open-reading.ts';
import { spanFrom } from './read-moment.ts';
import { readSimulation, type ToldSimulation } from './read-simulation.ts';

const USUAL_SPAN = '7d';

interface Tried {
  policy: RiskPolicy;
  /** Absent: of whose credential it is. */
  tenant?: string | undefined;
  since?: string | undefined;
}

/** @throws CodedError as `fetchJson`; `answer_malformed` for what is no simulation */
export async function askSimulation(
  { ask }: Reading,
  { policy, tenant, since = USUAL_SPAN }: Tried,
): Promise<ToldSimulation> {
  const sinceMs = Date.now() - spanFrom(since, '--since');
  const body = { ...(tenant === undefined ? {} : { tenant }), policy, sinceMs };
  return readSimulation((await ask('/risk/simulations', { tenant: undefined }, { body })).body);
}
