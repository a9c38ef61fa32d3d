// When what is thought of somebody rises until the policy would not let them go on, their sign-ins end and
// their tokens are revoked. A follower of `risk.changed`: it runs at least once for each, also after a
// crash, and ending what has ended does nothing.

import type { ProviderHouse } from '@countersign/provider';
import type { RealmId, SubjectKind } from '@countersign/vocabulary';
import type { RiskHouse } from './risk-house.ts';

const FOLLOWER = 'end-sign-ins';
const PAGE = 100;
/** Events that are looked at again after a crash, at most; to end what has ended does nothing. */
const MOST_UNKEPT = 1_000;

interface ChangedFacts {
  realm?: RealmId;
  sub?: string;
  item?: { kind?: SubjectKind };
  extra?: { gotIn?: boolean };
  risk?: { level?: string };
}

export function endRiskySignIns(
  house: Pick<RiskHouse, 'memory' | 'standings' | 'audit' | 'log' | 'countFactors'>,
  provider: Pick<ProviderHouse, 'endSignIns'>,
): () => Promise<void> {
  const { memory, standings, audit, log } = house;
  let kept: number | undefined;
  let after = 0;

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

  const newestSequence = async (): Promise<number> => {
    const [last] = await audit.listEvents({ beforeSequence: Number.MAX_SAFE_INTEGER, limit: 1 });
    return last?.sequence ?? 0;
  };
  return async () => {
    kept ??= after = await memory.cursors.read(FOLLOWER);
    // Asked first: what is recorded meanwhile is looked at the next time.
    const newest = await newestSequence();
    for (let full = true; full; ) {
      const events = await audit.listEvents({
        ...{ afterSequence: after, limit: PAGE, names: ['risk.changed'] },
      });
      // On record is not yet remembered: until the act is folded, the standing is the one before it.
      if (events.length > 0) await memory.caughtUp();
      for (const { sequence, ocsf } of events) {
        const { countersign } = (ocsf['unmapped'] ?? {}) as { countersign?: ChangedFacts };
        if (countersign !== undefined) await react(countersign);
        after = sequence;
      }
      full = events.length === PAGE;
    }
    after = Math.max(after, newest);
    if (after - kept < MOST_UNKEPT) return;
    await memory.cursors.move(FOLLOWER, after);
    kept = after;
  };
}
