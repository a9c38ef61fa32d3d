// The routes of the trail over real rooms: a store in a folder of its own, the record, the directory, and
// an archivist in this process.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ArchiveTables, archiveMigrations, openArchivist } from '@countersign/archive';
import { type AuditTables, auditMigrations, createAudit } from '@countersign/audit';
import { createDirectory, type DirectoryTables, directoryMigrations } from '@countersign/directory';
import { openStore } from '@countersign/storage';
import { ManualClock, systemRandom } from '@countersign/vocabulary';
import { Hono } from 'hono';
import { answerProblem } from '../problem.ts';
import type { TailLimits } from '../reading/tail-events.ts';
import { readerOnly } from '../routes/authenticate-reader.ts';
import { eventRoutes } from '../routes/serve-events.ts';
import { readerRoutes } from '../routes/serve-readers.ts';
import { tailRoutes } from '../routes/serve-tail.ts';

export const OPERATOR_TOKEN = 'operator-token-of-this-very-test';

export type ReadingHouse = Awaited<ReturnType<typeof openReadingHouse>>;

/** With the tenants `acme` and `umbrella`. */
export async function openReadingHouse(limits: Partial<TailLimits> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-reading-'));
  const clock = new ManualClock();
  const database = join(folder, 'store.db');
  const store = await openStore<AuditTables & ArchiveTables & DirectoryTables>({
    path: database,
    migrations: [...directoryMigrations, ...auditMigrations, ...archiveMigrations],
    clock,
  });
  const product = { name: 'countersign', version: '0.1.0' };
  const audit = createAudit({ store, clock, random: systemRandom, product });
  const passwords = { cost: { memoryKib: 64, passes: 1 } };
  const directory = createDirectory({ store, clock, random: systemRandom, passwords });
  for (const name of ['acme', 'umbrella']) await directory.tenants.create({ name });
  const archivist = await openArchivist({
    ...{ folder: join(folder, 'archive'), database, instance: 'reading-house' },
    nowMs: () => clock.nowMs(),
    onFatal: (error) => {
      throw error;
    },
    duckDb: { memoryMebibytes: 256, threads: 1 },
  });
  const newestSequence = async () =>
    (await audit.listEvents({ beforeSequence: Number.MAX_SAFE_INTEGER, limit: 1 }))[0]?.sequence ??
    0;
  const failures: unknown[] = [];
  const { operators, readers } = directory;
  const reading = {
    ...{ audit, directory, clock, limits },
    archive: { client: archivist, newestSequence },
    readerOnly: readerOnly({ operatorToken: OPERATOR_TOKEN, operators, readers }),
    onFailure: (error: unknown) => failures.push(error),
  };
  const routes = new Hono();
  routes.route('/', readerRoutes(reading));
  routes.route('/', tailRoutes(reading));
  routes.route('/', eventRoutes(reading));
  routes.onError((error, context) =>
    answerProblem(context, error, (unexpected) => failures.push(unexpected)),
  );
  const request = (path: string, credential: string, options: RequestInit = {}) =>
    routes.request(path, {
      ...options,
      headers: { authorization: `Bearer ${credential}`, ...options.headers },
    });
  /** @returns status and body */
  const ask = async (path: string, credential: string, options: RequestInit = {}) => {
    const answer = await request(path, credential, options);
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') === true;
    return { status: answer.status, body: isJson ? JSON.parse(text) : text, text };
  };
  const send = (path: string, credential: string, body: object, headers = {}) =>
    ask(path, credential, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const close = async (): Promise<void> => {
    await archivist.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { audit, directory, clock, request, ask, send, failures, close };
}
