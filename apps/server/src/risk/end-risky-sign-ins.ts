// When what is thought of somebody rises until the policy would not let them go on, their sign-ins end and
// their tokens are revoked. A follower of `risk.changed`: it runs at least once for each, also after a
// crash, and ending what has ended does nothing.

import type { ProviderHouse } from '@countersign/provider';
import type { RealmId, SubjectKind } from '@countersign/vocabulary';
import { followEvents } from './follow-events.ts';
import type { RiskHouse } from './risk-house.ts';

interface ChangedFacts {
  realm?: RealmId;
  sub?: string;
  item?: { kind?: SubjectKind };
  extra?: { gotIn?: boolean };
  risk?: { level?: string };
}

export function endRiskySignIns(
  house: Pick<RiskHouse, 'memory' | 'policies' | 'standings' | 'audit' | 'log' | 'countFactors'>,
  provider: Pick<ProviderHouse, 'endSignIns'>,
): () => Promise<void> {
  const { memory, standings, log } = house;

  async function react({ realm, sub, item, extra, risk }: ChangedFacts): Promise<void> {
    if (realm === undefined || sub === undefined || extra?.gotIn !== true) return;
    if (risk?.level === 'low') return;
    const { standing } = await memory.open(realm, sub);
    const subjectKind = item?.kind ?? 'person';
    const hasFactor = subjectKind === 'person' && (await house.countFactors(realm, sub)) > 0;
    const about = { subjectKind, hasFactor };
    if (standing === undefined || !standings.endsSignIns(realm, standing, about)) return;
    const ended = await provider.endSignIns(realm, sub, 'risk');
    log.warn({ realm, subject: sub, ...ended }, 'sign-ins were ended because of risk');
  }

  const place = { follower: 'end-sign-ins', names: ['risk.changed' as const] };
  return followEvents(house, place, async ({ ocsf }) => {
    const { countersign } = (ocsf['unmapped'] ?? {}) as { countersign?: ChangedFacts };
    if (countersign !== undefined) await react(countersign);
  });
}
