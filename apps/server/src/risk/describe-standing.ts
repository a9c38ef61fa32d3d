// Why somebody is thought of as they are, for whoever reads who is at risk: what speaks against them most
// today, and the act it was found in.

import type { KeptAct } from '@countersign/memory';
import { DEFAULT_STANDING_SETTINGS, type Evidence, type Standing } from '@countersign/risk';
import type { RealmId } from '@countersign/vocabulary';
import type { HouseMemory } from './risk-house.ts';
import { shapes } from './shapes.ts';

export interface DescribedReason {
  /** Somebody said that it was an attack; until that is cleared, nothing else counts. */
  confirmed: boolean;
  /** When the act was, or when it was said. */
  timeMs: number;
  /** The act it was found in; absent when it is no longer kept. */
  assessment?: string;
  /** The first reason of the act, else its first detection. */
  sentence?: string;
}

export interface DescribedStanding {
  /** 0 to 100, as of now. */
  score: number;
  level: string;
  /** Absent: nothing speaks against them. */
  why?: DescribedReason;
}

type Acts = Pick<HouseMemory['acts'], 'list' | 'find' | 'saidOf'>;

/** @param of `realm` and `subject`, and the standing of that subject */
export async function describeStanding(
  acts: Acts,
  { realm, subject, standing }: { realm: RealmId; subject: string; standing: Standing },
  nowMs: number,
): Promise<DescribedStanding> {
  const now = shapes.describeStanding(standing, nowMs);
  const most = weightiest(standing.evidence, nowMs);
  if (most === undefined || now.score === 0) return now;
  const { compromised: confirmed, timeMs } = most;
  const act = confirmed
    ? await confirmedAct(acts, realm, subject)
    : await oddAct(acts, realm, subject, timeMs);
  return { ...now, why: { confirmed, timeMs, ...wordsOf(act) } };
}

function weightiest(evidence: readonly Evidence[], nowMs: number): Evidence | undefined {
  const { halfLifeMs } = DEFAULT_STANDING_SETTINGS;
  const weight = ({ compromised, score, timeMs }: Evidence): number =>
    compromised ? Number.POSITIVE_INFINITY : score * 2 ** (-(nowMs - timeMs) / halfLifeMs);
  return evidence.toSorted((one, other) => weight(other) - weight(one))[0];
}

async function confirmedAct(
  acts: Acts,
  realm: RealmId,
  subject: string,
): Promise<KeptAct | undefined> {
  const said = await acts.saidOf(realm, subject);
  const confirmation = said.find(({ effect }) => effect?.standing === 'high');
  return confirmation?.about === undefined ? undefined : await acts.find(confirmation.about);
}

/** Odd acts of one subject are few: what is not among these is named by its time alone. */
const LOOKED_THROUGH = 100;
/** Nothing less speaks against anybody, and of what is ordinary there may be thousands. */
const LEAST_ODD = 40;

async function oddAct(
  acts: Acts,
  realm: RealmId,
  subject: string,
  timeMs: number,
): Promise<KeptAct | undefined> {
  const query = { realm, subject, sinceMs: timeMs, score: LEAST_ODD, limit: LOOKED_THROUGH };
  return (await acts.list(query)).findLast((act) => act.timeMs === timeMs);
}

function wordsOf(act: KeptAct | undefined): Pick<DescribedReason, 'assessment' | 'sentence'> {
  if (act === undefined) return {};
  const { reasons = [], detections = [] } = act.assessment ?? {};
  const sentence = reasons[0]?.sentence ?? detections[0]?.sentence;
  return { assessment: act.id, ...(sentence === undefined ? {} : { sentence }) };
}
