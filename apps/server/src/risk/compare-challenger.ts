// What the model that looks on would have done beside the one that judges, over the newest acts that both
// judged; what somebody said of an act since is its label.

import type { Audit } from '@countersign/audit';
import { type Comparison, compareModels, type PairedAct } from '@countersign/risk';
import { openTurns } from '../reading/work-turns.ts';

/** Newest acts that are looked at. */
const MOST_ACTS = 20_000;
const PAGE = 500;

interface Told {
  risk?: { assessment?: string; score?: number; model?: string };
  extra?: { challenger?: string; challengerScore?: number; believed?: boolean };
  item?: { id?: string };
  operation?: string;
}

/** The ids of the model that looks on and of the one that judges. */
export interface ComparedModels {
  challenger: string;
  champion: string;
}

/** Undefined while both judged nothing. */
export async function compareChallenger(
  { listEvents }: Pick<Audit, 'listEvents'>,
  models: ComparedModels,
  mediumShare: number,
): Promise<Comparison | undefined> {
  const labels = new Map<string, 0 | 1>();
  const pairs: PairedAct[] = [];
  let seen = 0;
  const rest = openTurns();
  for (let before = Number.MAX_SAFE_INTEGER; seen < MOST_ACTS; ) {
    const page = await listEvents({
      ...{ beforeSequence: before, limit: PAGE, names: ['risk.assessed', 'risk.feedback'] },
    });
    for (const { ocsf } of page) {
      const { countersign } = (ocsf['unmapped'] ?? {}) as { countersign?: Told };
      if (countersign === undefined) continue;
      noteLabel(labels, countersign);
      const pair = pairOf(labels, countersign, models);
      if (pair !== undefined) pairs.push(pair);
    }
    seen += page.length;
    before = page.reduce((least, { sequence }) => Math.min(least, sequence), before);
    if (page.length < PAGE) break;
    await rest();
  }
  return pairs.length === 0 ? undefined : compareModels(pairs, { mediumShare });
}

/** Newest first: what was said last of an act is read first, and counts. */
function noteLabel(labels: Map<string, 0 | 1>, { operation, item, extra }: Told): void {
  const id = item?.id;
  if (operation === undefined || id === undefined || extra?.believed !== true) return;
  if (labels.has(id)) return;
  labels.set(id, operation === 'confirm_compromised' || operation === 'was_not_me' ? 1 : 0);
}

function pairOf(
  labels: ReadonlyMap<string, 0 | 1>,
  { risk, extra, operation }: Told,
  { challenger, champion }: ComparedModels,
): PairedAct | undefined {
  const { assessment, score, model } = risk ?? {};
  // Of uses only what the champion found odd is on record: to count them would speak against it.
  if (operation === 'use' || model !== champion) return undefined;
  if (extra?.challenger !== challenger || score === undefined) return undefined;
  const label = assessment === undefined ? undefined : labels.get(assessment);
  return {
    champion: score,
    // One that could not judge does not win by it.
    challenger: extra.challengerScore ?? Number.NaN,
    ...(label === undefined ? {} : { label }),
  };
}
