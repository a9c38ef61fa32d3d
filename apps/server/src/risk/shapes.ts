// How the parts of the engine's memory are made and kept, each by its own type.

import type { Codec, Shapes } from '@countersign/memory';
import {
  Calibration,
  DetectorMemory,
  InfrastructureCounters,
  Profile,
  RealmCounts,
  Standing,
} from '@countersign/risk';

export type Infrastructure = InfrastructureCounters;
export type Calibrated = Calibration;
export type Detecting = DetectorMemory;

interface Kept<T> {
  new (): T;
  decode(bytes: Uint8Array): T;
}

function codecOf<T extends { encode(): Uint8Array }>(kept: Kept<T>): Codec<T> {
  return {
    make: () => new kept(),
    decode: (bytes) => kept.decode(bytes),
    encode: (value) => value.encode(),
  };
}

export const shapes: Shapes<Infrastructure, Calibrated, Detecting, Standing> = {
  profile: codecOf(Profile),
  counts: codecOf(RealmCounts),
  infrastructure: codecOf(InfrastructureCounters),
  calibration: codecOf(Calibration),
  detectors: codecOf(DetectorMemory),
  standing: codecOf(Standing),
  describeStanding: (standing, nowMs) => ({
    score: Math.round(standing.score(nowMs) * 10) / 10,
    level: standing.level(nowMs),
  }),
};
