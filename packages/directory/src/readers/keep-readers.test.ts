import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OpenedDirectory, STAFF, withDirectory } from '../open-for-test.ts';
import { refusal } from '../refusal-for-test.ts';
import { LONGEST_RESPONDER_MS, type NewReader } from './reader.ts';

const soc: NewReader & { by: string } = {
  kind: 'tenant',
  tenant: 'acme',
  name: 'SOC',
  by: 'operator operator',
};

async function alice({ directory: { people } }: OpenedDirectory): Promise<string> {
  return (await people.create({ realm: STAFF, username: 'alice' })).id;
}

test('a reader is known by a credential that is shown once and not kept', () =>
  withDirectory(async ({ directory: { readers }, store }) => {
    const { credential, ...reader } = await readers.create({ ...soc, manage: true });
    assert.match(credential, /^csa\.[\w-]{22}\.[\w-]{43}$/);
    assert.deepEqual(await readers.authenticate(credential), reader);
    assert.deepEqual([reader.tenant, reader.manage, reader.madeBy], ['acme', true, soc.by]);
    const rows = await store.read.selectFrom('directory_reader').selectAll().execute();
    assert.ok(!JSON.stringify(rows).includes(credential.split('.')[2] ?? ''));
  }));

test('a credential that is wrong in any character, or of another kind, is nobody', () =>
  withDirectory(async ({ directory: { readers, reporters, operators } }) => {
    const { credential } = await readers.create(soc);
    for (let at = 0; at < credential.length; at += 1) {
      const letter = credential[at] === 'A' ? 'B' : 'A';
      const wrong = `${credential.slice(0, at)}${letter}${credential.slice(at + 1)}`;
      assert.equal(await readers.authenticate(wrong), undefined, wrong);
    }
    const reporter = await reporters.create({ tenant: 'acme', name: 'API' });
    assert.equal(await readers.authenticate(reporter.credential), undefined);
    const renamed = reporter.credential.replace('csr.', 'csa.');
    assert.equal(await readers.authenticate(renamed), undefined);
    assert.equal(await operators.authenticate(credential.replace('csa.', 'cso.')), undefined);
    assert.equal(await reporters.authenticate(credential.replace('csa.', 'csr.')), undefined);
  }));

test('a responder is let in with a reason, for at most ninety days, and not a millisecond longer', () =>
  withDirectory(async ({ directory: { readers }, clock }) => {
    const responder = { ...soc, kind: 'responder' as const, reason: 'INC-7' };
    const lastMs = clock.nowMs() + LONGEST_RESPONDER_MS;
    const { credential } = await readers.create({ ...responder, expiresMs: lastMs });
    const bad = refusal('bad_reader');
    await assert.rejects(readers.create({ ...responder, expiresMs: lastMs + 1 }), bad);
    await assert.rejects(readers.create(responder), bad);
    await assert.rejects(readers.create({ ...responder, expiresMs: clock.nowMs() }), bad);
    const { reason: _, ...silent } = responder;
    await assert.rejects(readers.create({ ...silent, expiresMs: lastMs }), bad);
    clock.advanceMs(LONGEST_RESPONDER_MS - 1);
    assert.ok(await readers.authenticate(credential));
    clock.advanceMs(1);
    assert.equal(await readers.authenticate(credential), undefined);
  }));

test('a person is one of a realm of that very tenant; nobody else can be named', () =>
  withDirectory(async (opened) => {
    const { readers, tenants } = opened.directory;
    const subject = await alice(opened);
    await tenants.create({ name: 'umbrella' });
    const person = { ...soc, kind: 'person' as const, subject, realm: STAFF };
    const made = await readers.create(person);
    assert.deepEqual([made.subject, made.realm, made.manage], [subject, STAFF, false]);
    const unknown = refusal('person_unknown');
    await assert.rejects(readers.create({ ...person, tenant: 'umbrella' }), unknown);
    await assert.rejects(readers.create({ ...person, realm: 'acme/device' }), unknown);
    await assert.rejects(readers.create({ ...person, subject: 'nobody' }), unknown);
  }));

test('what does not fit the kind is refused, so that nothing is made wider than it was asked', () =>
  withDirectory(async (opened) => {
    const { readers } = opened.directory;
    const subject = await alice(opened);
    const bad = refusal('bad_reader');
    const wrong: object[] = [
      { subject },
      { reason: 'because' },
      { kind: 'person', realm: STAFF },
      { kind: 'person', subject },
      { kind: 'person', subject, realm: STAFF, manage: true },
      { kind: 'operator' },
      { name: '' },
    ];
    for (const more of wrong)
      await assert.rejects(readers.create({ ...soc, ...more }), bad, JSON.stringify(more));
    const nowhere = readers.create({ ...soc, tenant: 'nowhere' });
    await assert.rejects(nowhere, refusal('tenant_unknown'));
  }));

test('the store itself refuses a person without a subject: it would read everything', () =>
  withDirectory(async ({ directory: { readers }, store }) => {
    const { id } = await readers.create(soc);
    const change = store.transaction((tx) =>
      tx.updateTable('directory_reader').set({ kind: 'person' }).where('id', '=', id).execute(),
    );
    await assert.rejects(change);
  }));

test('an ended reader is nobody at once; a reader of another tenant is not there to be ended', () =>
  withDirectory(async ({ directory: { readers, tenants }, clock }) => {
    await tenants.create({ name: 'umbrella' });
    const { credential, id } = await readers.create(soc);
    const foreign = readers.end({ id, tenant: 'umbrella', by: 'reader x' });
    await assert.rejects(foreign, refusal('reader_unknown'));
    assert.ok(await readers.authenticate(credential));
    let told = 0;
    const tell = () => async (): Promise<void> => {
      told += 1;
    };
    const endedMs = clock.nowMs();
    await readers.end({ id, tenant: 'acme', by: 'operator bob' }, tell);
    clock.advanceMs(1000);
    const again = await readers.end({ id, by: 'operator alice' }, tell);
    assert.deepEqual([again.endedMs, again.endedBy, told], [endedMs, 'operator bob', 1]);
    assert.equal(await readers.authenticate(credential), undefined);
    assert.deepEqual(await readers.list('umbrella'), []);
    assert.equal((await readers.list(undefined)).length, 1);
  }));
