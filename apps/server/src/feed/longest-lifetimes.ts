// The longest life a verifier should allow a population's tokens: the provider's own ceiling.

import { defaultPolicies } from '@countersign/provider';
import type { Population } from '@countersign/vocabulary';

export function longestPolicySeconds(population: Population): { access: number; id: number } {
  const { accessTokenSeconds, idTokenSeconds } = defaultPolicies[population];
  return { access: accessTokenSeconds, id: idTokenSeconds };
}
