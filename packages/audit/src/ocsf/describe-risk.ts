// Risk in OCSF: `risk_level` and `risk_score` of a finding, or of the user of an Authentication; the
// rest, for which OCSF has no place, in the extension. Scores are whole numbers in OCSF.

import type { CountersignEvent, RiskFacts, RiskLevel } from '@countersign/vocabulary';

interface OcsfRisk {
  risk_level: string | undefined;
  risk_level_id: 1 | 2 | 3 | undefined;
  risk_score: number | undefined;
}

const LEVELS: Readonly<Record<RiskLevel, readonly [1 | 2 | 3, string]>> = {
  low: [1, 'Low'],
  medium: [2, 'Medium'],
  high: [3, 'High'],
};

export function describeRisk({ risk }: CountersignEvent): OcsfRisk {
  const [id, caption] = risk === undefined ? [] : LEVELS[risk.level];
  return {
    risk_level: caption,
    risk_level_id: id,
    risk_score: risk === undefined ? undefined : Math.round(risk.score),
  };
}

/** Members in the order of RFC 8785. */
export function describeRiskFacts(risk: RiskFacts): object {
  return {
    action: risk.action,
    assessment: risk.assessment,
    counterfactual: risk.counterfactual,
    degraded: risk.degraded,
    detections: risk.detections,
    level: risk.level,
    model: risk.model,
    reasons: risk.reasons?.map(({ code, sentence }) => ({ code, sentence })),
    score: risk.score,
    state: risk.state,
    tails: risk.tails === undefined ? undefined : sortTails(risk.tails),
  };
}

function sortTails(tails: Readonly<Record<string, number>>): object {
  return Object.fromEntries(Object.entries(tails).sort(([one], [other]) => (one < other ? -1 : 1)));
}
