import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject, MappedRecord } from '../map-record.ts';
import { readFixture } from '../testing/read-fixture.ts';
import { gcpSource } from './gcp-source.ts';
import { readParameters } from './read-parameters.ts';
import { workspaceSource } from './workspace-source.ts';

const items = readFixture('google/reports.json');
const audits = readFixture('google/gcp.ndjson');
const all = items.flatMap((item) => workspaceSource.map(item));
const of = (operation: string): MappedRecord =>
  all.find(({ facts }) => facts.operation === operation) ?? assert.fail(operation);
const ofMethod = (part: string): MappedRecord =>
  audits.flatMap((one) => gcpSource.map(one)).find(({ facts }) => facts.operation.includes(part)) ??
  assert.fail(part);
// biome-ignore lint/suspicious/noExplicitAny: a test looks wherever it wants in a JSON object.
const event = (mapped: MappedRecord): any => mapped.ocsf;

describe('items of the Reports API', () => {
  it('with several events become as many, each with a key of its own', () => {
    const drive = items.filter((item) => JSON.stringify(item['id']).includes('drive'));
    const mapped = drive.flatMap((item) => workspaceSource.map(item));
    assert.equal(mapped.length, 3);
    assert.equal(new Set(mapped.map(({ key }) => key)).size, 3);
  });

  it('with two events that say the same keep both', () => {
    const [login] = items as [JsonObject];
    const [only] = login['events'] as JsonObject[];
    const mapped = workspaceSource.map({ ...login, events: [only, structuredClone(only)] });
    assert.equal(new Set(mapped.map(({ key }) => key)).size, 2);
    assert.equal(mapped[0]?.key, workspaceSource.map(login)[0]?.key);
  });

  it('without any event say nothing at all, but are counted', () => {
    const mapped = workspaceSource.map({ ...items[0]!, events: [] });
    assert.deepEqual(
      mapped.map(({ recognised, facts }) => [recognised, facts.operation]),
      [[false, 'unknown']],
    );
  });

  it('a qualifier may be negative, and stays text', () => {
    assert.match(of('login_success').key, /^-7312729053723258069:/);
  });

  it('values are read from whichever member holds them', () => {
    const members = [
      { value: 'true' },
      { boolValue: true },
      { multiValue: ['true'] },
      { multiStrValue: ['true'] },
    ];
    for (const held of members) {
      const { values, canonical } = readParameters([{ name: 'NEW_VALUE', ...held }]);
      assert.equal([values.get('new_value')].flat()[0], 'true');
      assert.equal(canonical, 'new_value=true');
    }
    assert.equal(readParameters([{ name: 'n', intValue: '-5' }]).canonical, 'n=-5');
    assert.equal(readParameters({ n: -5 }).canonical, 'n=-5');
    const nested = [{ name: 'm', messageValue: { parameter: [{ name: 'A', intValue: '1' }] } }];
    assert.equal(readParameters(nested).canonical, readParameters({ m: { a: 1 } }).canonical);
  });
});

describe('events of Workspace', () => {
  it('a sign-in names its factors, a failed one fails', () => {
    const { auth_factors } = event(of('login_success'));
    assert.deepEqual(
      auth_factors.map(({ factor_type_id }: JsonObject) => factor_type_id),
      [11, 5],
    );
    assert.equal(of('login_failure').facts.outcome, 'failure');
    assert.deepEqual(of('login_failure').facts.persons?.[0], 'email:p.holm@harbour.example');
  });

  it('an authorisation names the client and the app', () => {
    const { facts } = of('authorize');
    assert.equal(facts.kind, 'token');
    assert.equal(facts.client, '1234-abc.apps.googleusercontent.com');
    assert.equal(facts.app, 'Calendar Helper');
  });

  it('a file that was viewed is an item, with the drive it lies in and the app it went through', () => {
    const { facts } = of('view');
    assert.deepEqual(facts.items, [
      { kind: 'file', id: '1AbCdEf_Payroll', in: '0AShared', name: 'Payroll 2026' },
    ]);
    assert.equal(facts.app, '691301496089');
    assert.equal(facts.kind, 'access');
  });

  it('a change names whom it is about, whatever the case of its parameters', () => {
    const mapped = event(of('TURN_OFF_2_STEP_VERIFICATION'));
    assert.deepEqual([mapped.class_uid, mapped.activity_id], [3001, 11]);
    assert.equal(mapped.user.name, 'p.holm@harbour.example');
    assert.equal(event(of('CHANGE_APPLICATION_SETTING')).entity.name, 'ENABLE_EMAIL_USER_IMPORT');
  });

  it('a mail that was opened is an item of the mailbox', () => {
    const mail = all.find(({ facts }) => facts.items?.[0]?.kind === 'mail');
    assert.deepEqual(mail?.facts.items, [
      { kind: 'mail', id: '<m1@harbour.example>', in: 'i.marsh@harbour.example' },
    ]);
  });

  it('a name that ends in a space is the same name, and an unknown one is counted', () => {
    assert.equal(event(of('suspicious_login')).class_uid, 2004);
    assert.equal(of('frobnicate_export').recognised, false);
  });
});

describe('Google Cloud', () => {
  it('a key of a service account is known from the call that made it', () => {
    const { facts } = ofMethod('CreateServiceAccountKey');
    assert.equal(facts.kind, 'token');
    assert.deepEqual(facts.tokens, ['key:ffeeddccbbaa99887766554433221100ffeeddcc']);
    assert.deepEqual(facts.parents, ['key:0a1b2c3d4e5f60718293a4b5c6d7e8f901234567']);
    assert.deepEqual(ofMethod('objects.get').facts.tokens, facts.parents);
  });

  it('who impersonates is told with who is impersonated', () => {
    const { facts } = ofMethod('GenerateAccessToken');
    assert.deepEqual(facts.persons, [
      'email:i.marsh@harbour.example',
      'email:ci@harbour-prod.iam.gserviceaccount.com',
    ]);
    assert.equal(facts.client, '32555940559.apps.googleusercontent.com');
  });

  it('an address that is none is a name', () => {
    assert.equal(event(ofMethod('GenerateAccessToken')).src_endpoint.name, 'private');
  });

  it('an empty status is success, a code is not', () => {
    assert.equal(ofMethod('objects.get').facts.outcome, 'success');
    const denied = ofMethod('AccessSecretVersion');
    assert.equal(denied.facts.outcome, 'failure');
    assert.equal(event(denied).status_code, '7');
    assert.deepEqual(denied.facts.items, [
      { kind: 'secret', id: 'projects/harbour-prod/secrets/db' },
    ]);
  });

  it('a grant says the role and whom it was given to', () => {
    const { class_uid, privileges, user } = event(ofMethod('SetIamPolicy'));
    assert.deepEqual(
      [class_uid, privileges, user.name],
      [3005, ['roles/owner'], 'p.holm@harbour.example'],
    );
  });

  it('a sink that is deleted is a change of what is logged', () => {
    assert.equal(event(ofMethod('DeleteSink')).class_uid, 6002);
  });

  it('the key is the id within its log and moment, and `@type` may be spelled out', () => {
    assert.match(ofMethod('objects.get').key, /^gcp2\/\d+\/projects\/harbour-prod\/logs\//);
    assert.ok(JSON.stringify(ofMethod('instances.insert').ocsf).includes('at_sign_type'));
    assert.equal(ofMethod('Frobnicate').recognised, false);
  });
});
