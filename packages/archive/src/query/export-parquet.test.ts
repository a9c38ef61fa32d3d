import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { isCodedError } from '@countersign/vocabulary';
import { DuckDBInstance } from '@duckdb/node-api';
import { type History, openHistory } from '../testing/open-history.ts';

describe('a part of a record as a Parquet file', () => {
  let history: History;
  before(async () => {
    history = await openHistory();
  });
  after(() => history.close());

  async function readBack(file: string): Promise<Record<string, unknown>[]> {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    const path = join(history.archiveFolder, file);
    const rows = await connection.runAndReadAll(`SELECT * FROM read_parquet('${path}')`);
    const objects = rows.getRowObjectsJS() as Record<string, unknown>[];
    connection.closeSync();
    instance.closeSync();
    return objects;
  }

  test('holds sealed and hot events alike, in order, with text and leaf', async () => {
    const archivist = await history.archivist();
    await history.write(Array.from({ length: 50 }, () => ({ tenant: 'acme', person: 'ana' })));
    await history.sealAll(archivist);
    const more = Array.from({ length: 50 }, (_, at) => ({
      tenant: at % 2 === 0 ? 'acme' : 'other',
      person: 'bo',
    }));
    const throughSequence = await history.write(more);
    const asked = { scope: { tenant: 'acme' }, filter: '', from: 1, to: 1000, throughSequence };
    const name = `export-${'a'.repeat(22)}.parquet`;
    const made = await archivist.exportParquet({ ...asked, name });
    assert.equal(made.events, 75);
    const rows = await readBack(made.file);
    assert.deepEqual(
      rows.map(({ number }) => Number(number)),
      Array.from({ length: 75 }, (_, at) => at + 1),
    );
    const chained = await archivist.readRange({ tenant: 'acme', from: 1, limit: 100 });
    assert.deepEqual(
      rows.map(({ leaf, ocsf }) => [leaf, ocsf]),
      chained.map(({ leaf, ocsf }) => [leaf, ocsf]),
    );
    const some = await archivist.exportParquet({
      ...{ ...asked, from: 40, filter: 'person = bo' },
      name: `export-${'b'.repeat(22)}.parquet`,
    });
    assert.equal(some.events, 25);
    await history.archivist();
    assert.ok(!existsSync(join(history.archiveFolder, made.file)), 'a start removes what is left');
  });

  test('is not made for a filter that cannot be read', async () => {
    const archivist = await history.archivist();
    await assert.rejects(
      archivist.exportParquet({
        ...{ scope: { tenant: 'acme' }, filter: '(((', from: 1, to: 9, throughSequence: 0 },
        name: `export-${'c'.repeat(22)}.parquet`,
      }),
      (error) => isCodedError(error) && error.code === 'filter_malformed',
    );
  });
});
