import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject, MappedRecord } from '../map-record.ts';
import { readFixture } from '../testing/read-fixture.ts';
import { keycloakSource } from './keycloak-source.ts';

const [events, admin, lines] = ['events.json', 'admin-events.json', 'server-log.ndjson'].map(
  (file) => readFixture(`keycloak/${file}`),
) as [JsonObject[], JsonObject[], JsonObject[]];
const map = (record: JsonObject): MappedRecord => keycloakSource.map(record)[0] ?? assert.fail();
const of = (type: string): MappedRecord => map(events.find((one) => one['type'] === type)!);
// biome-ignore lint/suspicious/noExplicitAny: a test looks wherever it wants in a JSON object.
const event = (mapped: MappedRecord): any => mapped.ocsf;
const session = 'sid:9b2c7c1e-0d5e-4f0a-8f0e-1a2b3c4d5e6f';

describe('Keycloak events', () => {
  it('join by session and by jti, in exact case', () => {
    assert.deepEqual(of('LOGIN').facts.sessions, [session]);
    const { facts } = of('CODE_TO_TOKEN');
    assert.deepEqual(facts.tokens, ['jti:trrtcc:Case-Sensitive-1', 'jti:r-1']);
    assert.equal(facts.tokenExpiresMs, facts.tokenIssuedMs! + 300_000);
  });

  it('a refresh says from which token the new ones were made', () => {
    const { facts } = of('REFRESH_TOKEN');
    assert.deepEqual(facts.tokens, ['jti:t-2', 'jti:r-2']);
    assert.deepEqual(facts.parents, ['jti:r-1']);
    assert.equal(event(of('REFRESH_TOKEN')).activity_id, 5);
  });

  it('the same type with _ERROR is the same, failed', () => {
    const failed = of('LOGIN_ERROR');
    assert.deepEqual([event(failed).class_uid, event(failed).activity_id], [3002, 1]);
    assert.equal(failed.facts.outcome, 'failure');
    assert.equal(event(failed).status_detail, 'invalid_user_credentials');
    assert.deepEqual(failed.facts.persons, ['upn:nobody']);
  });

  it('a logout ends its session', () => {
    assert.deepEqual(
      [of('LOGOUT').facts.kind, of('LOGOUT').facts.sessions],
      ['revocation', [session]],
    );
  });

  it('a type that is not known is kept and counted', () => {
    assert.equal(of('SOMETHING_NEW').recognised, false);
  });

  it('without an id are the same when they come again, and others when they say something else', () => {
    const { id: _id, ...older } = events[0]!;
    assert.equal(map(older).key, map({ ...older, realmName: 'renamed' }).key);
    assert.notEqual(map(older).key, map({ ...older, sessionId: 'another' }).key);
  });

  it('are read from the line of the server log, with quotes in its values', () => {
    const line = {
      ...lines[0]!,
      message: 'type="LOGIN", realmId="r", clientId="a\\"b", odd="x=\\"y\\""',
    };
    assert.equal(map(line).facts.client, 'a"b');
    assert.equal(event(map(line)).unmapped.keycloak.details.odd, 'x="y"');
    const other = { ...lines[0]!, loggerName: 'org.keycloak.services' };
    assert.equal(keycloakSource.recognises(other), false);
  });
});

describe('Keycloak admin events', () => {
  const classes: [number, number, number][] = [
    [0, 3001, 1],
    [1, 3001, 4],
    [2, 3006, 3],
    [3, 3005, 1],
    [4, 3002, 2],
    [5, 3004, 3],
  ];
  for (const [at, classUid, activityId] of classes) {
    const { operationType, resourceType, resourcePath } = admin[at]!;
    it(`${operationType} ${resourceType} at ${resourcePath} is ${classUid}:${activityId}`, () => {
      const { class_uid, activity_id } = event(map(admin[at]!));
      assert.deepEqual([class_uid, activity_id], [classUid, activityId]);
    });
  }

  it('name who did it, and in the path whom it is about', () => {
    const mapped = map(admin[1]!);
    assert.deepEqual(mapped.facts.persons, ['oid:11111111-2222-4333-8444-555555555555']);
    assert.equal(event(mapped).user.uid, '8d6f1f0e-3c55-4c39-8a0e-6f1b7a5d2c31');
    assert.equal(mapped.facts.ip, '203.0.113.9');
  });

  it('a session that is deleted ends', () => {
    assert.deepEqual(map(admin[4]!).facts.sessions, [session]);
  });

  it('a password in a representation is masked', () => {
    assert.ok(!JSON.stringify(map(admin[0]!)).includes('never-in-a-log'));
  });
});
