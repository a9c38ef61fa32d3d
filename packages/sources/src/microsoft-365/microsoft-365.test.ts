import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject, MappedRecord } from '../map-record.ts';
import { microsoft365 } from './map-microsoft-365.ts';
import { type Quirk, quirk, readFixture, readLines } from './testing/quirk-records.ts';

const map = (record: JsonObject): MappedRecord => {
  assert.ok(microsoft365.recognises(record));
  return microsoft365.map(record)[0] ?? assert.fail();
};
const mapped = (name: Quirk): MappedRecord => map(quirk(name));
// biome-ignore lint/suspicious/noExplicitAny: a test looks wherever it wants in a JSON object.
const ocsf = (record: MappedRecord): any => record.ocsf;
const kept = (record: MappedRecord) => ocsf(record).unmapped.microsoft_365;

describe('the outcome of a sign-in', () => {
  it('is a failure when the operation says so, although the record says Success', () => {
    const { facts, ocsf: event } = mapped('sign-in-failed-says-success');
    assert.equal(facts.outcome, 'failure');
    assert.equal(event['status_code'], '50126');
    assert.equal(event['status_detail'], 'InvalidUserNameOrPassword');
  });

  it('is neither when UserLoggedIn carries an error number', () => {
    assert.equal(mapped('sign-in-with-an-error').facts.outcome, 'unknown');
    assert.equal(mapped('sign-in-good').facts.outcome, 'success');
  });

  it('of other operations follows the word in its spellings, and a record without one was done', () => {
    const outcome = (ResultStatus?: string) =>
      map({ ...quirk('file-shared'), ResultStatus }).facts.outcome;
    for (const word of ['True', 'Success', 'Succeeded', 'PartiallySucceeded', undefined]) {
      assert.equal(outcome(word), 'success', String(word));
    }
    for (const word of ['Failed', 'Failure']) assert.equal(outcome(word), 'failure', word);
    assert.equal(outcome('Vielleicht'), 'unknown');
  });
});

describe('who and from where', () => {
  it('reads addresses with ports and in brackets, and takes an empty one for absent', () => {
    const endpoint = (name: Quirk) => ocsf(mapped(name)).src_endpoint;
    assert.deepEqual(endpoint('sign-in-good'), { ip: '198.51.100.23', port: 51234 });
    assert.deepEqual(endpoint('sign-in-failed-says-success'), { ip: '2001:db8::5', port: 40022 });
    assert.equal(endpoint('sign-in-of-nobody'), undefined);
    assert.equal(endpoint('consent').ip, '::1');
    assert.equal(mapped('file-shared').facts.ip, '2001:db8::1');
  });

  it('folds the case of persons for joining and keeps what was written', () => {
    const record = mapped('upper-case-person');
    assert.deepEqual(record.facts.persons, ['upn:i.marsh@harbour.example']);
    assert.equal(ocsf(record).actor.user.name, 'I.MARSH@HARBOUR.EXAMPLE');
  });

  it('takes a zero id and "Not Available" for nobody', () => {
    assert.equal(mapped('sign-in-of-nobody').facts.persons, undefined);
    assert.equal(ocsf(mapped('sign-in-of-nobody')).user.name, 'unknown');
  });

  it('knows services, SIDs and accounts of Windows', () => {
    const app = mapped('app-only');
    assert.match(app.facts.client ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(ocsf(app).actor.user.type, 'Service');
    assert.equal(ocsf(app).actor.user.name, 'Sync Robot');
    assert.deepEqual(mapped('sid-user').facts.persons, ['id:s-1-5-18']);
    assert.match(String(mapped('mailbox-permission').facts.persons), /^id:nt authority\\system/);
  });

  it('picks the parties of Actor and Target by kind and shape', () => {
    const record = mapped('consent');
    assert.equal(ocsf(record).entity.name, 'Mail Export Pro');
    assert.match(ocsf(record).entity.uid, /^[0-9a-f-]{36}$/);
    assert.equal(record.facts.persons?.length, 2);
  });
});

describe('what joins a use to a sign-in', () => {
  it('keeps the case of token ids and reads the session of either name', () => {
    const record = mapped('teams-session');
    const written = quirk('teams-session')['AppAccessContext'] as Record<string, string>;
    assert.deepEqual(record.facts.tokens, [`uti:${written['UniqueTokenId']}`]);
    assert.deepEqual(record.facts.sessions, [`sid:${written['AADSessionId']}`]);
    assert.equal(record.facts.client, written['ClientAppId']?.toLowerCase());
    assert.equal(record.facts.kind, 'access');
    assert.equal(mapped('sign-in-good').facts.sessions?.length, 1);
  });

  it('takes a time of issue in 1601 for none', () => {
    assert.equal(mapped('file-shared').facts.tokenIssuedMs, undefined);
  });

  it('names the protocol where a record names no application, and never as a client', () => {
    const { facts } = mapped('mail-2021-neither');
    assert.equal(facts.app, 'info:MSExchangeRPC');
    assert.equal(facts.client, undefined);
  });

  it('reads requests to Graph in both shapes, and the token from SignInActivityId', () => {
    const [diagnostic, columns] = readLines('microsoft-365/graph-activity.ndjson').map(map);
    assert.equal(diagnostic?.key, columns?.key);
    assert.deepEqual(diagnostic?.facts, columns?.facts);
    assert.match(String(diagnostic?.facts.tokens), /^uti:/);
    assert.equal(diagnostic?.facts.itemsComplete, false);
    assert.equal(diagnostic?.facts.operation, 'GET /users/{id}/messages');
  });
});

describe('what was read in a mailbox', () => {
  it('is each message with its folder, in the mailbox of its owner', () => {
    const { facts } = mapped('mail-2021-neither');
    assert.equal(facts.items?.length, 2);
    assert.deepEqual(facts.items?.[0], {
      kind: 'mail',
      id: '<one@mail.harbour.example>',
      in: 'i.marsh@harbour.example',
      name: '\\Inbox',
    });
    assert.equal(facts.itemsComplete, true);
  });

  it('is a whole folder after a Sync, and not complete', () => {
    const sync = readLines('storm-0558/used.ndjson').find((one) => one['RecordType'] === 2);
    const { facts } = map(sync ?? assert.fail());
    assert.deepEqual(
      facts.items?.map(({ kind, name }) => [kind, name]),
      [['folder', '\\Inbox']],
    );
    assert.equal(facts.itemsComplete, false);
    assert.equal(facts.gap, 'aggregated');
  });

  it('is not complete when the log throttled, also when it lists nothing', () => {
    const { facts } = mapped('throttled');
    assert.deepEqual([facts.itemsComplete, facts.gap], [false, 'throttled']);
  });

  it('is not complete when it counts more than it lists', () => {
    const { facts } = mapped('mail-cut');
    assert.deepEqual(
      [facts.itemsComplete, facts.gap, facts.items?.length],
      [false, 'truncated', 1],
    );
  });

  it('comes from Item and AffectedItems as well', () => {
    assert.equal(mapped('mail-deleted').facts.items?.[0]?.name, '\\Sent Items: Your password');
    assert.equal(mapped('mail-deleted').ocsf['type_uid'], 600507);
    assert.equal(mapped('mail-sent').facts.items?.[0]?.id, '<out@mail.harbour.example>');
  });
});

describe('lists that look like data', () => {
  it('are offered as maps: properties, PowerShell text, XML fragments', () => {
    assert.equal(kept(mapped('sign-in-good')).extended_properties.RequestType, 'OAuth2:Authorize');
    assert.deepEqual(kept(mapped('powershell-parameters')).parameters, {
      Name: 'All "treaty" mail',
      ExchangeLocation: 'all',
      AllowNotFoundExchangeLocationsEnabled: 'true',
      Force: 'true',
    });
    assert.equal(kept(mapped('inbox-rule')).parameters.MoveToFolder, 'RSS Feeds');
    assert.equal(kept(mapped('consent')).additional_details['User-Agent'], 'EvoSTS');
    assert.equal(kept(mapped('file-shared')).event_data.Group, 'Treaty & Trade');
    assert.ok(
      kept(mapped('app-keys')).modified_properties.some(
        (one: { name: string }) => one.name === 'Included Updated Properties',
      ),
    );
  });

  it('tell what a consent grants anew, and for whom', () => {
    const one = kept(mapped('consent')).consent;
    assert.deepEqual(one, { tenant_wide: false, admin_consent: true });
    assert.equal(kept(mapped('consent-for-all')).consent.tenant_wide, true);
  });

  it('tell keys from pseudo text, with commas in names', () => {
    assert.deepEqual(kept(mapped('app-keys')).keys, [
      {
        keyIdentifier: '4b1f',
        keyType: 'AsymmetricX509Cert',
        keyUsage: 'Verify',
        displayName: 'CN=Payroll, O=Harbour',
      },
      { keyIdentifier: '9c2e', keyType: 'Password', keyUsage: 'Verify' },
    ]);
  });
});

describe('wrappings of the same record', () => {
  it('give the same key, facts and event in lower case', () => {
    const lower = readLines('microsoft-365/lower-cased.ndjson').map(map);
    const names = ['sign-in-failed-says-success', 'consent', 'mail-2021-neither'] as const;
    for (const [at, name] of names.entries()) {
      assert.equal(lower[at]?.key, mapped(name).key);
      assert.deepEqual(lower[at]?.facts, mapped(name).facts, name);
    }
  });

  it('give the same from the output of Search-UnifiedAuditLog', () => {
    const rows: JsonObject[] = JSON.parse(
      readFixture('microsoft-365/search-unified-audit-log.json'),
    );
    const [mail, consent] = rows.map(map);
    assert.deepEqual(mail?.facts, mapped('mail-2021-neither').facts);
    assert.equal(consent?.key, mapped('consent').key);
    assert.equal(consent?.timeMs, Date.UTC(2024, 2, 4, 9, 15, 30));
  });

  it('are read from columns of Log Analytics, whose Start_Time is not the time', () => {
    const [mail, file] = readLines('microsoft-365/office-activity.ndjson').map(map);
    assert.equal(mail?.timeMs, Date.UTC(2024, 2, 4, 9, 15, 30));
    assert.equal(mail?.facts.items?.length, 2);
    assert.match(String(mail?.facts.tokens), /^uti:/);
    assert.deepEqual(file?.facts.items?.[0]?.in, 'https://harbour.sharepoint.example/sites/treaty');
    assert.equal(file?.facts.ip, '203.0.113.66');
  });

  it('are kept when AuditData is torn, with what the other columns say', () => {
    const { Id, CreationTime, Operation, UserId } = quirk('inbox-rule');
    const row = { RecordId: Id, CreationDate: CreationTime, Operation, UserId, AuditData: '{"Cr' };
    const { facts, key, timeMs } = map(row);
    assert.equal(key, mapped('inbox-rule').key);
    assert.equal(timeMs, mapped('inbox-rule').timeMs);
    assert.deepEqual([facts.gap, facts.itemsComplete], ['truncated', false]);
    assert.deepEqual(facts.persons, ['upn:i.marsh@harbour.example']);
  });
});

describe('operations', () => {
  it('are found without the dot, blanks and kind of dash, and stay as they were written', () => {
    const record = mapped('app-keys');
    assert.equal(record.ocsf['type_uid'], 300403);
    assert.equal(
      record.facts.operation,
      'Update application \u2013 Certificates and secrets management',
    );
    assert.equal(mapped('role').ocsf['class_uid'], 3005);
    assert.deepEqual(ocsf(mapped('role')).privileges, ['Global Administrator']);
  });

  it('that end sessions are revocations', () => {
    const { facts } = mapped('sessions-revoked');
    assert.equal(facts.kind, 'revocation');
    assert.ok(facts.persons?.includes('upn:t.okafor@harbour.example'));
  });

  it('that nobody knows are kept and counted, with fields nobody knows', () => {
    const record = mapped('unknown-operation');
    assert.equal(record.recognised, false);
    assert.deepEqual(kept(record).SomethingNew, { a: 1 });
    assert.equal(mapped('update-elsewhere').recognised, false);
  });

  it('of alerts become findings that succeeded', () => {
    const record = mapped('alert');
    assert.equal(ocsf(record).finding_info.title, 'Unusual volume of file deletion');
    assert.equal(record.facts.outcome, 'success');
  });
});
