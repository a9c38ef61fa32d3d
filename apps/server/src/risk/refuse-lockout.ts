// A policy names administrators so that the last of them is never locked out. One that names nobody who
// can sign in protects nobody, and would be found out on the day that it is needed.

import type { RiskPolicy } from '@countersign/risk';
import { CodedError, POPULATIONS, type RealmId } from '@countersign/vocabulary';
import type { RiskHouse } from './risk-house.ts';

const MOST_NAMED = 3;

/** @throws CodedError `bad_request` when administrators are named and none of them can sign in */
export async function refuseLockout(
  house: Pick<RiskHouse, 'canSignIn'>,
  tenant: string,
  { administrators = [] }: RiskPolicy,
): Promise<void> {
  if (administrators.length === 0) return;
  for (const id of administrators) {
    for (const population of POPULATIONS) {
      if (await house.canSignIn(`${tenant}/${population}` as RealmId, id)) return;
    }
  }
  const named = administrators.slice(0, MOST_NAMED).join(', ');
  const more = administrators.length > MOST_NAMED ? ', …' : '';
  throw new CodedError(
    'bad_request',
    `The risk policy is refused: administrators: none of ${named}${more} can sign in to ${tenant}, so that the last administrator could be locked out. Name people by the sub of their tokens.`,
  );
}
