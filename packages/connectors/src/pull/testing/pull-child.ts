// For tests: a process that pulls one source into a store in a file, and may die between what it
// recorded and its checkpoint. Arguments: database, folder of secrets, address, pages until it dies.

import {
  type LeaseTables,
  openStore,
  type Store,
  storageMigrations,
  takeLease,
} from '@countersign/storage';
import { systemClock as clock, systemRandom as random } from '@countersign/vocabulary';
import { sql } from 'kysely';
import { Authoriser } from '../authorise.ts';
import { PullSources } from '../keep-sources.ts';
import { type PullTables, pullMigrations } from '../source-table.ts';
import { takeTurn } from '../take-turn.ts';

const [path = '', secretsFolder = '', url = '', pages = '0'] = process.argv.slice(2);
const pulled = {
  name: 'test-001-pulled',
  up: (tx: Parameters<(typeof pullMigrations)[number]['up']>[0]) =>
    sql.raw('CREATE TABLE pulled (id TEXT PRIMARY KEY, times INTEGER NOT NULL)').execute(tx),
};
const opened = await openStore<LeaseTables & PullTables>({
  path,
  migrations: [...storageMigrations, ...pullMigrations, pulled as never],
  clock,
});
const store = opened as unknown as Store<PullTables>;
const sources = new PullSources({ store, clock, random });
// Without an overlap, so that only what came twice because of a death is there twice.
const places = { url, tokenUrl: `${url}/token`, overlapSeconds: 0 };
const settings = { kind: 'graph-audits', secret: 'log', ...places };
const [
  source = await sources.create(
    { tenant: 'acme', name: 'log', settings, by: 'test' },
    async () => undefined,
  ),
] = await sources.list();
const request = { name: `pull/${source.id}`, holder: 'this server', forMs: 60_000 };
const lease = await takeLease(opened, clock, request);
if (lease === undefined) throw new Error('somebody else holds the lease');
const shared = { settings: source.settings, reach: 'any', clock } as const;
let left = Number(pages);
const { error } = await takeTurn({
  ...{
    ...shared,
    store,
    lease,
    leaving: new AbortController().signal,
    tellGaps: async () => undefined,
  },
  authoriser: new Authoriser({ ...shared, secretsFolder }),
  row: await sources.row(source.id),
  record: async (texts) => {
    await store.transaction(async (tx) => {
      for (const text of texts) {
        await sql`INSERT INTO pulled VALUES (${JSON.parse(text).id}, 1)
          ON CONFLICT (id) DO UPDATE SET times = times + 1`.execute(tx);
      }
    });
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  },
});
await store.close();
if (error !== undefined) throw error;
