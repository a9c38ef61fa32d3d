// What a policy knows beside the assessment: who acts, what was proved in this very act, and what the
// directory says of who could be asked, and of who else administers.

import type { Assessment, DecisionFacts } from '@countersign/risk';
import { type Attempt, parseRealmId } from '@countersign/vocabulary';
import type { RiskHouse } from './risk-house.ts';

/** What the directory knows of who could do what. */
export type Able = Pick<DecisionFacts, 'hasFactor' | 'otherAdministratorsAble'>;

export async function whoIsAble(house: RiskHouse, attempt: Attempt): Promise<Able> {
  return {
    hasFactor: await canStepUp(house, attempt),
    otherAdministratorsAble: await canOthersAdminister(house, attempt),
  };
}

/** Nobody but a person has a passkey; at a refresh nobody is there to prove one. */
async function canStepUp(house: RiskHouse, attempt: Attempt): Promise<boolean> {
  const { kind, realm, subject, subjectKind } = attempt;
  if (subject === undefined || subjectKind !== 'person') return false;
  if (kind !== 'sign_in' && kind !== 'step_up') return false;
  return (await house.countFactors(realm, subject)) > 0;
}

/** A name on the list of who left, or of who is at risk too, could let nobody back in. */
async function canOthersAdminister(house: RiskHouse, attempt: Attempt): Promise<boolean> {
  const { realm, subject } = attempt;
  const { administrators = [] } = house.policies.of(parseRealmId(realm).tenant).policy;
  if (subject === undefined || !administrators.includes(subject)) return true;
  for (const other of administrators) {
    if (other === subject || !(await house.canSignIn(realm, other))) continue;
    const hasFactor = (await house.countFactors(realm, other)) > 0;
    if (!house.standings.keepsOut(realm, other, hasFactor)) return true;
  }
  return false;
}

/** RFC 8176 names of what a stolen password does not give. */
const STRONG = new Set(['hwk', 'swk', 'mfa', 'fido', 'sc']);

export function factsOf(
  house: RiskHouse,
  attempt: Attempt,
  able: Able,
  { detections }: Assessment,
): DecisionFacts {
  const { realm, subject, subjectKind, kind, clientId, methods = [] } = attempt;
  const { tenant, population } = parseRealmId(realm);
  const { administrators = [] } = house.policies.of(tenant).policy;
  return {
    ...{ population, subjectKind, kind, ...able },
    ...(clientId === undefined ? {} : { app: clientId }),
    // At a refresh the methods are those of the sign-in: whoever stole its token has proved nothing.
    factorProved:
      (kind === 'sign_in' || kind === 'step_up') &&
      methods.some((method) => STRONG.has(method)) &&
      !detections.some(({ code }) => code === 'factor_in_doubt'),
    administrator: subject !== undefined && administrators.includes(subject),
  };
}
