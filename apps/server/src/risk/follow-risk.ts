// What follows of risk while the house runs: what was found of tokens speaks for whom they name, sign-ins
// end, and once a day the engine looks at itself. Each by itself, for a look at a large house takes minutes,
// and a stolen session must not live on meanwhile.

import type { Audit } from '@countersign/audit';
import type { Directory } from '@countersign/directory';
import type { ProviderHouse } from '@countersign/provider';
import { type RunningReconciler, runReconciler } from '../reconcile/run-reconciler.ts';
import { subjectKindOf } from './ask-directory.ts';
import { endRiskySignIns } from './end-risky-sign-ins.ts';
import { judgeFindings } from './judge-findings.ts';
import type { OpenedRisk } from './open-risk.ts';
import { watchRisk } from './watch-drift.ts';

export interface FollowedBy {
  provider: Pick<ProviderHouse, 'endSignIns'>;
  directory: Pick<Directory, 'tenants' | 'people' | 'clients'>;
  audit: Pick<Audit, 'listFindings'>;
  /** It is tried again. */
  onFailure: (error: unknown) => void;
}

export function followRisk(
  risk: Pick<OpenedRisk, 'house' | 'engine' | 'follow'>,
  { provider, directory, audit, onFailure }: FollowedBy,
): Pick<RunningReconciler, 'stop'> {
  let stopped = false;
  const whoIs = subjectKindOf(directory);
  const judging = runReconciler([judgeFindings(risk.house, { audit, whoIs })], onFailure);
  const ending = runReconciler([endRiskySignIns(risk.house, provider)], onFailure);
  const looking = runReconciler([watchRisk(risk, directory, () => stopped)], onFailure);
  risk.follow(ending.nudge);
  return {
    stop: async () => {
      stopped = true;
      await Promise.all([judging.stop(), ending.stop(), looking.stop()]);
    },
  };
}
