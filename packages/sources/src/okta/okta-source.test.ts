import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject, MappedRecord } from '../map-record.ts';
import { readFixture } from '../testing/read-fixture.ts';
import { oktaSource } from './okta-source.ts';

const records = readFixture('okta/system-log.ndjson');
const of = (eventType: string, result = ''): JsonObject =>
  structuredClone(
    records.find(
      (one) => one['eventType'] === eventType && JSON.stringify(one['outcome']).includes(result),
    ) ?? assert.fail(eventType),
  );
const map = (record: JsonObject): MappedRecord => oktaSource.map(record)[0] ?? assert.fail();
// biome-ignore lint/suspicious/noExplicitAny: a test looks wherever it wants in a JSON object.
const event = (record: JsonObject): any => map(record).ocsf;
const facts = (record: JsonObject) => map(record).facts;

describe('joining by what Okta names', () => {
  it('a sign-in carries both session ids and the device token, in exact case', () => {
    const said = facts(of('user.session.start'));
    assert.deepEqual(said.sessions, ['sid:102sess-Harbour_A1', 'sid:idxRootSession1Ab']);
    assert.deepEqual(said.tokens, ['dtHash:53dd1a7513e0256eb13b9a47bb07ed61']);
    assert.equal(said.kind, 'sign_in');
    assert.equal(said.asn, '64500');
  });

  it('a granted token is known by its jti, its client, and the person among the targets', () => {
    const record = of('app.oauth2.as.token.grant.access_token');
    const said = facts(record);
    assert.equal(said.tokens?.[0], 'jti:AT.x9Zk_Case-Matters');
    assert.equal(said.client, '0oaClientPay1');
    assert.deepEqual(said.persons, ['email:p.holm@harbour.example', 'id:00uholm9']);
    assert.equal(said.kind, 'token');
    assert.equal(event(record).authentication_token.uid, 'AT.x9Zk_Case-Matters');
  });

  it('a session that ends does not end the device', () => {
    const said = facts(of('user.session.end'));
    assert.equal(said.kind, 'revocation');
    assert.equal(said.tokens, undefined);
    assert.equal(said.sessions?.length, 2);
  });

  it('an API token is a key where it is made and where it is used', () => {
    assert.deepEqual(facts(of('system.api_token.create')).tokens?.[0], 'key:00TlongLived1');
    assert.ok(facts(of('user.lifecycle.suspend')).tokens?.includes('key:00TlongLived1'));
  });
});

describe('what Okta writes for nothing', () => {
  it('"unknown" is nobody, no session and no transaction', () => {
    const record = of('user.session.start', 'FAILURE');
    const said = facts(record);
    assert.deepEqual(said.persons, ['email:nobody@harbour.example']);
    assert.equal(said.sessions, undefined);
    assert.equal(event(record).session, undefined);
    assert.equal(said.outcome, 'failure');
  });

  it('the zone "null", a null target, an empty list and empty debug data are nothing', () => {
    for (const target of [null, []]) {
      const mapped = map({ ...of('user.session.start'), target, debugContext: { debugData: '' } });
      assert.equal(mapped.facts.tokens, undefined);
      assert.ok(mapped.recognised);
    }
    assert.equal(facts(of('policy.evaluate_sign_on')).outcome, 'unknown');
  });

  it('the version may be a number', () => {
    assert.equal(map({ ...of('user.session.start'), version: 0 }).key, records[0]?.['uuid']);
  });
});

describe('what is not JSON stays text', () => {
  it('behaviours and risk are kept as they come: rules look for the text', () => {
    const { debugData } = event(of('user.session.start')).unmapped.okta.debugContext;
    assert.match(debugData.behaviors, /New Device=POSITIVE/);
    assert.match(debugData.risk, /level=HIGH/);
    assert.equal(JSON.parse(debugData.logOnlySecurityData).risk.level, 'HIGH');
  });

  it('arrays and objects in their place are kept too', () => {
    for (const behaviors of [['New Device=POSITIVE'], { 'New Device': 'POSITIVE' }]) {
      const record = { ...of('user.session.start'), debugContext: { debugData: { behaviors } } };
      assert.deepEqual(event(record).unmapped.okta.debugContext.debugData.behaviors, behaviors);
    }
  });
});

describe('targets', () => {
  it('are picked by type, wherever they stand', () => {
    const record = of('user.authentication.sso');
    const turned = { ...record, target: (record['target'] as unknown[]).toReversed() };
    for (const one of [record, turned]) {
      assert.equal(facts(one).app, '0oaLedgerApp1');
      assert.equal(event(one).service.name, 'Ledger');
      assert.equal(event(one).auth_protocol_id, 5);
    }
  });

  it('say whom a change is about, and the actor who made it', () => {
    const record = event(of('user.account.privilege.grant'));
    assert.equal(record.class_uid, 3005);
    assert.equal(record.user.uid, '00uHolm9');
    assert.equal(record.actor.user.uid, '00uMarsh7Qk2AbCdE4x7');
    assert.deepEqual(record.privileges, ['Super administrator', 'Read only admin']);
  });

  it('a password that was shown is a secret that was read', () => {
    const said = facts(of('application.user_membership.show_password'));
    assert.equal(said.kind, 'access');
    assert.deepEqual(said.items, [
      { kind: 'secret', id: '0oaLedgerApp1/0uaMarsh', in: '0oaLedgerApp1', name: 'Ledger' },
    ]);
  });
});

describe('kinds of events', () => {
  const classes: [string, number, number][] = [
    ['user.session.start', 3002, 1],
    ['user.authentication.auth_via_mfa', 3002, 6],
    ['user.lifecycle.suspend', 3001, 5],
    ['group.user_membership.add', 3006, 3],
    ['security.threat.detected', 2004, 1],
    ['system.api_token.create', 3004, 1],
    ['user.session.end', 3002, 2],
  ];
  for (const [type, classUid, activityId] of classes) {
    it(`${type} is ${classUid}:${activityId}`, () => {
      const { class_uid, activity_id } = event(of(type));
      assert.deepEqual([class_uid, activity_id], [classUid, activityId]);
    });
  }

  it('one that is not known is kept whole and counted', () => {
    const record = of('brand.new.unheard_of');
    assert.equal(map(record).recognised, false);
    assert.equal(event(record).class_uid, 6003);
    assert.equal(facts(record).operation, 'brand.new.unheard_of');
  });

  it('a type that looks like a member every object has is one that is not known', () => {
    const mapped = map({ ...of('user.session.start'), eventType: 'constructor' });
    assert.equal(mapped.recognised, false);
  });

  it('the proxy of the chain is told, and whose network it is', () => {
    const { src_endpoint } = event(of('user.session.start'));
    assert.deepEqual(src_endpoint.intermediate_ips, ['203.0.113.9']);
    assert.equal(src_endpoint.autonomous_system.number, 64500);
    assert.equal(src_endpoint.location.city, 'Bremen');
  });

  it('the factor of a step is named', () => {
    const { auth_factors, is_mfa } = event(of('user.authentication.auth_via_mfa'));
    assert.equal(auth_factors[0].factor_type_id, 5);
    assert.equal(is_mfa, true);
  });
});
