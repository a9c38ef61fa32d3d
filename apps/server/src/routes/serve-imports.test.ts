import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type AuditTables, auditMigrations, createAudit } from '@countersign/audit';
import { createDirectory, type DirectoryTables, directoryMigrations } from '@countersign/directory';
import { openStore, type Store } from '@countersign/storage';
import { ManualClock, systemRandom } from '@countersign/vocabulary';
import { Hono } from 'hono';
import { answerProblem } from '../problem.ts';
import { readerOnly } from './authenticate-reader.ts';
import { importRoutes } from './serve-imports.ts';

const FIRST = 'first-operator-token-of-this-test';
const signIn = (n: number) =>
  JSON.stringify({
    uuid: `00000000-0000-4000-8000-00000000000${n}`,
    published: '2026-11-20T10:00:00.000Z',
    eventType: 'user.session.start',
    version: '0',
    severity: 'INFO',
    displayMessage: 'User login to Okta',
    actor: { id: '00u1', type: 'User', alternateId: 'ann@acme.example', displayName: 'Ann' },
    client: { ipAddress: '192.0.2.7' },
    outcome: { result: 'SUCCESS', reason: null },
    authenticationContext: { externalSessionId: 's1', authenticationStep: 0 },
    debugContext: { debugData: {} },
    target: null,
  });

describe('imports over HTTP', () => {
  let store: Store<AuditTables & DirectoryTables>;
  let app: Hono;
  let manager: string;
  let looker: string;

  before(async () => {
    const clock = new ManualClock();
    store = await openStore({
      memory: true,
      migrations: [...directoryMigrations, ...auditMigrations],
      clock,
    });
    const directory = createDirectory({ store: store as never, clock, random: systemRandom });
    const product = { name: 'countersign', version: '0' };
    const audit = createAudit({ store: store as never, clock, random: systemRandom, product });
    for (const name of ['acme', 'beta']) await directory.tenants.create({ name });
    const { operators, readers, tenants } = directory;
    const make = async (manage: boolean) =>
      (await readers.create({ kind: 'tenant', tenant: 'acme', name: 'siem', manage, by: 'op' }))
        .credential;
    manager = await make(true);
    looker = await make(false);
    const guard = readerOnly({ operatorToken: FIRST, operators, readers });
    app = new Hono().route('/', importRoutes({ tenants, audit, readerOnly: guard }));
    app.onError((error, context) => answerProblem(context, error, () => undefined));
  });
  after(() => store.close());

  async function ask(credential: string, body?: object, path = '/imports') {
    const response = await app.request(path, {
      headers: { authorization: `Bearer ${credential}` },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, never> };
  }
  const texts = (...all: string[]) => all.map((text) => ({ text }));

  it('are mapped here, recorded once, and what is no record is told of by its place', async () => {
    const sent = { run: 'r1', records: texts(signIn(1), '{', signIn(2), '7', '{"who":"knows"}') };
    const first = await ask(manager, sent);
    assert.equal(first.status, 200);
    assert.deepEqual(first.body, {
      ...{ recorded: 3, known: 0, unmapped: 1, future: 0, truncated: 0 },
      sources: { okta: 2, unknown: 1 },
      problems: [
        { index: 1, code: 'not_json' },
        { index: 3, code: 'not_an_object' },
      ],
    });
    const again = await ask(manager, { ...sent, done: true });
    assert.deepEqual([again.body['recorded'], again.body['known']], [0, 3]);
    const list = await ask(manager, undefined, '/imports');
    const [run] = list.body['runs'] as unknown as Record<string, unknown>[];
    assert.deepEqual(
      [run?.['recorded'], run?.['known'], run?.['unmapped'], run?.['unreadable']],
      [3, 3, 1, 4],
    );
    const [kind] = list.body['kinds'] as unknown as Record<string, unknown>[];
    assert.deepEqual([kind?.['source'], kind?.['mapped'], kind?.['count']], ['unknown', false, 1]);
  });

  it('are of the reader’s own tenant only, and of one that may manage', async () => {
    const sent = { run: 'r2', records: texts(signIn(3)) };
    assert.equal((await ask(looker, sent)).status, 403);
    assert.equal((await ask(manager, { ...sent, tenant: 'beta' })).status, 403);
    assert.equal((await ask('nobody-at-all-is-this-credential', sent)).status, 401);
    assert.equal((await ask(manager, undefined, '/imports?tenant=beta')).status, 403);
  });

  it('by an operator name a tenant that there is', async () => {
    const sent = { run: 'r3', records: texts(signIn(4)) };
    assert.equal((await ask(FIRST, sent)).status, 400);
    assert.equal((await ask(FIRST, { ...sent, tenant: 'nobody' })).status, 404);
    assert.equal((await ask(FIRST, { ...sent, tenant: 'beta' })).body['recorded'], 1);
  });

  it('are not read into memory before it is known that the sender may import', async () => {
    for (const [credential, status] of [
      ['csa.nobody.at-all-in-this-house', 401],
      [looker, 403],
    ] as const) {
      let asked = 0;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          asked += 1;
          if (asked > 100) controller.close();
          else controller.enqueue(new Uint8Array(65_536));
        },
      });
      const headers = { authorization: `Bearer ${credential}`, 'transfer-encoding': 'chunked' };
      const sent = { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
      const { status: got } = await app.request('/imports', sent);
      assert.deepEqual([got, asked <= 2], [status, true], `${asked} pieces were read`);
    }
  });

  it('of a manager are refused when they are too large, with a length or without', async () => {
    const piece = new Uint8Array(4 * 1024 * 1024).fill(0x20);
    let left = 10;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        left -= 1;
        if (left < 0) controller.close();
        else controller.enqueue(piece);
      },
    });
    const headers = { authorization: `Bearer ${manager}`, 'transfer-encoding': 'chunked' };
    const sent = { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
    assert.equal((await app.request('/imports', sent)).status, 413);
  });
});
