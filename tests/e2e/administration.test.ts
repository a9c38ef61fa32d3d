import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeReceipt, encodeKeyEntry, encodeLeafEntry, hashIssuer } from '@countersign/verifier';
import * as client from 'openid-client';
import { ScriptedBrowser } from '../../packages/provider/src/testing/scripted-browser.ts';
import {
  answerWithPasskey,
  SoftAuthenticator,
} from '../../packages/provider/src/testing/soft-authenticator.ts';
import {
  alice,
  readToken,
  registerClient,
  registerService,
  signInForTokens,
  WORKFORCE,
} from './act-as-client.ts';
import { forgeToken } from './forge-token.ts';
import { openJudge, pinPolicy } from './open-judge.ts';
import { factsOf, readEvents } from './read-record.ts';
import { type House, runHouse } from './run-house.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Every route that is the operator's alone, with a request that would otherwise be understood. */
const OPERATOR_ROUTES: readonly [method: string, path: string][] = [
  ['GET', '/events'],
  ['GET', '/findings'],
  ['GET', '/findings/anything/evidence'],
  ['GET', '/reconciliation'],
  ['POST', '/revocations'],
  ['POST', '/tenants'],
  ['GET', '/tenants/acme/tag-key'],
  ['POST', '/people'],
  ['GET', '/people/acme/workforce/anybody/passkeys'],
  ['DELETE', '/people/acme/workforce/anybody/passkeys/anything'],
  ['POST', '/clients'],
  ['POST', '/resources'],
  ['POST', '/reporters'],
  ['POST', '/submitters'],
  ['DELETE', '/reporters/anything'],
  ['DELETE', '/submitters/anything'],
  ['GET', '/operators'],
  ['POST', '/operators'],
  ['DELETE', '/operators/anything'],
  ['GET', '/keys'],
  ['GET', '/keys/anything/exposure'],
  ['POST', '/keys/rotate'],
  ['POST', '/keys/rollback'],
  ['POST', '/keys/anything/revoke'],
  ['GET', '/key-pauses'],
  ['POST', '/key-pauses'],
  ['POST', '/key-pauses/anything/approve'],
  ['POST', '/key-pauses/anything/end'],
];

describe('the administration API', () => {
  let house: House;
  let issuer: string;
  let api: string;
  let reporter: string;
  before(async () => {
    house = await runHouse();
    issuer = `${house.url}/${WORKFORCE}`;
    api = house.demo.resource.identifier;
    reporter = await credentialOf('/reporters', { tenant: 'acme', name: 'Orders API' });
  });
  after(() => house.remove());

  const credentialOf = async (path: string, body: unknown): Promise<string> =>
    String((await house.operate(path, body))['credential']);
  const call = (
    method: string,
    path: string,
    authorization: string | undefined,
    body: unknown = {},
  ): Promise<Response> =>
    fetch(`${house.url}/api/v1${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(authorization === undefined ? {} : { authorization }),
      },
      ...(method === 'POST' ? { body: JSON.stringify(body) } : {}),
    });

  test('every operator route asks for the operator token and takes nothing else for it', async () => {
    const submitter = await credentialOf('/submitters', { name: 'second issuer' });
    const { access_token } = await client.clientCredentialsGrant(
      (await registerService(house)).config,
    );
    const token = house.operatorToken;
    const last = token.endsWith('A') ? 'B' : 'A';
    const wrong = [
      undefined,
      'Bearer',
      `Bearer ${token.slice(0, -1)}${last}`,
      `Bearer ${token}${last}`,
      `Bearer ${token.slice(1)}`,
      `Bearer ${sha256(token)}`,
      `Basic ${btoa(`operator:${token}`)}`,
      `Bearer ${reporter}`,
      `Bearer ${submitter}`,
      `Bearer ${access_token}`,
    ];
    for (const [method, path] of OPERATOR_ROUTES) {
      for (const authorization of wrong) {
        const answer = await call(method, path, authorization);
        const problem = (await answer.json()) as { code: string };
        assert.equal(answer.status, 401, `${method} ${path} with ${authorization}`);
        assert.equal(problem.code, 'not_authenticated');
        assert.equal(answer.headers.get('www-authenticate'), 'Bearer');
      }
      const inUrl = await call(method, `${path}?access_token=${token}`, undefined);
      assert.equal(inUrl.status, 401);
      await inUrl.body?.cancel();
      const right = await call(method, path, `Bearer ${token}`);
      assert.notEqual(right.status, 401, `${method} ${path}`);
      await right.body?.cancel();
    }
  });

  test('the operator token and all other secrets are for their owner only', () => {
    for (const name of ['operator-token', 'key-passphrase', 'provider-master', 'demo.json']) {
      assert.equal(statSync(join(house.data, 'secrets', name)).mode & 0o777, 0o600, name);
    }
    assert.equal(statSync(join(house.data, 'secrets')).mode & 0o777, 0o700);
    assert.equal(Buffer.from(house.operatorToken, 'base64url').length, 32);
  });

  test('the server listens on the loopback address unless it is told otherwise', () => {
    const port = Number(new URL(house.url).port).toString(16).toUpperCase().padStart(4, '0');
    const listening = ['tcp', 'tcp6']
      .flatMap((table) => readFileSync(`/proc/net/${table}`, 'utf8').split('\n'))
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local, , state]) => local?.endsWith(`:${port}`) && state === '0A')
      .map(([, local]) => local);
    assert.deepEqual(listening, [`0100007F:${port}`]);
  });

  test('a tenant is set up over HTTP: people, clients, resources, each refused when it exists', async () => {
    const resource = {
      tenant: 'initech',
      identifier: 'https://api.initech.example/',
      name: 'Reports',
      scopes: ['reports:read'],
    };
    const person = { realm: 'initech/partner', username: 'peter', password: 'tps-report-cover-1' };
    const app = {
      realm: 'initech/partner',
      client_id: 'reports-app',
      client_name: 'Reports app',
      grant_types: ['client_credentials'],
      resources: [resource.identifier],
    };
    const steps: [string, object][] = [
      ['/tenants', { tenant: 'initech' }],
      ['/resources', resource],
      ['/people', person],
      ['/clients', app],
    ];
    const answers = new Map<string, Record<string, unknown>>();
    for (const [path, body] of steps) {
      const made = await house.api(path, body);
      assert.equal(made.status, 201, JSON.stringify(made.body));
      answers.set(path, made.body);
      const again = await house.api(path, body);
      assert.equal(again.status, 409, `${path}: ${JSON.stringify(again.body)}`);
      assert.match(String(again.body['code']), /_(exists|taken)$/);
    }
    const shown = JSON.stringify(answers.get('/people'));
    assert.ok(!shown.includes(person.password) && !/hash|argon/i.test(shown), shown);
    const secret = String(answers.get('/clients')?.['clientSecret']);
    const answer = await fetch(`${house.url}/initech/partner/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`reports-app:${secret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const { access_token } = (await answer.json()) as { access_token: string };
    assert.equal(readToken(access_token).claims['tenant'], 'initech');
    const nowhere = await house.api('/people', { ...person, realm: 'umbrella/partner' });
    assert.equal(nowhere.status, 404);
  });

  test('a reporter speaks for its own tenant; what it says of another is left out', async () => {
    await house.operate('/tenants', { tenant: 'globex' });
    const stranger = await credentialOf('/reporters', { tenant: 'globex', name: 'Elsewhere' });
    const tokenHash = sha256('a token of acme');
    const use = { id: 'use-1', atMs: Date.now(), decision: 'accepted', tokenHash, issuer };
    const batch = { verifier: { name: 'end-to-end', version: '1' }, uses: [use] };
    const report = async (credential: string) => {
      const answer = await call('POST', '/uses', `Bearer ${credential}`, batch);
      return { status: answer.status, body: await answer.json() };
    };
    const seen = async () =>
      (await readEvents(house, ['token.verified'])).filter(
        (event) => factsOf(event)['token_hash'] === tokenHash,
      ).length;

    assert.deepEqual(await report(stranger), { status: 202, body: { accepted: 0, leftOut: 1 } });
    assert.equal(await seen(), 0);
    assert.deepEqual(await report(reporter), { status: 202, body: { accepted: 1, leftOut: 0 } });
    assert.deepEqual(await report(reporter), { status: 202, body: { accepted: 1, leftOut: 0 } });
    assert.equal(await seen(), 1);
    for (const credential of ['', `${reporter}x`, reporter.slice(0, -1), house.operatorToken]) {
      assert.equal((await report(credential)).status, 401);
    }
  });

  test('a reporter that was revoked is not heard any more', async () => {
    const made = await house.operate('/reporters', { tenant: 'acme', name: 'Old API' });
    const batch = { verifier: { name: 'end-to-end', version: '1' }, uses: [] };
    const report = () => call('POST', '/uses', `Bearer ${made['credential']}`, batch);
    assert.equal((await report()).status, 202);
    const operator = `Bearer ${house.operatorToken}`;
    assert.equal((await call('DELETE', `/reporters/${made['id']}`, operator)).status, 204);
    assert.equal((await report()).status, 401);
    assert.equal((await call('DELETE', '/reporters/nobody', operator)).status, 404);
  });

  test('a lost passkey is removed by an operator, who is on record with it', async () => {
    const { username, password } = alice(house);
    const browser = new ScriptedBrowser(house.url);
    const account = await browser.signIn(`${issuer}/account`, username, password);
    await answerWithPasskey(browser, account, new SoftAuthenticator(house.url));
    const app = await registerClient(house);
    const { sub } = readToken((await signInForTokens(house, app)).id_token ?? '').claims;
    const path = `/people/${WORKFORCE}/${sub}/passkeys`;
    const asked = async (where: string, method = 'GET') => {
      const authorization = `Bearer ${house.operatorToken}`;
      const headers = { authorization, 'countersign-reason': 'lost on the train' };
      const answer = await fetch(`${house.url}/api/v1${where}`, { method, headers });
      const body = (await answer.json()) as { passkeys: { id: string }[] };
      return { status: answer.status, body };
    };
    const { passkeys } = (await asked(path)).body;
    assert.equal(passkeys.length, 1);
    assert.equal('publicKey' in (passkeys[0] ?? {}), false);
    const lost = `${path}/${passkeys[0]?.id}`;
    const operator = `Bearer ${house.operatorToken}`;
    assert.equal((await call('DELETE', lost, operator)).status, 403, 'nobody said why');
    assert.equal((await asked(lost, 'DELETE')).status, 200);
    assert.equal((await asked(lost, 'DELETE')).status, 404);
    assert.deepEqual((await asked(path)).body.passkeys, []);
    const told = await browser.open(`${issuer}/account`);
    assert.match(told.text, /was removed by an administrator/);
    const changed = (await readEvents(house, ['account.changed'])).map(factsOf);
    const item = { kind: 'passkey', id: passkeys[0]?.id };
    assert.deepEqual(
      changed
        .filter((facts) => facts['sub'] === sub)
        .map((facts) => [facts['operation'], facts['item']]),
      [
        ['factor_enrolled', item],
        ['factor_removed', item],
      ],
    );
  });

  test('a submitter gets receipts for its leaves, never for a key, until its credential is revoked', async () => {
    const made = await house.operate('/submitters', { name: 'third issuer' });
    const entry = encodeLeafEntry({
      type: 'access',
      issuedMs: Date.now(),
      expiresAtSeconds: Math.floor(Date.now() / 1000) + 300,
      commitment: new Uint8Array(32).fill(7),
    });
    const body = { entries: [Buffer.from(entry).toString('base64url')] };
    const submit = (credential: unknown) =>
      call('POST', '/log/leaves', `Bearer ${credential}`, body);
    const answer = await submit(made['credential']);
    assert.equal(answer.status, 200);
    const { receipts } = (await answer.json()) as { receipts: string[] };
    assert.equal(receipts.length, 1);
    const { index } = decodeReceipt(Buffer.from(receipts[0] ?? '', 'base64url'));
    assert.ok(index >= 0);
    for (const other of [reporter, house.operatorToken, `${made['credential']}x`]) {
      assert.equal((await submit(other)).status, 401);
    }
    const key = encodeKeyEntry({
      event: 'published',
      atMs: Date.now(),
      notAfterSeconds: Math.floor(Date.now() / 1000) + 300,
      issuerHash: hashIssuer(issuer),
      thumbprint: new Uint8Array(32).fill(7),
      kid: 'k',
    });
    const announced = { entries: [Buffer.from(key).toString('base64url')] };
    const credential = `Bearer ${made['credential']}`;
    assert.equal((await call('POST', '/log/leaves', credential, announced)).status, 400);
    const operator = `Bearer ${house.operatorToken}`;
    // A submitter is no reporter: its id is unknown there, and it goes on.
    assert.equal((await call('DELETE', `/reporters/${made['id']}`, operator)).status, 404);
    assert.equal((await submit(made['credential'])).status, 200);
    assert.equal((await call('DELETE', `/submitters/${made['id']}`, operator)).status, 204);
    assert.equal((await submit(made['credential'])).status, 401);
  });

  test('the forged token itself is kept for the operator, and shown nowhere else', async () => {
    const service = await registerService(house);
    const { access_token: genuine } = await client.clientCredentialsGrant(service.config);
    const forged = forgeToken(house, genuine, { sub: 'admin', jti: 'x'.repeat(22) }, (header) => {
      const { itr: _, ...rest } = header;
      return rest;
    });
    const judge = openJudge(await pinPolicy(house, issuer), {
      credential: reporter,
      feedPollMs: 100,
    });
    after(() => judge.close());
    assert.equal(await judge.judge(forged, { audience: api }), 'receipt_missing');
    const finding = await awaitFinding(sha256(forged));
    assert.equal(finding['class'], 'forged');
    assert.equal(finding['proven'], true);
    assert.equal(finding['quarantined'], true);

    const path = `/findings/${finding['id']}/evidence`;
    const answer = await call('GET', path, `Bearer ${house.operatorToken}`);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.equal(((await answer.json()) as { token: string }).token, forged);
    for (const credential of [reporter, `${house.operatorToken}x`]) {
      const refused = await call('GET', path, `Bearer ${credential}`);
      assert.equal(refused.status, 401);
      assert.ok(!(await refused.text()).includes(forged));
    }
    const signature = forged.slice(forged.lastIndexOf('.') + 1);
    const pages = ['/findings', '/events?limit=1000&after=0', '/reconciliation'];
    const shown = await Promise.all(pages.map((page) => house.operate(page)));
    const feed = await (await fetch(`${house.url}/api/v1/feed`)).text();
    const everything = `${JSON.stringify(shown)}${feed}${house.output.join('')}`;
    assert.ok(!everything.includes(signature), 'the token can be copied from somewhere');
    // The quarantine of its key reaches the verifier, which then refuses genuine tokens of it too.
    await judge.awaitVerdict('key_quarantined', genuine, { audience: api });
  });

  async function awaitFinding(tokenHash: string): Promise<Record<string, unknown>> {
    for (const deadlineMs = performance.now() + 60_000; ; await sleep(50)) {
      const { findings } = await house.operate('/findings');
      const all = findings as Record<string, unknown>[];
      const found = all.find((finding) => finding['tokenHash'] === tokenHash);
      if (found !== undefined) return found;
      if (performance.now() > deadlineMs) assert.fail(`no such finding: ${JSON.stringify(all)}`);
    }
  }

  test('revoking a root ends every token that came from it, and only those', async () => {
    // A realm whose key nobody has stolen: the feed must say `revoked` for its own sake.
    const realm = 'acme/customer';
    const carol = { realm, username: 'dora', password: 'a password for dora' };
    await house.operate('/people', carol);
    const web = await registerClient(house, {}, realm);
    const signIn = () => signInForTokens(house, web, { resource: api }, undefined, carol);
    const [first, other] = [await signIn(), await signIn()];
    const second = await client.refreshTokenGrant(web.config, first.refresh_token ?? '');
    const judge = openJudge(await pinPolicy(house, `${house.url}/${realm}`), { feedPollMs: 100 });
    after(() => judge.close());
    const family = [first, second].map(({ access_token }) => access_token);
    for (const token of [...family, other.access_token]) {
      assert.equal(await judge.judge(token, { audience: api }), 'accepted');
    }
    const rootAuthId = readToken(first.access_token).claims['root_auth_id'];
    const revoked = await house.operate('/revocations', { realm, rootAuthId });
    assert.deepEqual(revoked, { revoked: 4 });
    for (const token of family) await judge.awaitVerdict('token_revoked', token, { audience: api });
    for (const { id_token } of [first, second]) {
      const context = { audience: web.id, type: 'id' } as const;
      assert.equal(await judge.judge(id_token ?? '', context), 'token_revoked');
    }
    assert.equal(await judge.judge(other.access_token, { audience: api }), 'accepted');
    const refresh = client.refreshTokenGrant(web.config, second.refresh_token ?? '');
    await assert.rejects(refresh, { error: 'invalid_grant' });
    assert.deepEqual(await house.operate('/revocations', { realm, rootAuthId }), { revoked: 0 });

    // One token by its id: it alone.
    const { jti } = readToken(other.access_token).claims;
    assert.deepEqual(await house.operate('/revocations', { jti }), { revoked: 1 });
    await judge.awaitVerdict('token_revoked', other.access_token, { audience: api });
    const third = await client.refreshTokenGrant(web.config, other.refresh_token ?? '');
    assert.equal(await judge.judge(third.access_token, { audience: api }), 'accepted');
  });
});
