import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { compileFilter, findTimeRange, matchesEvent, parseFilter } from '@countersign/search';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { COLUMNS, extractColumns } from '../columns.ts';
import { anyEvent, anyFilter } from '../testing/arbitrary-events.ts';
import { canonicalText } from '../testing/write-raw.ts';

let instance: DuckDBInstance;
let connection: DuckDBConnection;

before(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  connection = await instance.connect();
});
after(() => {
  connection.closeSync();
  instance.closeSync();
});

function storedEvent(raw: unknown, at: number) {
  const text = canonicalText(raw);
  const ocsf = JSON.parse(text);
  const columns: Record<string, string | number | null> = {
    ...extractColumns(ocsf),
    ...{ tenant: 'acme', number: at, sequence: at * 3, uid: String(ocsf.metadata.uid) },
    ...{ time_ms: Number(ocsf.time), name: 'token.issued', source: at % 2 === 0 ? null : 'okta' },
  };
  return { columns, ocsf, text };
}

async function store(events: readonly ReturnType<typeof storedEvent>[]): Promise<void> {
  const names = COLUMNS.filter(({ name }) => !['salt', 'leaf'].includes(name));
  const kinds = names.map(({ name, type }) => `${name} ${type}`).join(', ');
  await connection.run(`CREATE OR REPLACE TABLE event (${kinds})`);
  const places = names.map((_, at) => `$${at + 1}`).join(', ');
  for (const { columns, text } of events) {
    const row = names.map(({ name }) => (name === 'ocsf' ? text : (columns[name] ?? null)));
    await connection.run(`INSERT INTO event VALUES (${places})`, row);
  }
}

async function found(filter: ReturnType<typeof parseFilter>): Promise<number[]> {
  const { sql, values } = compileFilter(filter);
  const statement = `SELECT number FROM event WHERE ${sql} ORDER BY number`;
  const rows = await connection.runAndReadAll(statement, values);
  return rows.getRows().map(([number]) => Number(number));
}

test('what a filter finds in the archive is what it matches in memory, for any events and filters', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyEvent, { minLength: 30, maxLength: 40 }),
      fc.array(anyFilter, { minLength: 40, maxLength: 60 }),
      async (raws, texts) => {
        const events = raws.map(storedEvent);
        await store(events);
        for (const text of texts) {
          const filter = parseFilter(text, { nowMs: 1_795_000_050_000 });
          const matching = events.filter((event) => matchesEvent(filter, event));
          const numbers = matching.map(({ columns }) => columns['number']);
          assert.deepEqual(await found(filter), numbers, text);
          const { fromMs, toMs } = findTimeRange(filter);
          for (const { columns } of matching) {
            const timeMs = Number(columns['time_ms']);
            assert.ok(timeMs >= fromMs && timeMs <= toMs, text);
          }
        }
      },
    ),
    { numRuns: Number(process.env['COUNTERSIGN_RUNS'] ?? 4), endOnFailure: true },
  );
});
