// The routes over the real record, the real archive and an archivist in this process.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import {
  type ArchiveTables,
  archiveMigrations,
  createArchive,
  openArchivist,
} from '@countersign/archive';
import { type AuditTables, auditMigrations, createAudit } from '@countersign/audit';
import { openStore } from '@countersign/storage';
import { systemClock as clock, systemRandom as random } from '@countersign/vocabulary';
import { Hono } from 'hono';
import { answerProblem } from '../problem.ts';
import type { LogReader } from './authenticate-reader.ts';
import { archiveRoutes } from './serve-archive.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const own = { id: 'rd-1', name: 'SOC', tenant: 'acme' };
const readers = {
  operator: { kind: 'operator', id: 'ana', name: 'ana', manage: true, reason: 'request 7' },
  hasty: { kind: 'operator', id: 'ana', name: 'ana', manage: true },
  manager: { ...own, kind: 'tenant', manage: true },
  tenant: { ...own, kind: 'tenant', manage: false },
  responder: { ...own, kind: 'responder', manage: true, reason: 'breach' },
  person: { ...own, kind: 'person', manage: true, subject: 'alice', realm: 'acme/workforce' },
} as const satisfies Record<string, LogReader>;

async function openHouse() {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-archive-routes-'));
  const database = join(folder, 'store.db');
  const migrations = [...auditMigrations, ...archiveMigrations];
  const store = await openStore<AuditTables & ArchiveTables>({ path: database, migrations, clock });
  const audit = createAudit({ store, clock, random, product: { name: 'test', version: '1' } });
  const archivist = await openArchivist({
    ...{ folder: join(folder, 'archive'), database, instance: 'test', nowMs: Date.now },
    onFatal: (error) => assert.fail(String(error)),
    duckDb: { memoryMebibytes: 256, threads: 1 },
  });
  closing.push(async () => {
    await archivist.close();
    await store.close();
    rmSync(folder, { recursive: true });
  });
  const archive = createArchive({
    ...{ store, clock, random, client: archivist, folder: join(folder, 'archive') },
    ...{ record: (events) => audit.record(events), longestKeyLifeSeconds: 86_400 },
  });
  let tidied = 0;
  let reader: LogReader = readers.operator;
  const app = new Hono().route(
    '/',
    archiveRoutes({
      archive: { ...archive, tidySoon: () => (tidied += 1) },
      isTenant: async (name) => name === 'acme',
      readerOnly: (context, next) => {
        context.set('reader', reader);
        return next();
      },
    }),
  );
  app.notFound((context) => context.json({}, 404));
  app.onError((error, context) => answerProblem(context, error, () => undefined));
  const ask = async (as: LogReader, path: string, method = 'GET', body?: object) => {
    reader = as;
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await app.request(path, { method, ...json });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const signIns = (count: number, subject: string) =>
    audit.record(
      Array.from({ length: count }, () => ({
        ...{ name: 'session.started', timeMs: Date.now(), realm: 'acme/workforce', subject },
      })) as Parameters<typeof audit.record>[0],
    );
  const sealAndAnchor = async () => {
    await archive.tick();
    await archive.sealNow();
    await store.transaction((tx) =>
      tx.updateTable('segment').set({ state: 'anchored' }).where('state', '=', 'sealed').execute(),
    );
  };
  return { ask, archive, audit, signIns, sealAndAnchor, tidied: () => tidied };
}

describe('the routes of the archive', () => {
  it('list what is sealed, to those who may read the whole log', async () => {
    const { ask, signIns, sealAndAnchor } = await openHouse();
    await signIns(3, 'alice');
    await sealAndAnchor();
    const { body } = await ask(readers.tenant, '/segments');
    const [segment] = body['segments'] as Record<string, unknown>[];
    assert.deepEqual([segment?.['first'], segment?.['last'], body['unreadable']], [1, 3, []]);
    assert.equal((await ask(readers.operator, '/segments?tenant=acme')).status, 200);
    assert.equal((await ask(readers.hasty, '/segments?tenant=acme')).body['code'], 'reason_needed');
    assert.equal((await ask(readers.tenant, '/segments?tenant=blue')).status, 403);
    for (const path of ['/segments', '/retention', '/erasures'])
      assert.equal((await ask(readers.person, path)).status, 403, path);
  });

  it('let no reader but a manager and an operator change how long events are kept', async () => {
    const { ask, audit } = await openHouse();
    const put = (as: LogReader, profile: string, tenant = 'acme') =>
      ask(as, '/retention', 'PUT', { tenant, profile });
    for (const as of [readers.tenant, readers.responder, readers.person])
      assert.equal((await put(as, 'm-21-31')).status, 403, as.kind);
    assert.equal((await put(readers.manager, 'm-21-31')).body['months'], 30);
    assert.equal((await put(readers.operator, 'csrb')).body['months'], 6);
    assert.equal((await put(readers.operator, 'one-day')).status, 400);
    assert.equal((await put(readers.operator, 'csrb', 'nobody')).status, 404);
    assert.equal((await ask(readers.tenant, '/retention')).body['profile'], 'csrb');
    const told = await audit.listEvents({ names: ['audit.retention_changed'] });
    assert.deepEqual(
      told.map(({ tenant }) => tenant),
      ['acme', 'acme'],
    );
  });

  it('offer no way to delete: not a method, not a profile, not a tenant', async () => {
    const { ask } = await openHouse();
    for (const path of ['/segments', '/segments/1', '/retention', '/erasures', '/events']) {
      for (const method of ['DELETE', 'PATCH']) {
        assert.equal((await ask(readers.operator, path, method)).status, 404, `${method} ${path}`);
      }
    }
    for (const body of [{ profile: 'csrb', months: 0 }, { profile: 'csrb', keepUntilMs: 0 }, {}])
      assert.equal((await ask(readers.operator, '/retention', 'PUT', body)).status, 400);
  });

  it('erase one person, say so without the name, and leave everybody else’s events', async () => {
    const { ask, archive, audit, signIns, sealAndAnchor, tidied } = await openHouse();
    await signIns(2, 'alice');
    await signIns(1, 'bob');
    await sealAndAnchor();
    const body = { tenant: 'acme', subject: 'alice', reason: 'request 7' };
    for (const as of [readers.tenant, readers.responder, readers.person])
      assert.equal((await ask(as, '/erasures', 'POST', body)).status, 403, as.kind);
    const nobody = { ...body, tenant: '_installation' };
    assert.equal((await ask(readers.operator, '/erasures', 'POST', nobody)).status, 404);
    assert.equal(
      (await ask(readers.manager, '/erasures', 'POST', { ...body, reason: ' ' })).status,
      400,
    );
    assert.equal((await ask(readers.manager, '/erasures', 'POST', body)).status, 202);
    assert.equal(tidied(), 1);
    await archive.tidy();
    const { body: list } = await ask(readers.tenant, '/erasures');
    const [erasure] = list['erasures'] as Record<string, unknown>[];
    assert.deepEqual([erasure?.['state'], erasure?.['events']], ['done', 2]);
    assert.doesNotMatch(JSON.stringify(list), /alice/);
    const left = await audit.listEvents({ tenant: 'acme' });
    assert.deepEqual(
      left.map(({ name }) => name),
      ['session.started', 'audit.erased'],
    );
    assert.doesNotMatch(JSON.stringify(left), /alice/);
  });
});
