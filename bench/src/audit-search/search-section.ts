// How long a question to ten million events takes: filtered searches, counts over all, one event by its id.

import type { Section } from '../report.ts';
import { type LargeArchive, openLargeArchive, TENANT } from './open-archive.ts';
import { searchMix } from './search-mix.ts';
import { goalOf, percentileOf } from './summary.ts';

const EVENTS = Number(process.env['COUNTERSIGN_BENCH_EVENTS'] ?? 10_000_000);
const ROUNDS = 8;
const LOOKUPS = 40;
const PAGE = 50;

interface Counted {
  groupBy: string[];
  bucketMs?: number;
  distinct?: string[];
  approximate?: boolean;
}

const COUNTS: Record<string, Counted> = {
  'all, by name': { groupBy: ['name'] },
  'all, by class and country': { groupBy: ['class', 'country'] },
  'all, by app, with different people': { groupBy: ['app'], distinct: ['person'] },
  'all, by app, with different people, estimated': {
    ...{ groupBy: ['app'], distinct: ['person'], approximate: true },
  },
  'all, by person, the busiest 50': { groupBy: ['person'] },
  'all, by day': { groupBy: [], bucketMs: 86_400_000 },
};

export async function auditSearchSection(): Promise<Section> {
  const archive = await openLargeArchive(EVENTS);
  try {
    const searches = await measureSearches(archive);
    const counts = await measureCounts(archive);
    const lookups = await measureLookups(archive);
    return describe(archive, searches, counts, lookups);
  } finally {
    await archive.close();
  }
}

interface Timed {
  name: string;
  samples: number[];
  cpuMs: number;
}

async function timed(name: string, job: () => Promise<unknown>): Promise<Timed> {
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  await job();
  const tookMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpu);
  return { name, samples: [tookMs], cpuMs: (user + system) / 1000 };
}

async function measureSearches({ archivist, events, nowMs }: LargeArchive): Promise<Timed[]> {
  const scope = { tenant: TENANT };
  const some = async (field: string): Promise<string[]> => {
    const asked = { scope, filter: 'time >= -3d', groupBy: [field], order: 'key' as const };
    const { groups } = await archivist.aggregate({ ...asked, limit: 1000 });
    return groups.map(({ key }) => String(key[0]));
  };
  const mix = { events, nowMs, persons: await some('person'), sessions: await some('session') };
  const all: Timed[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [at, filter] of searchMix(mix).entries()) {
      const search = { scope, filter, order: 'newest' as const, limit: PAGE };
      const one = await timed(filter, () => archivist.search(search));
      const known = all[at];
      if (known === undefined) all.push(one);
      else {
        known.samples.push(...one.samples);
        known.cpuMs += one.cpuMs;
      }
    }
  }
  return all;
}

async function measureCounts({ archivist }: LargeArchive): Promise<Timed[]> {
  const all: Timed[] = [];
  for (const [name, asked] of Object.entries(COUNTS)) {
    const question = { scope: { tenant: TENANT }, filter: '', order: 'count' as const, limit: 50 };
    const runs: Timed[] = [];
    for (let run = 0; run < 4; run += 1)
      runs.push(await timed(name, () => archivist.aggregate({ ...question, ...asked })));
    // The first one reads the files from disk; what is quoted is the median of the others.
    const samples = runs.slice(1).flatMap((run) => run.samples);
    all.push({ name, samples, cpuMs: (runs.at(-1)?.cpuMs ?? 0) * samples.length });
  }
  return all;
}

async function measureLookups({ archivist }: LargeArchive): Promise<Timed> {
  const { events } = await archivist.search({
    ...{ scope: { tenant: TENANT }, order: 'oldest', limit: LOOKUPS },
    filter: 'name = token.refused and status = failure',
  });
  const all: Timed = { name: 'one event by its id, sealed', samples: [], cpuMs: 0 };
  for (const { uid } of events) {
    const one = await timed(uid, () => archivist.findByUid(TENANT, uid));
    all.samples.push(...one.samples);
    all.cpuMs += one.cpuMs;
  }
  return all;
}

function describe(
  archive: LargeArchive,
  searches: readonly Timed[],
  counts: readonly Timed[],
  lookups: Timed,
): Section {
  const millions = `${(archive.events / 1e6).toFixed(0)} million`;
  const p95 = percentileOf(
    searches.flatMap(({ samples }) => samples),
    0.95,
  );
  const plain = counts.filter(({ name }) => !name.endsWith('different people'));
  const slowest = Math.max(...plain.map(({ samples }) => percentileOf(samples, 0.5)));
  const lookupP95 = percentileOf(lookups.samples, 0.95);
  const row = ({ name, samples, cpuMs }: Timed) => ({
    cells: [
      `\`${name.replaceAll('|', '\\|')}\``,
      ...[0.5, 0.95].map((part) => percentileOf(samples, part)),
      cpuMs / samples.length,
    ],
  });
  return {
    title: 'Searching the audit trail',
    method: `${millions} events of one tenant over ten months, in Parquet files of half a million (${archive.bytesPerEvent.toFixed(0)} bytes an event), made by SQL in the shapes that the house records and imports. Each question is asked ${ROUNDS} times with other values that occur; a page is ${PAGE} events with their text; in process, without HTTP. Two threads. Files are in the page cache.`,
    header: ['question', 'median ms', 'p95 ms', 'CPU ms'],
    rows: [...searches, ...counts, lookups].map(row),
    goals: [
      goalOf('filtered search, p95 over all', '< 200 ms', p95, 200),
      goalOf('group-by over all events, the slowest', '< 1 s', slowest, 1000),
      goalOf('one event by its id, sealed, p95', '< 100 ms', lookupP95, 100),
    ],
    limit:
      'Unpacking. To show an event costs the row group its text lies in (2,048 events, 1 to 2 ms); a page of rare events scattered over the year unpacks fifty of them.',
  };
}
