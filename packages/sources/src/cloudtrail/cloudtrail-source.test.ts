import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject, MappedRecord } from '../map-record.ts';
import { readFixture } from '../testing/read-fixture.ts';
import { cloudTrailSource } from './cloudtrail-source.ts';

const records = readFixture('cloudtrail/records.json');
const of = (name: string): JsonObject =>
  structuredClone(records.find((one) => one['eventName'] === name) ?? assert.fail(name));
const map = (record: JsonObject): MappedRecord => cloudTrailSource.map(record)[0] ?? assert.fail();
// biome-ignore lint/suspicious/noExplicitAny: a test looks wherever it wants in a JSON object.
const event = (record: JsonObject): any => map(record).ocsf;
const facts = (record: JsonObject) => map(record).facts;

describe('keys of AWS', () => {
  it('AssumeRole hands out the key that the session uses, made from the key of who asked', () => {
    const issued = facts(of('AssumeRole'));
    assert.equal(issued.kind, 'token');
    assert.deepEqual(issued.tokens, ['key:ASIAEXAMPLE0000000S1']);
    assert.deepEqual(issued.parents, ['key:AKIAEXAMPLE0000000K1']);
    assert.deepEqual(facts(of('GetObject')).tokens, issued.tokens);
    assert.equal(facts(of('GetObject')).tokenIssuedMs, issued.tokenIssuedMs);
  });

  it('the end of a key is read in each of its spellings', () => {
    const end = Date.UTC(2026, 10, 2, 10);
    const spellings = [
      ...['Nov 2, 2026, 10:00:00 AM', 'Nov 2, 2026 10:00:00 AM', 'Nov 2, 2026, 10:00:00\u202fAM'],
      ...['2026-11-02T10:00:00Z', '2026-11-02 10:00:00', end, end / 1000],
    ];
    for (const expiration of spellings) {
      const record = of('AssumeRole');
      record['responseElements'] = {
        credentials: { accessKeyId: 'ASIAEXAMPLE0000000S1', expiration },
      };
      assert.equal(facts(record).tokenExpiresMs, end, String(expiration));
      assert.equal(event(record).authentication_token.expiration_time, end);
    }
  });

  it('the session token is nowhere in what is mapped', () => {
    const text = JSON.stringify(map(of('AssumeRole')));
    assert.ok(!text.includes('Pretend'));
    assert.match(text, /MASKED/);
  });

  it('a key that is deleted or made inactive is what ends, not the key of who did it', () => {
    const said = facts(of('UpdateAccessKey'));
    assert.equal(said.kind, 'revocation');
    assert.deepEqual(said.tokens, ['key:AKIAEXAMPLE0000000K1']);
    const active = of('UpdateAccessKey');
    (active['requestParameters'] as JsonObject)['status'] = 'Active';
    assert.equal(facts(active).kind, 'change');
    assert.deepEqual(facts(of('CreateAccessKey')).tokens, ['key:AKIAEXAMPLE0000000K2']);
  });

  it('a role that was refused hands nothing out', () => {
    const record = { ...of('AssumeRole'), responseElements: null, errorCode: 'AccessDenied' };
    const said = facts(record);
    assert.equal(said.outcome, 'failure');
    assert.deepEqual(said.tokens, ['key:AKIAEXAMPLE0000000K1']);
  });
});

it('a call that hands out no key does not issue the one it was made with', () => {
  const from = { GetSigninToken: 'signin', SwitchRole: 'signin', AssumeRole: 'sts' };
  for (const [eventName, service] of Object.entries(from)) {
    const eventSource = `${service}.amazonaws.com`;
    const said = facts({ ...of('AssumeRole'), eventSource, eventName, responseElements: null });
    assert.equal(said.outcome, 'success');
    assert.equal(said.tokens, undefined);
    assert.equal(said.parents?.length, 1);
  }
});

describe('who calls', () => {
  it('the name of a session is a person when it is an address', () => {
    assert.deepEqual(facts(of('GetObject')).persons, [
      'email:i.marsh@harbour.example',
      'id:arn:aws:sts::111122223333:assumed-role/engineer/i.marsh@harbour.example',
    ]);
  });

  it('an empty key is none, and a user without an ARN is known by account and name', () => {
    const said = facts(of('ConsoleLogin'));
    assert.equal(said.tokens, undefined);
    assert.deepEqual(said.persons, ['id:arn:aws:iam::111122223333:user/p.holm']);
  });

  it('a service is no person, and its name no address', () => {
    const record = of('GenerateDataKey');
    assert.equal(facts(record).persons, undefined);
    assert.equal(facts(record).ip, undefined);
    assert.equal(facts(record).app, 'cloudtrail.amazonaws.com');
    assert.deepEqual(event(record).src_endpoint, { svc_name: 'cloudtrail.amazonaws.com' });
    assert.deepEqual(event(of('RunInstances')).src_endpoint, { name: 'AWS Internal' });
  });

  it('types of identities are told, absent ones too', () => {
    const typed = (type?: string) =>
      event({ ...of('GetSecretValue'), userIdentity: { type, arn: 'arn:x' } }).actor.user.type_id;
    assert.deepEqual(
      ['IAMUser', 'AssumedRole', 'Root', 'AWSService', 'AWSAccount', 'Unknown', undefined].map(
        typed,
      ),
      [1, 99, 2, 4, 99, 99, 0],
    );
    assert.ok(map({ ...of('GetSecretValue'), userIdentity: null }));
  });

  it('MFA is text in a session and Yes or No at the console', () => {
    assert.equal(event(of('GetObject')).actor.session.is_mfa, true);
    const login = of('ConsoleLogin');
    assert.equal(event(login).is_mfa, false);
    (login['additionalEventData'] as JsonObject)['MFAUsed'] = 'Yes';
    assert.equal(event(login).is_mfa, true);
  });

  it('the brackets that S3 puts around the user agent are taken off', () => {
    assert.equal(facts(of('GetObject')).userAgent, 'aws-cli/2.18.0 md/awscrt#0.22.0');
  });
});

describe('what was touched', () => {
  it('an object, a listing, a secret, parameters that were decrypted', () => {
    assert.deepEqual(facts(of('GetObject')).items, [
      { kind: 'object', id: '2026/q3/payroll.csv', in: 'harbour-ledger' },
    ]);
    assert.deepEqual(facts(of('ListObjects')).items, [
      { kind: 'folder', id: 'harbour-ledger/2026/', in: 'harbour-ledger' },
    ]);
    assert.equal(facts(of('GetSecretValue')).items?.[0]?.kind, 'secret');
    assert.deepEqual(
      facts(of('GetParameters')).items?.map(({ kind, id }) => `${kind} ${id}`),
      ['secret /ledger/db', 'secret /ledger/key'],
    );
  });

  it('what the record does not list is said to be not listed', () => {
    assert.equal(facts(of('DeleteObjects')).itemsComplete, false);
    assert.equal(facts(of('Scan')).itemsComplete, false);
    const batch = { ...of('GetSecretValue'), eventName: 'BatchGetSecretValue' };
    const asked = facts({ ...batch, requestParameters: { filters: [{ key: 'tag-key' }] } });
    assert.deepEqual([asked.items, asked.itemsComplete], [undefined, false]);
    assert.equal(facts(of('GetObject')).itemsComplete, undefined);
  });
});

describe('kinds of calls', () => {
  const classes: [string, number, number, boolean][] = [
    ['AssumeRole', 3002, 4, true],
    ['ConsoleLogin', 3002, 1, true],
    ['GetObject', 6005, 1, true],
    ['StopLogging', 6002, 4, true],
    ['CreateAccessKey', 3001, 99, true],
    ['PutRolePolicy', 3004, 1, true],
    ['RunInstances', 6003, 1, true],
    ['FrobnicateWidget', 6003, 99, false],
  ];
  for (const [name, classUid, activityId, recognised] of classes) {
    it(`${name} is ${classUid}:${activityId}${recognised ? '' : ', and counted'}`, () => {
      const { class_uid, activity_id } = event(of(name));
      assert.deepEqual([class_uid, activity_id], [classUid, activityId]);
      assert.equal(map(of(name)).recognised, recognised);
    });
  }

  it('a digest among the log files is recognised, and says nothing', () => {
    const digest = { awsAccountId: '1', digestS3Object: 'x', logFiles: [], digestEndTime: 'y' };
    assert.ok(cloudTrailSource.recognises(digest));
    assert.deepEqual(cloudTrailSource.map(digest), []);
  });

  it('an insight is a finding', () => {
    const record = {
      ...of('RunInstances'),
      eventType: 'AwsCloudTrailInsight',
      eventCategory: 'Insight',
    };
    assert.equal(event(record).class_uid, 2004);
  });

  it('who stopped the log is kept, though the class has no actor', () => {
    const { cloudtrail } = event(of('StopLogging')).unmapped;
    assert.equal(cloudtrail.userIdentity.accessKeyId, 'ASIAEXAMPLE0000000S1');
    assert.equal(cloudtrail.sourceIPAddress, '198.51.100.23');
  });

  it('one action in several accounts is several events, tied together', () => {
    const record = of('AssumeRole');
    const other = { ...record, eventID: 'c0ffee00-0000-4000-8000-999999999999' };
    assert.notEqual(map(record).key, map(other).key);
    assert.equal(event(record).metadata.correlation_uid, event(other).metadata.correlation_uid);
  });

  it('the time of a relay stands in, and a time without zone is UTC', () => {
    const [relayed] = readFixture('cloudtrail/relayed.ndjson');
    const zoneless = { ...of('GetObject'), eventTime: '2026-11-02 09:05:00.000000000' };
    for (const record of [relayed!, zoneless]) {
      assert.equal(map(record).timeMs, Date.UTC(2026, 10, 2, 9, 5));
    }
  });

  it('counts that are floats and flags that are text are kept as they came', () => {
    const { api, unmapped } = event(of('RunInstances'));
    assert.equal(api.request.data.instancesSet.items[0].minCount, 1);
    assert.equal(unmapped.cloudtrail.sessionCredentialFromConsole, 'true');
    assert.equal(typeof event(of('PutRolePolicy')).api.request.data.policyDocument, 'string');
  });
});
