// Who may look at a person's passkeys and take one away, and that nothing of it stays unsaid.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type AuditTables, auditMigrations, createAudit } from '@countersign/audit';
import { createDirectory, type DirectoryTables, directoryMigrations } from '@countersign/directory';
import { openStore, type Store } from '@countersign/storage';
import { ManualClock, type RealmId, systemRandom as random } from '@countersign/vocabulary';
import { Hono } from 'hono';
import { answerProblem } from '../problem.ts';
import { readerOnly } from './authenticate-reader.ts';
import { passkeyRoutes } from './serve-passkeys.ts';

const OPERATOR_TOKEN = 'operator-token-of-this-very-test';
const REALM: RealmId = 'acme/workforce';
type Tables = AuditTables & DirectoryTables;

async function openHouse() {
  const clock = new ManualClock();
  const migrations = [...directoryMigrations, ...auditMigrations];
  const store: Store<Tables> = await openStore<Tables>({ memory: true, migrations, clock });
  const product = { name: 'countersign', version: '0.1.0' };
  const audit = createAudit({ store, clock, random, product });
  const passwords = { cost: { memoryKib: 64, passes: 1 } };
  const directory = createDirectory({
    ...{ store, clock, random, passwords },
    record: (events, tx) => audit.record(events, tx as never),
  });
  for (const name of ['acme', 'umbrella']) await directory.tenants.create({ name });
  const { operators, readers } = directory;
  const only = readerOnly({ operatorToken: OPERATOR_TOKEN, operators, readers });
  const app = new Hono().route('/', passkeyRoutes({ directory, audit, clock, readerOnly: only }));
  app.onError((error, context) =>
    answerProblem(context, error, (unexpected) => assert.fail(String(unexpected))),
  );
  const ask = async (path: string, credential: string, method = 'GET', reason?: string) => {
    const headers = new Headers({ authorization: `Bearer ${credential}` });
    if (reason !== undefined) headers.set('countersign-reason', reason);
    const answer = await app.request(path, { method, headers });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const credentialOf = async (given: object): Promise<string> => {
    const facts = { name: 'Someone', by: 'operator first', ...given } as never;
    return (await readers.create(facts, () => async () => undefined)).credential;
  };
  return { store, audit, directory, ask, credentialOf };
}

describe('the routes of passkeys', () => {
  let house: Awaited<ReturnType<typeof openHouse>>;
  let manager: string;
  let ada: string;
  const path = (who: string, id = '') => `/people/${REALM}/${who}/passkeys${id && `/${id}`}`;

  before(async () => {
    house = await openHouse();
    manager = await house.credentialOf({ kind: 'tenant', tenant: 'acme', manage: true });
    ada = (await house.directory.people.create({ realm: REALM, username: 'ada' })).id;
    for (const id of ['cGFzc2tleTE', '-GFzc2tleTI']) {
      await house.directory.passkeys.enrol({
        ...{ realm: REALM, personId: ada, id, publicKey: 'AAEC', counter: 0, name: `Key ${id}` },
        ...{ multiDevice: false, backedUp: false, aaguid: '00000000-0000-0000-0000-000000000000' },
      });
    }
  });
  after(() => house.store.close());

  test('are for operators who say why, and for who may manage the tenant, and for nobody else', async () => {
    const status = async (credential: string, reason?: string) => [
      (await house.ask(path(ada), credential, 'GET', reason)).status,
      (await house.ask(path(ada, 'no-such-passkey'), credential, 'DELETE', reason)).status,
    ];
    assert.deepEqual(await status(manager), [200, 404]);
    assert.deepEqual(await status(OPERATOR_TOKEN, 'ticket 7'), [200, 404]);
    assert.deepEqual(await status(OPERATOR_TOKEN), [403, 403]);
    const others = [
      { kind: 'tenant', tenant: 'acme' },
      { kind: 'tenant', tenant: 'umbrella', manage: true },
      { kind: 'person', tenant: 'acme', subject: ada, realm: REALM },
    ];
    for (const other of others) {
      assert.deepEqual(await status(await house.credentialOf(other)), [403, 403]);
    }
    assert.deepEqual(await status('nobody-has-this-credential'), [401, 401]);
  });

  test('know a person by id or username, show no key, and put the look on record', async () => {
    const { body } = await house.ask(path('ADA'), manager);
    assert.equal((body['person'] as { id: string }).id, ada);
    const shown = body['passkeys'] as { id: string; name: string }[];
    assert.deepEqual(shown.map(({ id }) => id).sort(), ['-GFzc2tleTI', 'cGFzc2tleTE']);
    assert.doesNotMatch(JSON.stringify(body), /publicKey|AAEC/);
    assert.equal((await house.ask(path('nobody'), manager)).status, 404);
    const [read] = await house.audit.listEvents({ beforeSequence: 1e9, limit: 1 });
    assert.equal(read?.name, 'audit.read');
    assert.match(JSON.stringify(read?.ocsf), new RegExp(`passkeys of ${ada}`));
  });

  test('take one away, on record with who and why, and the person is told', async () => {
    const lost = path('ada', '-GFzc2tleTI');
    const { status, body } = await house.ask(lost, OPERATOR_TOKEN, 'DELETE', 'lost on the train');
    assert.equal(status, 200);
    assert.deepEqual([body['removed'], body['left']], ['-GFzc2tleTI', 1]);
    assert.equal((await house.ask(lost, manager, 'DELETE')).status, 404);
    const [told] = await house.directory.passkeys.removedByOthers(REALM, ada);
    assert.equal(told?.name, 'Key -GFzc2tleTI');
    const [event] = await house.audit.listEvents({ beforeSequence: 1e9, limit: 1 });
    assert.equal(event?.name, 'account.changed');
    assert.match(JSON.stringify(event?.ocsf), /factor_removed/);
    assert.match(JSON.stringify(event?.ocsf), /lost on the train/);
  });
});
