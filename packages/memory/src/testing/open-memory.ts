// For tests: the real memory over a store in memory, with an engine that only counts, and a store that
// can be cut off as by a kill: what was committed stays, nobody is told, and nothing more is done.

import { ATTRIBUTES, Profile, RealmCounts, type RiskInput } from '@countersign/risk';
import { openStore, type Store } from '@countersign/storage';
import { ManualClock, type RealmId, seededRandom } from '@countersign/vocabulary';
import type { Act, KeptAct } from '../acts/act.ts';
import { keepMemory, type Memory } from '../keep-memory.ts';
import type { ActMemory, Codec, MemoryLimits, Shapes } from '../memory-options.ts';
import { memoryMigrations } from '../migrations.ts';
import type { MemoryTables } from '../tables.ts';

export interface Tally {
  /** Ids in the order in which they were folded. */
  ids: string[];
}

export type TestMemory = Memory<Tally, Tally, Tally, Tally>;
export const REALM: RealmId = 'acme/workforce';
export const SECRET = new Uint8Array(32).fill(7);

const tally: Codec<Tally> = {
  make: () => ({ ids: [] }),
  decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()) as Tally,
  encode: (value) => Buffer.from(JSON.stringify(value)),
};

const shapes: Shapes<Tally, Tally, Tally, Tally> = {
  profile: {
    make: () => new Profile(),
    decode: (bytes) => Profile.decode(bytes),
    encode: (profile) => profile.encode(),
  },
  counts: {
    make: () => new RealmCounts({ maxValues: 64 }),
    decode: (bytes) => RealmCounts.decode(bytes),
    encode: (counts) => counts.encode(),
  },
  infrastructure: tally,
  calibration: tally,
  detectors: tally,
  standing: tally,
  describeStanding: ({ ids }) => ({ score: ids.length, level: ids.length > 2 ? 'high' : 'low' }),
};

function fold(act: KeptAct, memory: ActMemory<Tally, Tally, Tally, Tally>): void {
  memory.infrastructure.ids.push(act.id);
  if (act.kind === 'failed') memory.profile.noteFailure(act.timeMs);
  if (act.kind !== 'judged') return;
  memory.profile.learn(act.input.values, act.timeMs);
  memory.counts.learn(act.input.values, act.timeMs);
  memory.standing?.ids.push(act.id);
}

export function open(
  store: Store<MemoryTables>,
  clock: ManualClock,
  limits: Partial<MemoryLimits> = {},
  onTrouble: (what: string) => void = () => {},
): Promise<TestMemory> {
  const random = seededRandom(1);
  return keepMemory({ store, clock, random, secret: SECRET, shapes, fold, limits, onTrouble });
}

export async function withStore(
  body: (store: Store<MemoryTables>, clock: ManualClock) => Promise<void>,
): Promise<void> {
  const clock = new ManualClock(1_795_289_400_000);
  const store = await openStore<MemoryTables>({
    ...{ memory: true, migrations: memoryMigrations, clock },
  });
  try {
    await body(store, clock);
  } finally {
    await store.close();
  }
}

export function inputOf(value: number, timeMs: number): RiskInput {
  return {
    kind: 'sign_in',
    timeMs,
    population: 'workforce',
    subjectKind: 'person',
    outcome: 'success',
    methods: ['pwd'],
    values: new Float64Array(ATTRIBUTES.length).fill(value),
    labels: { country: 'NO' },
    flags: { hosting: false, vpn: false, tor: false, relay: false, bot: false, implausible: false },
    missing: [],
  };
}

export function actOf(id: string, subject: string, timeMs: number, more: Partial<Act> = {}): Act {
  const number = [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);
  return {
    ...{ id, kind: 'judged', realm: REALM, subject, timeMs, input: inputOf(number, timeMs) },
    ...more,
  };
}

/** From `cut` on, jobs are done and nobody hears of it; jobs that come later are not done. */
export function cuttable(store: Store<MemoryTables>) {
  const running = new Set<Promise<unknown>>();
  let isCut = false;
  const never = <T>() => new Promise<T>(() => {});
  const unlessCut = async <T>(begin: () => Promise<T>): Promise<T> => {
    if (isCut) return never();
    const work = begin();
    running.add(work);
    const result = await work.finally(() => running.delete(work));
    return isCut ? never() : result;
  };
  const cut: Store<MemoryTables> = {
    read: store.read,
    write: (queries) => unlessCut(() => store.write(queries)),
    close: async () => {},
    transaction: (job) => unlessCut(() => store.transaction(job)),
  };
  return {
    store: cut,
    cut: async () => {
      isCut = true;
      await Promise.allSettled(running);
    },
  };
}
