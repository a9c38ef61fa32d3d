import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  checkHost,
  KIND_DEFAULTS,
  PULL_KINDS,
  serviceUrl,
  sourceSettings,
} from './source-settings.ts';

describe('the credential of a source', () => {
  it('goes to the hosts of its kind only, however near another name comes', () => {
    for (const [kind, url] of [
      ['office-365', 'https://manage.office365.evil.example/'],
      ['office-365', 'https://manage.office.com.evil.example/'],
      ['office-365', 'https://xmanage.office.com/'],
      ['graph-sign-ins', 'https://graph.microsoft.com.evil.example/'],
      ['graph-sign-ins', 'https://login.microsoftonline.com@evil.example/'],
      ['graph-audits', 'https://manage.office.com/'],
      ['google-reports', 'https://storage.googleapis.com/'],
    ] as const) {
      assert.throws(() => checkHost(kind, url, 'public'), /host|credentials/, url);
    }
    for (const kind of PULL_KINDS) {
      const { url } = KIND_DEFAULTS[kind];
      if (url !== undefined) checkHost(kind, url, 'public');
    }
    checkHost('graph-audits', 'https://login.microsoftonline.us/x/oauth2/v2.0/token', 'public');
  });

  it('is never sent in the clear or to a private address, of Okta neither', () => {
    const okta = (url: string) =>
      serviceUrl(sourceSettings.parse({ kind: 'okta', secret: 'okta', url }), 'public');
    assert.equal(okta('https://id.harbour.example/'), 'https://id.harbour.example');
    for (const url of ['http://id.harbour.example', 'https://10.0.0.1', 'https://[::1]']) {
      assert.throws(() => okta(url), { code: 'outbound_refused' }, url);
    }
    const none = sourceSettings.parse({ kind: 'okta', secret: 'okta' });
    assert.throws(() => serviceUrl(none, 'public'), { code: 'source_setting' });
  });

  it('is named by a plain name, and settings that nobody knows are refused', () => {
    for (const secret of ['../operator-token', 'a/b', '.hidden', '', 'A']) {
      assert.equal(sourceSettings.safeParse({ kind: 'okta', secret }).success, false, secret);
    }
    const unknown = { kind: 'okta', secret: 'okta', apiToken: 'typed here' };
    assert.equal(sourceSettings.safeParse(unknown).success, false);
  });
});
