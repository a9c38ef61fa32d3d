import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { encodeLeafEntry } from '@countersign/verifier';
import fc from 'fast-check';
import * as client from 'openid-client';
import { findForm, ScriptedBrowser } from '../../packages/provider/src/testing/scripted-browser.ts';
import { codeRequest, type Registered, registerService, WORKFORCE } from './act-as-client.ts';
import { INSIDE, MALFORMED, refused } from './expect-refusal.ts';
import { forgeToken } from './forge-token.ts';
import { openJudge, pinPolicy } from './open-judge.ts';
import { factsOf, readEvents } from './read-record.ts';
import { type House, runHouse } from './run-house.ts';
import { type RawAnswer, sendRaw } from './send-raw.ts';
import { until } from './wait-until.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const nowSeconds = (): number => Math.floor(Date.now() / 1000);

describe('bad input to the running server', () => {
  let house: House;
  let issuer: string;
  let service: Registered;
  let genuine: string;
  let reporter: string;
  let submitter: string;
  let pids: (number | undefined)[];
  let slow: Promise<RawAnswer>[];
  const processes = () => [house.process.pid, house.childPid('signer'), house.childPid('notary')];
  before(async () => {
    house = await runHouse();
    issuer = `${house.url}/${WORKFORCE}`;
    // Clients that never finish their request; what becomes of them is asked at the end.
    const halves = ['GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ', 'POST '];
    slow = [...halves, ...halves].map((half) => sendRaw(house.url, half));
    service = await registerService(house);
    ({ access_token: genuine } = await client.clientCredentialsGrant(service.config));
    const credential = async (path: string, body: object) =>
      String((await house.operate(path, body))['credential']);
    reporter = await credential('/reporters', { tenant: 'acme', name: 'Orders API' });
    submitter = await credential('/submitters', { name: 'second issuer' });
    pids = processes();
  });
  after(() => house.remove());

  const send = (path: string, init: RequestInit = {}) =>
    fetch(house.url + path, { redirect: 'manual', ...init });

  describe('at the API', () => {
    const post = (path: string, credential: string, body: RequestInit['body'], type?: string) =>
      send(`/api/v1${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${credential}`,
          'content-type': type ?? 'application/json',
        },
        body: body ?? null,
      });
    const routes = (): [string, string][] => [
      ...['/tenants', '/people', '/clients', '/resources', '/reporters', '/submitters'].map(
        (path): [string, string] => [path, house.operatorToken],
      ),
      ['/revocations', house.operatorToken],
      ['/uses', reporter],
      ['/log/leaves', submitter],
    ];
    test('every malformed body is refused on every route', async () => {
      for (const [path, credential] of routes()) {
        for (const body of MALFORMED) {
          await refused(
            await post(path, credential, new Blob([new Uint8Array(Buffer.from(body))])),
            400,
            404,
            409,
          );
        }
        await refused(
          await post(path, credential, 'a=b', 'application/x-www-form-urlencoded'),
          400,
        );
      }
    });

    test('an oversize body is refused before it is read, said or not', async () => {
      const piece = 'y'.repeat(65_536);
      const endless = Array.from({ length: 40 }, () => `10000\r\n${piece}\r\n`);
      for (const [path, credential] of routes()) {
        const head = `POST /api/v1${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer ${credential}\r\n`;
        const said = `${head}Content-Length: 3000000\r\n\r\n`;
        const unsaid = `${head}Transfer-Encoding: chunked\r\n\r\n`;
        for (const pieces of [
          [said, piece],
          [unsaid, ...endless],
        ]) {
          const { text } = await sendRaw(house.url, ...pieces);
          assert.match(text, /^HTTP\/1\.1 413 /, path);
          assert.match(text, /"code":"too_large"/);
        }
      }
    });

    test('whatever JSON comes, the answer is typed and never a failure of ours', async () => {
      const names = [
        'realm',
        'tenant',
        'username',
        'password',
        'name',
        'identifier',
        'uses',
        'jti',
      ];
      const value = fc.oneof(
        fc.jsonValue({ maxDepth: 2 }),
        fc.constantFrom('acme', 'acme/workforce', "' OR 1=1 --", '\u0000', 'x'.repeat(5000)),
      );
      const body = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), value);
      await fc.assert(
        fc.asyncProperty(fc.nat(), body, async (at, content) => {
          const all = routes();
          const [path, credential] = all[at % all.length] ?? ['/uses', reporter];
          const answer = await post(path, credential, JSON.stringify(content));
          // Now and then it is something that can be done, such as a submitter of that name.
          if (answer.ok) await answer.body?.cancel();
          else await refused(answer, 400, 404, 409);
        }),
        { numRuns: 120 },
      );
    });

    test('questions that cannot be asked are refused', async () => {
      const operator = { authorization: `Bearer ${house.operatorToken}` };
      const queries = ['limit=0', 'limit=1001', 'limit=x', 'after=-1', 'after=1e99', 'unknown=1'];
      for (const query of [...queries, `name=${'x'.repeat(100)}`]) {
        await refused(await send(`/api/v1/events?${query}`, { headers: operator }), 400);
      }
      await refused(await send('/api/v1/findings/nobody/evidence', { headers: operator }), 404);
      const issuers = [
        '',
        'x',
        `${house.url}/ghost/workforce`,
        `${issuer}/`,
        'https://elsewhere/a/b',
      ];
      for (const asked of issuers) {
        const query = new URLSearchParams({ issuer: asked });
        await refused(await send(`/api/v1/verifier-policy?${query}`), 400, 404);
      }
      await refused(await send('/api/v1/verifier-policy'), 400);
      for (const path of ['/api/v1/nothing', '/api/v2/feed', '/api/v1/feed/x', '//', '/%2e%2e/']) {
        await refused(await send(path), 404);
      }
      await refused(await send('/api/v1/feed', { method: 'POST', body: '{}' }), 404);
    });

    test('leaves that are no leaves, too old, too new or too many never reach the log', async () => {
      const entry = (issuedMs: number) =>
        encodeLeafEntry({
          type: 'access',
          issuedMs,
          expiresAtSeconds: nowSeconds() + 300,
          commitment: new Uint8Array(32).fill(9),
        });
      const good = Buffer.from(entry(Date.now()));
      // Anchors of the record come by themselves meanwhile.
      const logged = async () => {
        const { logged, anchors } = await house.operate('/reconciliation');
        return Number(logged) - Number(anchors);
      };
      const before = await logged();
      const wrong: [Uint8Array[], string][] = [
        [[], 'bad_request'],
        [Array.from({ length: 257 }, () => good), 'bad_request'],
        [[good.subarray(0, 43)], 'bad_request'],
        [[Buffer.concat([good, good])], 'bad_request'],
        [[Buffer.alloc(44)], 'entry_malformed'],
        [[Buffer.concat([good, Buffer.alloc(1)])], 'entry_malformed'],
        [[entry(Date.now() - 3_600_000)], 'clock_skew'],
        [[entry(Date.now() + 3_600_000)], 'clock_skew'],
        [[good, Buffer.alloc(44)], 'entry_malformed'],
      ];
      for (const [entries, code] of wrong) {
        const body = { entries: entries.map((bytes) => Buffer.from(bytes).toString('base64url')) };
        const answer = await post('/log/leaves', submitter, JSON.stringify(body));
        assert.equal((await refused(answer, 400)).code, code);
      }
      await until('the log has grown by nothing', async () => (await logged()) === before);
    });

    test('use reports: too many, malformed, ancient, from the future, said twice', async () => {
      const verifier = { name: 'end-to-end', version: '1' };
      const use = (id: string, change: object = {}) => ({
        id,
        atMs: Date.now(),
        decision: 'refused',
        code: 'token_malformed',
        tokenHash: sha256(id),
        ...change,
      });
      const report = (uses: unknown[], change: object = {}) =>
        post('/uses', reporter, JSON.stringify({ verifier, uses, ...change }));
      const bad: object[] = [
        { tokenHash: 'A'.repeat(64) },
        { decision: 'perhaps' },
        { atMs: 'today' },
        { evidence: 'x'.repeat(20_000) },
        { audience: Array.from({ length: 17 }, () => 'a') },
      ];
      for (const change of bad) await refused(await report([use('bad', change)]), 400);
      const crowd = Array.from({ length: 501 }, (_, at) => use(`crowd-${at}`));
      await refused(await report(crowd), 400);
      await refused(await report([use('no verifier')], { verifier: undefined }), 400);

      const taken = await report(
        [
          use('twice'),
          use('twice'),
          use('ancient', { atMs: 1 }),
          use('future', { atMs: Date.now() + 10 ** 9 }),
          use('garbage', { evidence: 'a.b.c' }),
        ],
        { dropped: 3 },
      );
      assert.equal(taken.status, 202);
      const events = await readEvents(house, ['token.refused']);
      for (const id of ['twice', 'ancient', 'future', 'garbage']) {
        const about = events.filter((event) => factsOf(event)['token_hash'] === sha256(id));
        assert.equal(about.length, 1, id);
        assert.equal(factsOf(about[0] ?? assert.fail())['reason'], 'token_malformed');
        const { time } = (about[0] ?? assert.fail()).ocsf as unknown as { time: number };
        assert.ok(Math.abs(time - Date.now()) < 60_000, 'dated by a clock that can be right');
      }
    });
  });

  describe('at the issuer', () => {
    const form = (path: string, fields: [string, string][] | string, headers = {}) =>
      send(`/${WORKFORCE}${path}`, {
        method: 'POST',
        headers: { accept: 'application/json', ...headers },
        body: typeof fields === 'string' ? fields : new URLSearchParams(fields),
      });
    const basic = () => ({ authorization: `Basic ${btoa(`${service.id}:${service.secret}`)}` });
    const variants = (): Record<string, string> => {
      const [header = '', payload = '', signature = ''] = genuine.split('.');
      const none = Buffer.from('{"alg":"none"}').toString('base64url');
      const old = { iat: 1_500_000_000, exp: 1_500_000_300, jti: 'ancient-ancient-ancient' };
      return {
        empty: '',
        truncatedSignature: genuine.slice(0, -10),
        truncatedPayload: `${header}.${payload.slice(0, -7)}.${signature}`,
        twoParts: `${header}.${payload}`,
        doubled: `${genuine}.${genuine}`,
        listed: `${genuine},${genuine}`,
        unsigned: `${none}.${payload}.`,
        ancient: forgeToken(house, genuine, old, (same) => same),
        oversize: `${genuine}${'A'.repeat(40_000)}`,
        binary: '\u0001\u0002\u00ff',
      };
    };

    test('a token that is broken, doubled, ancient or oversize is dead at every endpoint', async () => {
      for (const [name, token] of Object.entries(variants())) {
        const introspected = await form('/token/introspection', [['token', token]], basic());
        const body = (await introspected.json()) as { active?: boolean; error?: string };
        assert.ok(introspected.status < 500, name);
        assert.notEqual(body.active, true, name);
        const revoked = await form('/token/revocation', [['token', token]], basic());
        assert.ok(revoked.status < 500, name);
        await revoked.body?.cancel();
        if (name === 'binary') continue;
        const headers = { authorization: `Bearer ${token}`, accept: 'application/json' };
        const info = await send(`/${WORKFORCE}/userinfo`, { headers });
        // The longest does not even fit into the headers of a request.
        if (name === 'oversize') assert.equal(info.status, 431);
        else await refused(info, 400, 401);
      }
      assert.equal((await client.tokenIntrospection(service.config, genuine)).active, true);
    });

    test('parameters that are missing, doubled, unknown or too long get an OAuth error', async () => {
      const grant: [string, string] = ['grant_type', 'client_credentials'];
      const cases: [string, [string, string][] | string, number[]][] = [
        ['/token', '', [400]],
        ['/token', '%%%=%', [400]],
        ['/token', [grant, grant], [400]],
        ['/token', [['grant_type', 'password']], [400]],
        ['/token', [grant, ['resource', 'https://nowhere.example/']], [400]],
        ['/token', [grant, ['filler', 'x'.repeat(100_000)]], [413]],
        [
          '/token',
          [
            ['grant_type', 'refresh_token'],
            ['refresh_token', 'x'.repeat(4000)],
          ],
          [400],
        ],
        [
          '/token',
          [
            ['grant_type', 'authorization_code'],
            ['code', '\u0000'],
          ],
          [400],
        ],
        ['/request', [['response_type', 'token']], [400]],
        ['/request', [['request_uri', 'urn:ietf:params:oauth:request_uri:x']], [400]],
        [
          '/request',
          [
            ['redirect_uri', 'javascript:alert(1)'],
            ['response_type', 'code'],
          ],
          [400],
        ],
        ['/token/revocation', [], [400]],
        ['/token/introspection', [], [400]],
        ['/device/auth', [['scope', '\u0007']], [400]],
      ];
      for (const [path, fields, statuses] of cases) {
        await refused(await form(path, fields, basic()), ...statuses);
      }
      for (const authorization of ['Basic', 'Basic !!', `Basic ${btoa('nobody')}`, 'Bearer x']) {
        await refused(await form('/token', [grant], { authorization }), 400, 401);
      }
      const json = { ...basic(), 'content-type': 'application/json' };
      await refused(await form('/token', '{"grant_type":"client_credentials"}', json), 400, 415);
    });

    test('an authorization request that cannot be trusted shows a page and leads nowhere', async () => {
      const good = (await codeRequest(service.config)).url;
      const changes: [string, string][] = [
        ['client_id', 'nobody'],
        ['redirect_uri', 'https://evil.example/'],
        ['redirect_uri', 'javascript:alert(1)'],
        ['request', 'a.b.c'],
        ['request_uri', 'http://127.0.0.1:1/request'],
        ['claims', '{"id_token":'],
        ['response_mode', 'telepathy'],
      ];
      for (const [name, value] of changes) {
        const url = new URL(good);
        url.searchParams.set(name, value);
        const answer = await fetch(url, { redirect: 'manual', headers: { accept: 'text/html' } });
        const text = await answer.text();
        assert.equal(answer.status, 400, `${name}=${value}`);
        assert.equal(answer.headers.get('location'), null);
        assert.doesNotMatch(text, INSIDE);
        assert.ok(!text.includes('<script'), 'no script on the page');
      }
      const long = `${good}&x=${'y'.repeat(9000)}`;
      assert.equal((await fetch(long, { headers: { accept: 'application/json' } })).status, 414);
    });

    test('a guessed password is on record as refused, without the password', async () => {
      const web = { redirect_uris: [], client_id: 'acme-web' };
      const url = new URL(`${issuer}/auth`);
      url.search = new URLSearchParams({
        client_id: web.client_id,
        response_type: 'code',
        redirect_uri: 'http://127.0.0.1/callback',
        scope: 'openid',
        code_challenge: sha256('x').slice(0, 43),
        code_challenge_method: 'S256',
      }).toString();
      const browser = new ScriptedBrowser(house.url);
      const page = await browser.open(url.href);
      const signInForm = findForm(page, 'password');
      assert.ok(signInForm);
      const guess = 'a guess that is wrong';
      await browser.submit(page, signInForm, { username: 'alice', password: guess });
      const events = await readEvents(house, ['session.refused']);
      assert.equal(events.length, 1);
      assert.ok(!JSON.stringify(events).includes(guess));
    });

    test('tokens that the verifier refuses are on record as refused', async () => {
      const judge = openJudge(await pinPolicy(house, issuer), { credential: reporter });
      const audience = house.demo.resource.identifier;
      const refusals = new Map<string, string>();
      for (const [name, token] of Object.entries(variants())) {
        // The ancient one is signed with a stolen key: reporting it would raise the alarm, rightly.
        if (['empty', 'oversize', 'ancient'].includes(name)) continue;
        const code = await judge.judge(token, { audience });
        assert.notEqual(code, 'accepted', name);
        refusals.set(sha256(token), code);
      }
      await judge.close();
      const events = await readEvents(house, ['token.refused']);
      for (const [tokenHash, code] of refusals) {
        const event = events.find((one) => factsOf(one)['token_hash'] === tokenHash);
        assert.equal(event === undefined ? undefined : factsOf(event)['reason'], code);
      }
    });
  });

  describe('at the log', () => {
    test('paths that are no tiles lead nowhere', async () => {
      const paths = [
        '/log/tile/../../secrets/operator-token',
        '/log/tile/..%2f..%2f..%2fsecrets%2foperator-token',
        '/log/tile/%2e%2e/%2e%2e/keys/receipt.json',
        '/log/tile/0/000.p/0',
        '/log/tile/0/000.p/256',
        '/log/tile/0/0000',
        '/log/tile/64/000',
        '/log/tile/0/999',
        '/log/tile/entries/x999/999',
        '/log/tile/0/000%00',
        `/log/tile/0/${'x000/'.repeat(500)}000`,
        '/log/keys/receipt.json',
        '/log/',
      ];
      for (const path of paths) {
        const { text } = await sendRaw(
          house.url,
          `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
        );
        assert.match(text, /^HTTP\/1\.1 404 /, path);
        assert.ok(!text.includes(house.operatorToken));
      }
      const written = await send('/log/checkpoint', { method: 'DELETE' });
      assert.equal(written.status, 405);
    });
  });

  describe('on the wire', () => {
    const host = 'Host: localhost\r\n';

    test('what is not HTTP, or two requests in one, is cut off', async () => {
      const both = 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n';
      const cases: [string | Buffer, RegExp][] = [
        [Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00]), /^HTTP\/1\.1 400 |^$/],
        ['nonsense\r\n\r\n', /^HTTP\/1\.1 400 /],
        ['GET / HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 /],
        [`POST /api/v1/uses HTTP/1.1\r\n${host}${both}\r\n0\r\n\r\nGET /`, /^HTTP\/1\.1 400 /],
        [`GET / HTTP/1.1\r\n${host}X: ${'y'.repeat(40_000)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
        [`GET /${'y'.repeat(40_000)} HTTP/1.1\r\n${host}\r\n`, /^HTTP\/1\.1 (414|431) /],
        [`GET /\u0000 HTTP/1.1\r\n${host}\r\n`, /^HTTP\/1\.1 400 /],
      ];
      for (const [bytes, expected] of cases) {
        const { text } = await sendRaw(house.url, bytes);
        assert.match(text, expected, String(bytes).slice(0, 60));
        assert.doesNotMatch(text, INSIDE);
      }
    });

    test('a body that ends early changes nothing', async () => {
      const before = await house.operate('/reconciliation');
      const authorization = `Authorization: Basic ${btoa(`${service.id}:${service.secret}`)}\r\n`;
      const type = 'Content-Type: application/x-www-form-urlencoded\r\n';
      const head = `POST /${WORKFORCE}/token HTTP/1.1\r\n${host}${authorization}${type}`;
      const { hostname, port } = new URL(house.url);
      await Promise.all(
        Array.from({ length: 20 }, async () => {
          const socket = connect(Number(port), hostname);
          socket.on('error', () => undefined);
          await new Promise<void>((resolve) => {
            socket.write(`${head}Content-Length: 500\r\n\r\ngrant_type=client_cred`, () => {
              socket.destroy();
              resolve();
            });
          });
        }),
      );
      assert.equal((await house.operate('/reconciliation'))['signed'], before['signed']);
    });

    test('a request that never ends is ended by the server', async () => {
      for (const { text, tookMs } of await Promise.all(slow)) {
        assert.ok(tookMs < 18_000, `${tookMs} ms`);
        assert.match(text, /^(HTTP\/1\.1 408 |$)/);
      }
    });
  });

  test('afterwards the same processes serve, nothing is lost, and no failure of ours is on the log', async () => {
    assert.deepEqual(processes(), pids);
    assert.equal((await send('/readyz')).status, 200);
    const tokens = await client.clientCredentialsGrant(service.config);
    const judge = openJudge(await pinPolicy(house, issuer));
    after(() => judge.close());
    const audience = house.demo.resource.identifier;
    assert.equal(await judge.judge(tokens.access_token, { audience }), 'accepted');
    assert.equal(await judge.judge(genuine, { audience }), 'accepted');
    await until('all that is logged and signed was issued', async () => {
      const counts = await house.operate('/reconciliation');
      const [issued, keyEvents, anchors] = ['issued', 'keyEvents', 'anchors'].map((name) =>
        Number(counts[name]),
      ) as [number, number, number];
      const { logged, signed } = counts;
      return logged === issued + keyEvents + anchors && signed === issued;
    });
    const complaints = house.output.filter((line) => line.startsWith('{'));
    assert.deepEqual(complaints, []);
  });
});
