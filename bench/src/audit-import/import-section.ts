// Section: how fast records of other houses are read and mapped, and how fast they are brought into a
// tenant's durable record, by source.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Audit,
  type AuditTables,
  auditMigrations,
  createAudit,
  type ImportedRecord,
} from '@countersign/audit';
import { maskText, RecordMapper, readRecords } from '@countersign/sources';
import { openStore, type Store } from '@countersign/storage';
import { systemClock as clock, systemRandom as random } from '@countersign/vocabulary';
import { measureInTurns } from '../measure.ts';
import type { Section } from '../report.ts';
import { mixRecords, type RecordMix } from './record-mix.ts';

const RECORDS = 2000;
const GOAL = 20_000;
/** Events of one transaction, as the server writes them. */
const BATCH = 500;
const PLAN = { rounds: 3, roundMs: 300 };
const CHUNK_BYTES = 1 << 18;

interface Rates {
  source: string;
  bytes: number;
  read: number;
  mapped: number;
  imported: number;
}

export async function auditImportSection(): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-import-'));
  const store = await openStore<AuditTables>({
    path: join(folder, 'countersign.db'),
    migrations: auditMigrations,
    clock,
  });
  try {
    const rates: Rates[] = [];
    for (const mix of mixRecords(RECORDS)) rates.push(await measureSource(mix, store));
    return section(rates);
  } finally {
    // The store waits for a thread that keeps no process alive, and here nothing else does.
    const alive = setInterval(() => {}, 1000);
    await store.close();
    clearInterval(alive);
    rmSync(folder, { recursive: true });
  }
}

let runs = 0;

async function measureSource(mix: RecordMix, store: Store<AuditTables>): Promise<Rates> {
  const product = { name: 'countersign', version: '0' };
  const audit = createAudit({ store, clock, random, product });
  const [read, mapped, imported] = await measureInTurns(
    [
      { name: 'read', run: (count) => repeat(count, () => readAll(mix)) },
      { name: 'mapped', run: (count) => repeat(count, () => mapAll(mix)) },
      { name: 'imported', run: (count) => repeat(count, () => importAll(mix, audit)) },
    ],
    PLAN,
  );
  const rate = (timing: { cpuMicroseconds: number } | undefined): number =>
    mix.records / ((timing?.cpuMicroseconds ?? Number.NaN) / 1e6);
  return {
    ...{ source: mix.source, bytes: Math.round(mix.bytes.length / mix.records) },
    ...{ read: rate(read), mapped: rate(mapped), imported: rate(imported) },
  };
}

async function repeat(count: number, job: () => Promise<void>): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await job();
}

async function* chunksOf({ bytes }: RecordMix): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

function recordsOf(mix: RecordMix) {
  const onProblem = (): never => {
    throw new Error('a record of the benchmark cannot be read');
  };
  return readRecords(chunksOf(mix), { name: 'bench.ndjson', onProblem });
}

async function readAll(mix: RecordMix): Promise<void> {
  let records = 0;
  for await (const _ of recordsOf(mix)) records += 1;
  if (records !== mix.records) throw new Error(`${records} records of ${mix.source} were read`);
}

async function mapAll(mix: RecordMix): Promise<void> {
  const mapper = new RecordMapper();
  let events = 0;
  for await (const { record, text } of recordsOf(mix)) {
    events += mapper.map(record).events.length;
    maskText(text, record);
  }
  if (events < mix.records) throw new Error(`${events} events of ${mix.source}`);
}

/** Into the record of another tenant each time, where nothing is known yet. */
async function importAll(mix: RecordMix, audit: Audit): Promise<void> {
  runs += 1;
  const mapper = new RecordMapper();
  let pending: ImportedRecord[] = [];
  const write = async (): Promise<void> => {
    const batch = { tenant: `bench-${runs}`, run: `r${runs}`, by: 'bench', records: pending };
    const { recorded } = await audit.recordImported(batch);
    if (recorded !== pending.length) throw new Error(`${recorded} of ${pending.length} recorded`);
    pending = [];
  };
  for await (const { record, text } of recordsOf(mix)) {
    const { source, events } = mapper.map(record);
    const kept = maskText(text, record);
    for (const event of events) pending.push({ source, text: kept, ...event });
    if (pending.length >= BATCH) await write();
  }
  if (pending.length > 0) await write();
}

function section(rates: readonly Rates[]): Section {
  const slowest = rates.reduce((one, other) => (other.imported < one.imported ? other : one));
  return {
    title: 'Importing logs of other houses',
    method: `One core, records a second of processor time, median of ${PLAN.rounds} rounds taken in turns, over ${RECORDS.toLocaleString('en-US')} records of each source in memory, a record a line, in the order of time. Read: bytes to lines to JSON. Mapped: that, recognised, mapped to OCSF and facts, secrets masked. Imported: that, and written into a durable SQLite with its import key and salt in transactions of ${BATCH}. Not counted: sealing, the way from the command to the server.`,
    header: ['source', 'bytes of a record', 'read', 'mapped', 'imported'],
    rows: rates.map(({ source, bytes, read, mapped, imported }) => ({
      cells: [source, String(bytes), read, mapped, imported],
    })),
    goals: [
      {
        what: `imported, ${slowest.source}, the slowest`,
        goal: `≥ ${GOAL.toLocaleString('en-US')} a second`,
        measured: `${Math.round(slowest.imported).toLocaleString('en-US')} a second`,
        met: slowest.imported >= GOAL,
      },
    ],
    limit:
      'Writing: the event as canonical text, its hash, and one durable transaction for each batch. Mapping costs about as much as parsing the JSON twice more.',
  };
}
