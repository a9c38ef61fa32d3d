// What is remembered of one realm and of the subject that acts in it. The engine is handed it, reads it
// to assess and folds into it to learn; keeping it is for the memory room.

import type { RealmCounts } from '../counts/realm-counts.ts';
import type { Profile } from '../profile/profile.ts';

/** Counters of traffic; the class of `infrastructure` fits it. */
export interface InfrastructureMemory {
  encode(): Uint8Array;
}

/** Rolling reservoirs of legitimate acts; the class of `score` fits it. */
export interface CalibrationMemory {
  encode(): Uint8Array;
}

/** What detectors keep of a realm between acts; the class of `detectors` fits it. */
export interface DetectorMemoryPart {
  encode(): Uint8Array;
}

export interface RealmMemory<
  Infrastructure = InfrastructureMemory,
  Calibrated = CalibrationMemory,
  Detecting = DetectorMemoryPart,
> {
  /** Of the subject. An empty one when nobody is known by the name. */
  profile: Profile;
  counts: RealmCounts;
  /** Counts of the same population in other realms: the prior of a realm that is new. */
  peers?: RealmCounts;
  infrastructure: Infrastructure;
  calibration: Calibrated;
  detectors: Detecting;
}
