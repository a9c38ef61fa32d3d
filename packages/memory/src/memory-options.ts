// What the memory is made with. It judges nothing: how an act is folded is handed in.

import type { Profile, RealmCounts, RealmMemory } from '@countersign/risk';
import type { Store } from '@countersign/storage';
import type { Clock, Random, RealmId } from '@countersign/vocabulary';
import type { KeptAct } from './acts/act.ts';
import type { ModelBook } from './models/model-book.ts';
import type { MemoryTables } from './tables.ts';

/** How something of the engine is made and kept. `decode` throws on bytes that are not its own. */
export interface Codec<T> {
  make(): T;
  decode(bytes: Uint8Array): T;
  encode(value: T): Uint8Array;
}

/** The parts of the engine's memory, by their engine's own types. */
export interface Shapes<Infrastructure, Calibrated, Detecting, Standing> {
  profile: Codec<Profile>;
  counts: Codec<RealmCounts>;
  infrastructure: Codec<Infrastructure>;
  calibration: Codec<Calibrated>;
  detectors: Codec<Detecting>;
  standing: Codec<Standing>;
  /** For lists of who is at risk; as of the given time. */
  describeStanding(standing: Standing, nowMs: number): { score: number; level: string };
}

/** What an act is judged against and folded into. Nothing here is a copy. */
export interface ActMemory<Infrastructure, Calibrated, Detecting, Standing>
  extends RealmMemory<Infrastructure, Calibrated, Detecting> {
  /** Of the subject; undefined where nobody is known by the name. */
  standing?: Standing;
}

export interface MemoryLimits {
  /** Profiles held decoded; others are read from disk when their subject acts. Default 50,000. */
  mostProfiles: number;
  /** Realms held decoded. Default 256. */
  mostRealms: number;
  /** Acts after which everything is written. Default 500. */
  mostUnkeptActs: number;
  /** Written at the latest after this, in milliseconds. Default 20,000. */
  longestUnkeptMs: number;
  /** Acts on disk that wait to be folded while memory cannot be read; no more are taken. Default 10,000. */
  mostUnfoldedActs: number;
  /** How long judged acts can be explained, settled and commented on, in days. Default 90. */
  keepActsDays: number;
  /** Daily snapshots are kept for so many days. Default 14. */
  keepSnapshotsDays: number;
  /** The key that stands for addresses and agents of a tenant is changed after, in days. Default 90. */
  rotateKeysDays: number;
}

export const defaultMemoryLimits: MemoryLimits = {
  mostProfiles: 50_000,
  mostRealms: 256,
  mostUnkeptActs: 500,
  longestUnkeptMs: 20_000,
  mostUnfoldedActs: 10_000,
  keepActsDays: 90,
  keepSnapshotsDays: 14,
  rotateKeysDays: 90,
};

export interface MemoryOptions<Infrastructure, Calibrated, Detecting, Standing> {
  store: Store<MemoryTables>;
  clock: Clock;
  random: Random;
  /** At least 32 random bytes, kept outside the database: without it no address can be tried against a hash. */
  secret: Uint8Array;
  shapes: Shapes<Infrastructure, Calibrated, Detecting, Standing>;
  /**
   * Folds one act. Depends on nothing but what it is given: after a crash the same acts are folded again
   * in the same order and must leave the same memory.
   */
  fold(act: KeptAct, memory: ActMemory<Infrastructure, Calibrated, Detecting, Standing>): void;
  /** Called before anything is folded, also what a crash left: folding may depend on the models. */
  prepare?(models: ModelBook): Promise<void>;
  limits?: Partial<MemoryLimits>;
  /** Bytes that could not be read, an act that could not be folded, a write that failed. */
  onTrouble?(what: string, error: unknown, realm?: RealmId): void;
}
