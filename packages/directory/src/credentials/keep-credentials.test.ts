import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withDirectory } from '../open-for-test.ts';
import { refusal } from '../refusal-for-test.ts';

test('a reporter is known by its credential, which is not kept', () =>
  withDirectory(async ({ directory: { reporters }, store }) => {
    const { credential, ...reporter } = await reporters.create({ tenant: 'acme', name: 'API' });
    assert.match(credential, /^csr\.[\w-]{22}\.[\w-]{43}$/);
    assert.deepEqual(await reporters.authenticate(credential), reporter);
    assert.equal(reporter.tenant, 'acme');
    const rows = await store.read.selectFrom('directory_credential').selectAll().execute();
    const secret = credential.split('.')[2] ?? '';
    assert.ok(!JSON.stringify(rows).includes(secret));
    assert.deepEqual(await reporters.list('acme'), [reporter]);
  }));

test('a credential that is wrong in any character is nobody', () =>
  withDirectory(async ({ directory: { reporters } }) => {
    const { credential } = await reporters.create({ tenant: 'acme', name: 'API' });
    for (let at = 0; at < credential.length; at += 1) {
      const letter = credential[at] === 'A' ? 'B' : 'A';
      const wrong = `${credential.slice(0, at)}${letter}${credential.slice(at + 1)}`;
      assert.equal(await reporters.authenticate(wrong), undefined, wrong);
    }
    for (const wrong of ['', 'csr..', `${credential}x`, `${credential}\n`, 'x'.repeat(100_000)]) {
      assert.equal(await reporters.authenticate(wrong), undefined);
    }
  }));

test('reporters and submitters are never taken for each other', () =>
  withDirectory(async ({ directory: { reporters, submitters } }) => {
    const reporter = await reporters.create({ tenant: 'acme', name: 'API' });
    const submitter = await submitters.create('issuer two');
    assert.equal(await submitters.authenticate(reporter.credential), undefined);
    assert.equal(await reporters.authenticate(submitter.credential), undefined);
    const renamed = submitter.credential.replace('css.', 'csr.');
    assert.equal(await reporters.authenticate(renamed), undefined);
    const misnamed = reporter.credential.replace('csr.', 'css.');
    assert.equal(await reporters.authenticate(misnamed), undefined);
    assert.equal((await submitters.authenticate(submitter.credential))?.name, 'issuer two');
    await assert.rejects(reporters.revoke(submitter.id), refusal('credential_unknown'));
    assert.deepEqual(
      (await submitters.list()).map(({ id }) => id),
      [submitter.id],
    );
  }));

test('a revoked credential is nobody at once, and keeps the time it was first revoked', () =>
  withDirectory(async ({ directory: { reporters, submitters }, clock }) => {
    const { credential, id } = await reporters.create({ tenant: 'acme', name: 'API' });
    const other = await reporters.create({ tenant: 'acme', name: 'API' });
    const revokedMs = clock.nowMs();
    await reporters.revoke(id);
    clock.advanceMs(1000);
    await reporters.revoke(id);
    assert.equal(await reporters.authenticate(credential), undefined);
    assert.ok(await reporters.authenticate(other.credential));
    const listed = (await reporters.list('acme')).find((reporter) => reporter.id === id);
    assert.equal(listed?.revokedMs, revokedMs);
    await assert.rejects(submitters.revoke('nobody'), refusal('credential_unknown'));
  }));

test('a reporter needs a tenant that exists, and every credential a name', () =>
  withDirectory(async ({ directory: { reporters, submitters } }) => {
    const nowhere = reporters.create({ tenant: 'nobody', name: 'API' });
    await assert.rejects(nowhere, refusal('tenant_unknown'));
    await assert.rejects(submitters.create(''), refusal('bad_credential_name'));
    await assert.rejects(submitters.create('a\nb'), refusal('bad_credential_name'));
  }));
