import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject, MappedRecord } from '../map-record.ts';
import { readFixture, readLines } from '../microsoft-365/testing/quirk-records.ts';
import { entraAudit } from './entra-audit.ts';
import { entraSignIn } from './entra-sign-in.ts';
import { viewEntra } from './view-entra.ts';

const map = (source: typeof entraSignIn, record: JsonObject): MappedRecord => {
  assert.ok(source.recognises(record), JSON.stringify(record).slice(0, 200));
  return source.map(record)[0] ?? assert.fail();
};
const signIn = (record: JsonObject) => map(entraSignIn, record);
const audit = (record: JsonObject) => map(entraAudit, record);
const graph = (file: string): JsonObject[] => JSON.parse(readFixture(file)).value;
// biome-ignore lint/suspicious/noExplicitAny: a test looks wherever it wants in a JSON object.
const ocsf = (record: MappedRecord | undefined): any => record?.ocsf;

describe('a sign-in', () => {
  const sent = graph('entra/sign-ins-graph.json');
  const exported = readLines('entra/sign-ins-diagnostic.ndjson');
  const columns = readLines('entra/sign-ins-log-analytics.ndjson');

  it('has the same key in all three shapes, and the same token, session, person and client', () => {
    for (const [at, record] of sent.entries()) {
      const [one, two, three] = [record, exported[at] ?? {}, columns[at] ?? {}].map(signIn);
      assert.equal(two?.key, one?.key);
      assert.equal(three?.key, one?.key);
      for (const name of ['tokens', 'sessions', 'persons', 'client', 'kind', 'outcome'] as const) {
        assert.deepEqual(two?.facts[name], one?.facts[name], name);
        assert.deepEqual(three?.facts[name], one?.facts[name], name);
      }
      assert.deepEqual(ocsf(three).src_endpoint, ocsf(one).src_endpoint);
    }
  });

  it('comes from one of four logs', () => {
    assert.deepEqual(
      sent.map((record) => ocsf(signIn(record)).metadata.log_name),
      [
        'SignInLogs',
        'NonInteractiveUserSignInLogs',
        'SignInLogs',
        'SignInLogs',
        'ServicePrincipalSignInLogs',
        'ManagedIdentitySignInLogs',
      ],
    );
    assert.deepEqual(
      sent.map((record) => signIn(record).facts.kind),
      ['sign_in', 'token', 'sign_in', 'sign_in', 'token', 'token'],
    );
  });

  it('keeps the case of its token and folds that of its person', () => {
    const record = { ...sent[0], userPrincipalName: 'I.Marsh@Harbour.example' };
    assert.deepEqual(signIn(record).facts.tokens, [`uti:${sent[0]?.['uniqueTokenIdentifier']}`]);
    assert.ok(signIn(record).facts.persons?.includes('upn:i.marsh@harbour.example'));
  });

  it('has failed by a number, by text or by a word', () => {
    const outcome = (resultType: unknown) =>
      signIn({
        ...exported[0],
        resultType,
        properties: { ...(exported[0]?.['properties'] as object), status: null },
      }).facts.outcome;
    assert.deepEqual([0, '0', 'Success', 50126, '50126', 'Failure', ''].map(outcome), [
      'success',
      'success',
      'success',
      'failure',
      'failure',
      'failure',
      'unknown',
    ]);
  });

  it('tells protocol, factors and that there were several', () => {
    const [, , ropc, device] = sent.map(signIn);
    assert.deepEqual([ocsf(ropc).auth_protocol, ocsf(ropc).auth_protocol_id], ['ropc', 6]);
    assert.equal(ocsf(ropc).severity_id, 3);
    assert.equal(ocsf(device).is_mfa, true);
    assert.deepEqual(
      ocsf(device).auth_factors.map((one: { factor_type_id: number }) => one.factor_type_id),
      [11, 5],
    );
    assert.match(ocsf(device).unmapped.entra.originalRequestId, /^[0-9a-f-]{36}$/);
  });

  it('whose row comes again with a risk found later is not the same record', () => {
    const first = signIn(columns[0] ?? {});
    const again = signIn(columns.at(-1) ?? {});
    assert.equal(ocsf(again).metadata.original_event_uid, ocsf(first).metadata.original_event_uid);
    assert.notEqual(again.key, first.key);
  });

  it('of a service names the credential it used', () => {
    const service = ocsf(signIn(sent[4] ?? {}));
    assert.match(service.unmapped.entra.servicePrincipalCredentialKeyId, /^[0-9a-f-]{36}$/);
    assert.equal(service.user.name, 'Sync Robot');
  });
});

describe('an audit', () => {
  const sent = graph('entra/audits-graph.json');
  const exported = readLines('entra/audits-diagnostic.ndjson');
  const columns = readLines('entra/audits-log-analytics.ndjson');

  it('has the same key and facts in all three shapes', () => {
    for (const [at, record] of sent.entries()) {
      const one = audit(record);
      assert.equal(audit(exported[at] ?? {}).key, one.key);
      const row = columns.find((column) => column['Id'] === record['id']) ?? {};
      if (at > 0) assert.equal(audit(row).key, one.key);
      const { tenant: _, ...facts } = audit(exported[at] ?? {}).facts;
      assert.deepEqual(facts, one.facts);
    }
  });

  it('that became several rows with one id is several records', () => {
    const rows = columns.filter((row) => row['Id'] === sent[0]?.['id']).map(audit);
    assert.equal(rows.length, 2);
    assert.notEqual(rows[0]?.key, rows[1]?.key);
  });

  it('has values that were quoted twice', () => {
    const [role, consent, grant, group] = sent.map((record) => ocsf(audit(record)));
    assert.deepEqual(role.privileges, ['Global Administrator']);
    assert.equal(role.user.name, 'l.brandt@harbour.example');
    assert.match(consent.unmapped.entra.modified_properties[2].after, /^\[\] => \[\[Id: c1/);
    assert.deepEqual(grant.privileges, ['Mail.Read', 'User.Read']);
    assert.equal(group.group.name, 'Treaty team');
    assert.equal(consent.unmapped.entra.additional_details.AppId.length, 36);
  });

  it('by an application names it', () => {
    const record = audit(sent[4] ?? {});
    assert.equal(ocsf(record).actor.app_name, 'Sync Robot');
    assert.equal(ocsf(record).actor.user.type, 'Service');
  });

  it('that ends sessions tells whose', () => {
    const { facts } = audit(sent[5] ?? {});
    assert.equal(facts.kind, 'revocation');
    assert.ok(facts.persons?.includes('upn:t.okafor@harbour.example'));
  });

  it('that failed, and one that nobody knows, are told as such', () => {
    assert.equal(audit(sent[6] ?? {}).facts.outcome, 'failure');
    assert.equal(audit(sent[7] ?? {}).recognised, false);
  });
});

it('a row of a CSV of Log Analytics, which says the zone beside the name, is what it is', () => {
  const both = { 'TimeGenerated [UTC]': '11/22/2026, 10:05:00.123 AM', Id: 'x1', ResultType: '0' };
  const row = {
    ...{ ...both, 'CreatedDateTime [UTC]': '11/22/2026, 10:00:00.123 AM', AppId: 'A' },
    ...{ ConditionalAccessStatus: 'success', UserId: 'U1', UniqueTokenIdentifier: 'Ab_c' },
  };
  assert.ok(entraSignIn.recognises(row));
  const [mapped] = entraSignIn.map(row);
  assert.equal(mapped?.timeMs, Date.UTC(2026, 10, 22, 10, 0, 0, 123));
  assert.deepEqual(mapped?.facts.tokens, ['uti:Ab_c']);
  const change = { 'ActivityDateTime [UTC]': '11/22/2026, 10:00:00.000 AM', InitiatedBy: '{}' };
  assert.ok(entraAudit.recognises({ ...both, ...change }));
});

describe('the view for public rules', () => {
  it('has the result as text, and names an activity in six ways', () => {
    const [good, , bad] = graph('entra/sign-ins-graph.json').map(viewEntra);
    assert.deepEqual([good?.['ResultType'], good?.['Status']], ['0', 'Success']);
    assert.equal(bad?.['properties.message'], 'ROPC');
    assert.deepEqual(bad?.['riskEventType'], ['passwordSpray']);
    const activity = viewEntra(graph('entra/audits-graph.json')[0] ?? {});
    for (const name of ['OperationName', 'operationName', 'ActivityType', 'properties.message']) {
      assert.equal(activity[name], 'Add member to role', name);
    }
    assert.match(String(activity['TargetResources']), /Global Administrator/);
  });
});
