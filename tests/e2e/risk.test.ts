// The risk engine in a real house behind a proxy: somebody signs in from home, then somebody with their
// password from elsewhere. Denied, on record with reasons, ended when the person says so, and known again
// after kill -9.

import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import * as client from 'openid-client';
import { ScriptedBrowser } from '../../packages/provider/src/testing/scripted-browser.ts';
import {
  alice,
  codeRequest,
  type Registered,
  registerClient,
  signIn,
  signInForTokens,
  type Tokens,
  WORKFORCE,
} from './act-as-client.ts';
import { type House, runHouse } from './run-house.ts';
import { until } from './wait-until.ts';

const HOME = {
  'x-forwarded-for': '84.208.20.7',
  'user-agent':
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'accept-language': 'nb-NO',
};
const ELSEWHERE = {
  'x-forwarded-for': '87.246.128.9',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0',
  'accept-language': 'lv',
};
const PROXY = 'proxy:\n  trusted: ["127.0.0.1", "::1"]\n';
/** The house has known Alice for seconds: the odd one is odd, and not yet one in a hundred. */
const POLICY = {
  version: 1,
  name: 'e2e',
  rules: [{ name: 'odd stays out', when: { score: 35 }, action: 'step_up', withoutFactor: 'deny' }],
};

interface Shown {
  id: string;
  subject: string;
  score: number;
  action: string;
  reasons: { sentence: string }[];
  where: Record<string, string>;
}

describe('a sign-in from elsewhere', () => {
  const config = join(tmpdir(), `countersign-risk-${process.pid}.yaml`);
  let house: House;
  let app: Registered;
  let tokens: Tokens;
  let odd: Shown;

  const ask = async (method: string, path: string, credential: string, body?: unknown) => {
    const answer = await fetch(`${house.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${credential}`,
        'content-type': 'application/json',
        'countersign-reason': 'e2e',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const asOperator = (method: string, path: string, body?: unknown) =>
    ask(method, path, house.operatorToken, body);
  const judged = async (): Promise<Shown[]> => {
    const { body } = await asOperator('GET', '/risk/assessments?tenant=acme');
    return body['assessments'] as Shown[];
  };
  const person = async () => {
    const { body } = await asOperator('GET', `/risk/people/${WORKFORCE}/${odd.subject}`);
    return body as { profile: { acts: number; usual: Record<string, { label?: string }[]> } };
  };

  before(async () => {
    writeFileSync(config, PROXY);
    house = await runHouse({ environment: { COUNTERSIGN_CONFIG: config } });
    app = await registerClient(house);
    await asOperator('PUT', '/risk/policy?tenant=acme', POLICY);
    for (let count = 0; count < 6; count++) {
      const browser = new ScriptedBrowser(house.url, HOME);
      const scope = { scope: 'openid offline_access', prompt: 'consent' };
      tokens = await signInForTokens(house, app, scope, browser);
    }
  });
  after(async () => {
    rmSync(config, { force: true });
    await house.remove();
  });

  test('is denied on a page that says nothing, and on record with who, whence and why', async () => {
    const before = await judged();
    assert.deepEqual(new Set(before.map(({ action }) => action)), new Set(['allow']));
    assert.equal(before[0]?.where['country'], 'NO');
    const browser = new ScriptedBrowser(house.url, ELSEWHERE);
    const page = await signIn(house, await codeRequest(app.config), browser, alice(house));
    assert.equal(page.status, 403);
    assert.doesNotMatch(page.text, /risk|country|Latvia/i);
    [odd] = (await judged()) as [Shown];
    assert.equal(odd.action, 'deny', JSON.stringify(odd));
    assert.equal(odd.where['country'], 'LV');
    assert.ok(odd.reasons.length > 0);
    const events = await house.api('/events?name=risk.assessed&limit=100');
    const text = JSON.stringify(events.body);
    assert.ok(text.includes(odd.id) && text.includes(odd.reasons[0]?.sentence ?? '-'));
    assert.ok(!text.includes('84.208.20.7') && !text.includes('Firefox/143.0'));
  });

  test('ends every sign-in when the person says that it was not them', async () => {
    assert.ok(tokens.refresh_token !== undefined);
    const made = await asOperator('POST', '/readers', {
      ...{ kind: 'person', tenant: 'acme', name: 'Alice', realm: WORKFORCE, subject: odd.subject },
    });
    const credential = String(made.body['credential']);
    const said = { assessment: odd.id, verb: 'was_not_me' };
    const { status, body } = await ask('POST', '/risk/feedback', credential, said);
    assert.equal(status, 200, JSON.stringify(body));
    await until('her sessions ended', async () => {
      const { body: found } = await house.api('/events?name=session.ended&limit=100');
      return (found['events'] as object[]).length > 0;
    });
    await assert.rejects(client.refreshTokenGrant(app.config, tokens.refresh_token ?? ''), {
      error: 'invalid_grant',
    });
  });

  test('leaves what was known of the person, also after kill -9', async () => {
    const known = await person();
    assert.ok(known.profile.acts >= 1);
    assert.equal(known.profile.usual['country']?.[0]?.label, 'NO');
    await house.kill();
    await house.start();
    await house.untilReady();
    assert.deepEqual((await person()).profile, known.profile);
    const { body } = await asOperator('GET', '/risk/standings?tenant=acme');
    const [first] = body['standings'] as { subject: string; level: string }[];
    assert.deepEqual([first?.subject, first?.level], [odd.subject, 'high']);
  });
});
