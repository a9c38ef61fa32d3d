import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { viewCloudTrail } from './cloudtrail/view-cloudtrail.ts';
import { viewGoogle } from './google/view-google.ts';
import { viewOkta } from './okta/view-okta.ts';
import { readFixture } from './testing/read-fixture.ts';

describe('records under the names that rules use', () => {
  it('of Okta: a proxy is text, and lower-cased names are readable', () => {
    const [plain] = readFixture('okta/system-log.ndjson');
    const [lower] = readFixture('okta/lower-cased.ndjson');
    assert.deepEqual(viewOkta(plain!), { 'securityContext.isProxy': 'true' });
    assert.equal(viewOkta(lower!)['eventType'], 'user.session.start');
    const behaviors = { 'New Device': 'POSITIVE' };
    const view = viewOkta({ ...plain, debugContext: { debugData: { behaviors } } });
    assert.match(view['debugContext.debugData.behaviors'] ?? '', /POSITIVE/);
  });

  it('of CloudTrail: parameters and answers are text too, without secrets, policies decoded', () => {
    const [assumed] = readFixture('cloudtrail/records.json');
    const view = viewCloudTrail(assumed!);
    assert.match(view['requestParameters'] ?? '', /"roleSessionName":"i\.marsh@harbour\.example"/);
    assert.ok(!JSON.stringify(view).includes('Pretend'));
    const policy = encodeURIComponent('{"Statement":[{"Effect":"Allow"}]}');
    const answered = viewCloudTrail({ ...assumed, responseElements: { role: { policy } } });
    assert.match(answered['responseElements'] ?? '', /\{"Statement"/);
    const [athena] = readFixture('cloudtrail/athena.ndjson');
    assert.equal(viewCloudTrail(athena!)['eventName'], 'AssumeRole');
  });

  it('of Workspace: the service, the name, and the parameters in lower case', () => {
    const items = readFixture('google/reports.json');
    const admin = items.find((item) => JSON.stringify(item['id']).includes('admin'));
    const views = viewGoogle(admin!);
    assert.equal(views.length, 2);
    assert.equal(views[0]?.['eventService'], 'admin.googleapis.com');
    assert.equal(views[1]?.['eventName'], 'CHANGE_APPLICATION_SETTING');
    assert.equal(views[1]?.['new_value'], 'true');
    assert.equal(views[1]?.['data.new_value'], 'true');
    const [login] = viewGoogle(items[0]!);
    assert.equal(login?.['protoPayload.serviceName'], 'login.googleapis.com');
    assert.equal(login?.['protoPayload.metadata.event.eventName'], 'login_success');
  });

  it('of Google Cloud: the method', () => {
    const [made] = readFixture('google/gcp.ndjson');
    assert.match(
      String(viewGoogle(made!)[0]?.['gcp.audit.method_name']),
      /CreateServiceAccountKey$/,
    );
  });
});
