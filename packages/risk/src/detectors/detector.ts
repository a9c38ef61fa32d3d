// One detector: a rule that looks for one thing, says it by a stable code, and has a budget of false
// alarms. It reads the act and what is kept; it folds nothing.

import type { AttemptKind, SubjectKind } from '@countersign/vocabulary';
import type { RealmCounts } from '../counts/realm-counts.ts';
import { ATTRIBUTE_INDEX, type Attribute } from '../input/attributes.ts';
import type { RiskInput } from '../input/risk-input.ts';
import type { Profile } from '../profile/profile.ts';
import type { DetectorMemory } from './detector-memory.ts';

/** What a detector may look at. */
export interface Sight {
  input: RiskInput;
  profile: Profile;
  counts: RealmCounts;
  kept: DetectorMemory;
  /** Row of the subject in `kept.subjects`, where it has one. */
  subject: Float64Array | undefined;
  /** Value of an attribute; 0 when not known. */
  value(attribute: Attribute): number;
  /** Known, and never seen in this profile. */
  isNew(attribute: Attribute): boolean;
  /** As `isNew`; and what somebody usually shows and now leaves out is strange, too: leaving out is free. */
  isStrange(attribute: Attribute): boolean;
  /** What a session that goes on began with: how odd that is was judged then. */
  isWhereBegun(attribute: Attribute): boolean;
}

export interface Seen {
  /** One plain sentence. */
  sentence: string;
  facts: Record<string, string | number | boolean>;
}

export interface Detector {
  /** Stable. */
  code: string;
  /** The riskEventType of Microsoft Entra with the same meaning. */
  entra?: string;
  /** What it is, for people who read the catalogue. */
  about: string;
  /** What makes it silent where it should be, or blind where one would not expect it. */
  limits: string;
  subjects: readonly SubjectKind[];
  kinds: readonly AttemptKind[];
  /** Share of legitimate acts it is allowed to fire on. */
  tail: number;
  look(sight: Sight): Seen | undefined;
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const PEOPLE: readonly SubjectKind[] = ['person'];
export const MACHINES: readonly SubjectKind[] = ['device', 'workload', 'agent'];
export const EVERYBODY: readonly SubjectKind[] = ['person', 'device', 'workload', 'agent'];
export const AT_SIGN_IN: readonly AttemptKind[] = ['sign_in', 'step_up'];
export const IN_SESSION: readonly AttemptKind[] = ['refresh', 'use'];
export const ALWAYS: readonly AttemptKind[] = ['sign_in', 'step_up', 'refresh', 'token', 'use'];

export interface SightOf {
  profile: Profile;
  counts: RealmCounts;
  detectors: DetectorMemory;
}

export function openSight(input: RiskInput, memory: SightOf): Sight {
  const { profile, counts, detectors: kept } = memory;
  const key = subjectKeyOf(input);
  const value = (attribute: Attribute) => {
    const found = input.values[ATTRIBUTE_INDEX[attribute]];
    return Number.isSafeInteger(found) && (found ?? 0) > 0 ? (found ?? 0) : 0;
  };
  const isNew = (attribute: Attribute) => {
    const wanted = value(attribute);
    if (wanted === 0) return false;
    return !profile.values(attribute, input.timeMs).some((slot) => slot.value === wanted);
  };
  return {
    ...{ input, profile, counts, kept, value, isNew },
    subject: key === 0 ? undefined : kept.subjects.find(key),
    isWhereBegun: (attribute) => {
      const began = input.session?.values[ATTRIBUTE_INDEX[attribute]] ?? 0;
      return began > 0 && began === value(attribute);
    },
    isStrange: (attribute) =>
      isNew(attribute) ||
      (value(attribute) === 0 && isUsuallyShown(profile, attribute, input.timeMs)),
  };
}

function isUsuallyShown(profile: Profile, attribute: Attribute, timeMs: number): boolean {
  return profile.depth > 0 && profile.knownWeight(attribute, timeMs) > profile.weight(timeMs) / 2;
}

/** The address says nothing of where somebody is. */
export function hidesPlace({ flags }: Pick<RiskInput, 'flags'>): boolean {
  return flags.vpn || flags.tor || flags.relay || flags.hosting;
}

/** As a number, 0 for nobody's name. */
export function subjectKeyOf({ subjectKey }: Pick<RiskInput, 'subjectKey'>): number {
  const key = subjectKey === undefined ? 0 : Number(subjectKey);
  return Number.isSafeInteger(key) && key > 0 ? key : 0;
}
