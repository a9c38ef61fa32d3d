// The part of the catalogue about the risk engine: what it made of an attempt, and what became of that.

import type { ActorFacts, EventName, RiskFacts } from '@countersign/vocabulary';
import { type CatalogueEntry, cause, person, realm, timeMs } from './example-facts.ts';

const operator: ActorFacts = { kind: 'operator', id: 'op-ana', reason: 'ticket 4711' };
const assessed: RiskFacts = {
  assessment: 'ra-9k2f',
  score: 61.3,
  level: 'medium',
  state: 'scored',
  action: 'step_up',
  model: 'default-1',
  tails: { relation: 0.0021, novelty: 0.31, infrastructure: 0.4 },
  detections: ['new_country'],
  reasons: [{ code: 'country_unusual', sentence: 'Country: usually NO, now LV.' }],
  counterfactual: 'It would be low if the country were known.',
};
const standing: RiskFacts = { score: 78, level: 'high', reasons: assessed.reasons ?? [] };

export const riskEvents = {
  'risk.assessed': {
    when: 'An attempt whose credential was right was judged: a sign-in, a step-up, a refresh, the issuing or the use of a token. Durable before it is answered. Of a use of a token, which is judged after it was answered: only when it is odd. Of a token that was proven to be forged or to descend from nothing: of whom it names, with operation use and causedBy. Of a token that a workload gets at low risk, with nothing odd: risk stands in its token.issued.',
    facts:
      'risk (all), subject, clientId, sessionId, token.tokenHash (of a use), operation: sign_in, step_up, refresh, token, use, extra (what a person may read of where it came from, rules that fitted, whether one wants it noticed, what a challenger said; address and user agent stand in the event of the session or the use)',
    example: {
      name: 'risk.assessed',
      timeMs,
      realm,
      ...person,
      operation: 'sign_in',
      risk: assessed,
      extra: { country: 'LV', asn: 'AS12578 Tet', browser: 'Chrome 141', outcome: 'success' },
    },
  },
  'risk.changed': {
    when: 'What is thought of a person, device or workload as a whole reached another level: by what it did, by feedback, or by time.',
    facts: 'subject, risk, item (kind, id), causedBy, reason, extra.before (the level it had)',
    example: {
      name: 'risk.changed',
      timeMs,
      realm,
      severity: 'high',
      subject: 'p-7f3k',
      item: { kind: 'person', id: 'p-7f3k' },
      risk: standing,
      reason: 'assessed',
      causedBy: cause,
      extra: { before: 'low' },
    },
  },
  'risk.detected': {
    when: 'A detection fired: something told by a rule, not by a score. One event a detection and attempt.',
    facts:
      'subject, clientId, sessionId, risk, reason (code of the detection), causedBy = the assessment, extra.entra (the riskEventType of Microsoft Entra, where there is one), extra (facts of the detection)',
    example: {
      name: 'risk.detected',
      timeMs,
      realm,
      ...person,
      risk: { assessment: 'ra-9k2f', score: 61.3, level: 'medium' },
      reason: 'unlikely_travel',
      causedBy: cause,
      extra: { entra: 'unlikelyTravel', fromCountry: 'NO', toCountry: 'LV', hours: 1.5 },
    },
  },
  'risk.feedback': {
    when: 'Somebody said what an attempt was. The score on record stays; what is thought of the person, and what is learned, changes.',
    facts:
      'actor, subject, item (the assessment), causedBy, operation: confirm_compromised, confirm_safe, dismiss, extra.ignored (why it changed nothing)',
    example: {
      name: 'risk.feedback',
      timeMs,
      realm,
      subject: 'p-7f3k',
      actor: operator,
      item: { kind: 'assessment', id: 'ra-9k2f' },
      operation: 'confirm_compromised',
      causedBy: cause,
    },
  },
  'risk.model_changed': {
    when: 'The model that judges, or the one that judges beside it without effect, was put in or taken out.',
    facts: 'tenant, actor, item (the model), operation: champion, challenger, removed, change',
    example: {
      name: 'risk.model_changed',
      timeMs,
      actor: operator,
      item: { kind: 'model', id: 'default-2' },
      operation: 'champion',
      change: { before: { model: 'default-1' }, after: { model: 'default-2' } },
    },
  },
  'risk.drifted': {
    when: 'Measured daily: inputs are spread otherwise than when the model was made, or more legitimate acts pass a level than its budget allows.',
    facts: 'realm, reason (inputs, false_positives), item (what drifted), extra (measure, limit)',
    example: {
      name: 'risk.drifted',
      timeMs,
      realm,
      reason: 'false_positives',
      item: { kind: 'level', id: 'medium' },
      extra: { share: 0.019, budget: 0.01, acts: 18_204 },
    },
  },
  'risk.rolled_back': {
    when: 'The profile of a person, or of all of a realm, was set back to a snapshot from before an incident.',
    facts: 'actor, subject (absent: the whole realm), extra.toMs, extra.profiles',
    example: {
      name: 'risk.rolled_back',
      timeMs,
      realm,
      subject: 'p-7f3k',
      actor: operator,
      extra: { toMs: 1_795_200_000_000, profiles: 1 },
    },
  },
} satisfies Partial<Record<EventName, CatalogueEntry>>;
