import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withDirectory } from '../open-for-test.ts';
import { refusal } from '../refusal-for-test.ts';

test('an operator is known by a credential that is shown once and not kept', () =>
  withDirectory(async ({ directory: { operators }, store, clock }) => {
    const { credential, ...alice } = await operators.create({ name: 'alice', by: 'operator' });
    assert.match(credential, /^cso\.[\w-]{22}\.[\w-]{43}$/);
    assert.deepEqual(await operators.authenticate(credential), alice);
    assert.deepEqual(alice, {
      name: 'alice',
      madeBy: 'operator',
      createdMs: clock.nowMs(),
      revokedMs: null,
      revokedBy: null,
    });
    const rows = await store.read.selectFrom('directory_operator').selectAll().execute();
    assert.ok(!JSON.stringify(rows).includes(credential.split('.')[2] ?? ''));
  }));

test('a credential that is wrong in any character is nobody, and so is one of another kind', () =>
  withDirectory(async ({ directory: { operators, submitters, reporters } }) => {
    const { credential } = await operators.create({ name: 'alice', by: 'operator' });
    for (let at = 0; at < credential.length; at += 1) {
      const letter = credential[at] === 'A' ? 'B' : 'A';
      const wrong = `${credential.slice(0, at)}${letter}${credential.slice(at + 1)}`;
      assert.equal(await operators.authenticate(wrong), undefined, wrong);
    }
    const submitter = await submitters.create('issuer two');
    const renamed = submitter.credential.replace('css.', 'cso.');
    assert.equal(await operators.authenticate(renamed), undefined);
    assert.equal(await submitters.authenticate(credential.replace('cso.', 'css.')), undefined);
    assert.equal(await reporters.authenticate(credential.replace('cso.', 'csr.')), undefined);
    for (const wrong of ['', 'cso..', `${credential}x`, `${credential}\n`, 'x'.repeat(100_000)]) {
      assert.equal(await operators.authenticate(wrong), undefined);
    }
  }));

test('a name is one person for ever: it is taken once, also when many ask at the same time', () =>
  withDirectory(async ({ directory: { operators } }) => {
    const asked = Array.from({ length: 8 }, () =>
      operators.create({ name: 'alice', by: 'operator' }),
    );
    const made = (await Promise.allSettled(asked)).filter(({ status }) => status === 'fulfilled');
    assert.equal(made.length, 1);
    await operators.revoke({ name: 'alice', by: 'operator' });
    const again = operators.create({ name: 'alice', by: 'operator' });
    await assert.rejects(again, refusal('operator_exists'));
    for (const name of ['', 'operator', 'Alice', 'аlice', 'a b', 'x'.repeat(65), '-x', 'a\n']) {
      const bad = operators.create({ name, by: 'operator' });
      await assert.rejects(bad, refusal('bad_operator_name'), JSON.stringify(name));
    }
  }));

test('a revoked operator is nobody at once; the first revocation counts and is told once', () =>
  withDirectory(async ({ directory: { operators }, clock }) => {
    const { credential } = await operators.create({ name: 'alice', by: 'operator' });
    await operators.create({ name: 'bob', by: 'operator' });
    const revokedMs = clock.nowMs();
    let told = 0;
    const tell = async (): Promise<void> => {
      told += 1;
    };
    await operators.revoke({ name: 'alice', by: 'bob' }, tell);
    clock.advanceMs(1000);
    const alice = await operators.revoke({ name: 'alice', by: 'operator' }, tell);
    assert.deepEqual([alice.revokedMs, alice.revokedBy, told], [revokedMs, 'bob', 1]);
    assert.equal(await operators.authenticate(credential), undefined);
    const nobody = operators.revoke({ name: 'operator', by: 'bob' });
    await assert.rejects(nobody, refusal('operator_unknown'));
    assert.deepEqual(
      (await operators.list()).map(({ name }) => name),
      ['alice', 'bob'],
    );
  }));

test('what is done alongside happens with it or not at all', () =>
  withDirectory(async ({ directory: { operators } }) => {
    const failing = operators.create({ name: 'alice', by: 'operator' }, () =>
      Promise.reject(new Error('the event cannot be recorded')),
    );
    await assert.rejects(failing, /cannot be recorded/);
    assert.equal(await operators.find('alice'), undefined);
  }));

test('who made whom is known to the first operator, whatever was revoked since', () =>
  withDirectory(async ({ directory: { operators }, store }) => {
    await operators.create({ name: 'alice', by: 'operator' });
    await operators.create({ name: 'bob', by: 'alice' });
    await operators.create({ name: 'carol', by: 'bob' });
    await operators.revoke({ name: 'bob', by: 'operator' });
    assert.deepEqual(await operators.makersOf('carol'), ['bob', 'alice', 'operator']);
    assert.deepEqual(await operators.makersOf('operator'), []);
    await assert.rejects(operators.makersOf('nobody'), refusal('operator_unknown'));
    await store.transaction((tx) =>
      tx
        .updateTable('directory_operator')
        .set({ made_by: 'carol' })
        .where('name', '=', 'alice')
        .execute(),
    );
    await assert.rejects(operators.makersOf('carol'), refusal('record_damaged'));
  }));
