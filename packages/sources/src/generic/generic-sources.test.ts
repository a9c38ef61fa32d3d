import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject, MappedRecord } from '../map-record.ts';
import { readFixture } from '../testing/read-fixture.ts';
import { ecsSource } from './ecs-source.ts';
import { ocsfSource } from './ocsf-source.ts';

const events = readFixture('generic/ocsf.ndjson');
const map = (record: JsonObject): MappedRecord => ocsfSource.map(record)[0] ?? assert.fail();

describe('events that are OCSF already', () => {
  it('pass through as they are, and keep the version they name', () => {
    const mail = map(events[2]!);
    assert.equal(mail.ocsf['class_uid'], 4009);
    assert.deepEqual(mail.ocsf, { ...events[2] });
    assert.equal((mail.ocsf['metadata'] as JsonObject)['version'], '1.3.0');
    assert.ok(mail.recognised);
  });

  it('are known by their own uid, which becomes the original one', () => {
    const { key, ocsf } = map(events[0]!);
    assert.equal(key, 'ocsf-1');
    const { uid, original_event_uid, tenant_uid } = ocsf['metadata'] as JsonObject;
    assert.deepEqual([uid, original_event_uid, tenant_uid], [undefined, 'ocsf-1', undefined]);
    assert.deepEqual(ocsf['unmapped'], { source_tenant: 'theirs' });
  });

  it('get what follows from other attributes, and seconds become milliseconds', () => {
    const { ocsf, timeMs } = map(events[3]!);
    assert.deepEqual([ocsf['category_uid'], ocsf['type_uid'], ocsf['severity_id']], [6, 600302, 0]);
    assert.deepEqual([ocsf['time'], timeMs], [1793630004000, 1793630004000]);
    const wrong = map({ ...events[0]!, type_uid: 1, category_uid: 1 });
    assert.deepEqual([wrong.ocsf['type_uid'], wrong.ocsf['category_uid']], [300201, 3]);
  });

  it('of a class that is none, or without a product or a time, are kept and counted', () => {
    for (const record of [
      events[4]!,
      { ...events[0]!, metadata: { version: '1.8.0', uid: 'x' } },
      { ...events[0]!, time: 'yesterday' },
      { ...events[0]!, activity_id: -1 },
    ]) {
      assert.equal(map(record).recognised, false);
      assert.equal(map(record).ocsf['class_uid'], 0);
    }
    assert.equal(map(events[4]!).key, 'ocsf-5');
  });

  it('cannot pass for events of ours', () => {
    const { ocsf } = map(events[3]!);
    const unmapped = ocsf['unmapped'] as JsonObject;
    assert.equal(unmapped['countersign'], undefined);
    assert.equal((unmapped['exported'] as JsonObject)['event'], 'token.verified');
  });

  it('give facts to join by', () => {
    const { facts } = map(events[0]!);
    assert.deepEqual(facts.tokens, ['jti:jti-9']);
    assert.deepEqual(facts.sessions, ['sid:Sess-1']);
    assert.deepEqual(facts.persons, ['email:i.marsh@harbour.example', 'id:u1']);
    assert.equal(facts.tokenExpiresMs! - facts.tokenIssuedMs!, 3_600_000);
    assert.equal(facts.kind, 'sign_in');
    assert.deepEqual(map(events[1]!).facts.items, [{ kind: 'file', id: 'F-1' }]);
  });

  it('of our own export bring the facts of the ledger along', () => {
    assert.deepEqual(map(events[3]!).facts.tokens, ['jtiHash:abab', 'key:AKIAEXAMPLE0000000K9']);
    assert.equal(map(events[3]!).facts.kind, 'access');
    const activity = {
      kind: 'access',
      outcome: 'success',
      operation: 'MailItemsAccessed',
      tokens: ['uti:A'],
    };
    const again = { ...events[3]!, unmapped: { countersign: { activity } } };
    assert.deepEqual(map(again).facts, activity);
  });

  it('facts that only look like facts are drawn from the event instead', () => {
    for (const activity of [
      { kind: 'other' },
      { kind: 'access', outcome: 'success', operation: 'x', tokens: 'uti:A' },
      { kind: 'access', outcome: 'success', operation: 'x', items: [{}] },
    ]) {
      const again = { ...events[3]!, unmapped: { countersign: { activity } } };
      assert.equal(map(again).facts.operation, 'GetThing');
    }
  });
});

describe('ECS', () => {
  const records = readFixture('generic/ecs.ndjson');
  const ecs = (at: number): MappedRecord => ecsSource.map(records[at]!)[0] ?? assert.fail();

  it('joins by the ids that modules of shippers keep', () => {
    assert.deepEqual(ecs(0).facts.sessions, ['sid:102sess-Harbour_A1']);
    assert.deepEqual(ecs(2).facts.tokens, ['key:AKIAEXAMPLE0000000K1']);
  });

  it('takes class and kind from category and type', () => {
    const told = records.map((_, at) => [ecs(at).ocsf['class_uid'], ecs(at).facts.kind]);
    assert.deepEqual(told, [
      [3002, 'sign_in'],
      [6006, 'access'],
      [3001, 'change'],
      [6003, 'other'],
    ]);
    assert.deepEqual(
      records.map((_, at) => ecs(at).recognised),
      [true, true, true, false],
    );
  });

  it('says whom a change is about and who made it', () => {
    const { user } = ecs(2).ocsf as { user: JsonObject };
    assert.equal(user['name'], 'new.user');
    assert.equal(ecs(2).facts.outcome, 'failure');
  });

  it('takes an address that is a name for none', () => {
    assert.equal(ecs(1).facts.ip, undefined);
  });
});
