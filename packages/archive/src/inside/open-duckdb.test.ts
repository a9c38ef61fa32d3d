import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type DuckDb, openDuckDb } from './open-duckdb.ts';

describe('DuckDB in the archivist', () => {
  const root = mkdtempSync(join(tmpdir(), 'countersign-duckdb-'));
  const folder = join(root, 'archive');
  let duckDb: DuckDb;

  before(async () => {
    mkdirSync(folder);
    writeFileSync(join(root, 'secret.csv'), 'a,b\n1,2\n');
    duckDb = await openDuckDb(folder, { memoryMebibytes: 256, threads: 1 });
  });
  after(() => {
    duckDb.close();
    rmSync(root, { recursive: true });
  });

  it('reads and writes below the folder of the archive', async () => {
    const path = join(folder, 'inside.parquet');
    await duckDb.writer.run(`COPY (SELECT 7 AS n) TO '${path}' (FORMAT parquet)`);
    const reader = await duckDb.writer.runAndReadAll(`SELECT n FROM read_parquet('${path}')`);
    assert.deepEqual(reader.getRowsJS(), [[7]]);
  });

  for (const [what, sql] of [
    ['a file elsewhere', `SELECT * FROM read_csv('${join(root, 'secret.csv')}')`],
    ['a way out by dots', `SELECT * FROM read_csv('${folder}/../secret.csv')`],
    ['a folder whose name only begins like it', `SELECT * FROM read_csv('${folder}2/x.csv')`],
    ['writing elsewhere', `COPY (SELECT 1) TO '${join(root, 'out.csv')}'`],
    ['another database', `ATTACH '${join(root, 'other.db')}'`],
    ['a host', "SELECT * FROM read_parquet('http://127.0.0.1:9/x.parquet')"],
    ['an extension', 'LOAD httpfs'],
    ['installing one', 'INSTALL httpfs'],
    ['opening itself up again', 'SET enable_external_access = true'],
    ['another folder', "SET allowed_directories = ['/']"],
    ['more memory', "SET memory_limit = '64GB'"],
    ['unlocking', 'SET lock_configuration = false'],
  ] as const) {
    it(`is refused ${what}`, async () => {
      await assert.rejects(duckDb.writer.run(sql));
    });
  }
});
