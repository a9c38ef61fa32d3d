// What the house made of the last thing somebody did, as the security team asks for it: `countersign risk
// explain`, with the tenant's own credential.

import type { Takeover } from '../src/stage/scenario-result.ts';
import { claim } from '../src/stage/tell-story.ts';
import type { House } from './stage.ts';

export interface Explained {
  id: string;
  score: number;
  level: 'low' | 'medium' | 'high';
  action: string;
  state: string;
  reasons: { code: string; sentence: string }[];
  detections: { code: string; sentence: string }[];
  counterfactual?: string;
  limit?: { accessTokenSeconds?: number };
}

/** @param kind of the act: the newest of this kind by this person or machine. */
export async function explainLast(
  house: Pick<House, 'ask' | 'type'>,
  { realm, subject, kind }: { realm: string; subject: string; kind: string },
): Promise<Explained> {
  const { assessments } = await house.ask<{
    assessments: { id: string; kind: string; realm: string; level: string }[];
  }>(`/api/v1/risk/assessments?subject=${encodeURIComponent(subject)}&limit=20`);
  const act = assessments.find((each) => each.realm === realm && each.kind === kind);
  claim(act !== undefined, `Nothing of kind ${kind} was judged of ${subject}.`);
  const { exitCode, json, complaint } = await house.type('risk', 'explain', act.id);
  const said = `${JSON.stringify(json['error'])} ${complaint}`;
  claim(exitCode === 0, `risk explain ${act.id} ended with ${exitCode}: ${said}`);
  const explained = json['assessment'] as unknown as Explained;
  claim(explained.reasons.length > 0, `No reason is given for ${explained.score} of 100.`);
  claim(
    explained.reasons.every(({ sentence }) => sentence.trim() !== ''),
    'A reason says nothing.',
  );
  return explained;
}

/** For the reader: the score, what was detected, and the reasons, in their own words. */
export function sayWhy({ score, level, reasons, detections }: Explained): string {
  const [first] = detections;
  const codes = detections.map(({ code }) => code).join(', ');
  const sentences = [first, ...reasons].flatMap((one) => one?.sentence ?? []);
  return `${level}, ${score} of 100 (${codes || 'no detection'}). ${[...new Set(sentences)].join(' ')}`;
}

export function takeoverOf(
  who: Takeover['who'],
  { score, level, reasons, detections, action }: Explained,
  outcome: Pick<Takeover, 'stopped' | 'ended'>,
): Takeover {
  return {
    ...{ who, score, level, action },
    reasons: reasons.map(({ sentence }) => sentence),
    detections: detections.map(({ code, sentence }) => ({ code, sentence })),
    ...outcome,
  };
}
