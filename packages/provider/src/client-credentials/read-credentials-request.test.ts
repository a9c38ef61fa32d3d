import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { type CredentialsRequest, readCredentialsRequest } from './read-credentials-request.ts';

const FORM = 'application/x-www-form-urlencoded';
const basic = (pair: string) => `Basic ${btoa(pair)}`;

describe('recognising a service', () => {
  let seen: CredentialsRequest | undefined;
  let left = '';
  const server = createServer(async (request: IncomingMessage, response) => {
    seen = await readCredentialsRequest(request);
    left = '';
    if (request.destroyed) return;
    for await (const chunk of request) left += String(chunk);
    response.end();
  });
  let url = '';
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  });
  after(() => server.close());

  async function ask(body: string, headers: Record<string, string> = {}) {
    await fetch(url, {
      method: 'POST',
      headers: { 'content-type': FORM, authorization: basic('id:secret'), ...headers },
      body,
    });
    assert.equal(left, body, 'the body is left as it came');
    return seen;
  }

  test('the plain request is recognised', async () => {
    assert.deepEqual(
      await ask('grant_type=client_credentials&scope=a+b%20a&resource=https%3A%2F%2Fapi.example'),
      {
        clientId: 'id',
        clientSecret: 'secret',
        scopes: ['a', 'b'],
        resource: 'https://api.example',
      },
    );
    assert.deepEqual((await ask('grant_type=client_credentials'))?.scopes, []);
  });

  test('fetch and openid-client name the charset, which is no difference', async () => {
    for (const type of [`${FORM};charset=UTF-8`, `${FORM}; charset=utf-8`]) {
      assert.ok(await ask('grant_type=client_credentials', { 'content-type': type }), type);
    }
  });

  const unusual: [string, string, Record<string, string>][] = [
    ['another grant', 'grant_type=refresh_token', {}],
    ['no grant', 'scope=a', {}],
    ['a parameter twice', 'grant_type=client_credentials&scope=a&scope=b', {}],
    ['an unknown parameter', 'grant_type=client_credentials&x=1', {}],
    ['an empty value', 'grant_type=client_credentials&scope=', {}],
    ['broken encoding', 'grant_type=client_credentials&scope=%f', {}],
    ['a bad scope', 'grant_type=client_credentials&scope=%22', {}],
    ['a proof of possession', 'grant_type=client_credentials', { dpop: 'x' }],
    ['a browser', 'grant_type=client_credentials', { origin: 'http://a.example' }],
    ['another content type', 'grant_type=client_credentials', { 'content-type': 'text/plain' }],
    [
      'another charset',
      'grant_type=client_credentials',
      { 'content-type': `${FORM}; charset=utf-16` },
    ],
    ['no credentials', 'grant_type=client_credentials', { authorization: '' }],
    ['a bearer', 'grant_type=client_credentials', { authorization: 'Bearer abcdefgh' }],
    ['an encoded secret', 'grant_type=client_credentials', { authorization: basic('id:a%20b') }],
    ['two colons', 'grant_type=client_credentials', { authorization: basic('id:a:b') }],
    ['no secret', 'grant_type=client_credentials', { authorization: basic('identifier:') }],
    ['sloppy base64', 'grant_type=client_credentials', { authorization: 'Basic aWQ6c2VjcmV0=' }],
    ['a long body', `grant_type=client_credentials&scope=${'a'.repeat(3000)}`, {}],
  ];
  for (const [what, body, headers] of unusual) {
    test(`${what} is left to the engine`, async () => {
      assert.equal(await ask(body, headers), undefined);
    });
  }

  test('a body that comes in pieces is waited for', async () => {
    const body = 'grant_type=client_credentials&scope=a';
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const head = `POST /token HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic('id:secret')}\r\nContent-Type: ${FORM}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
    socket.write(head + body.slice(0, 5));
    setTimeout(() => socket.write(body.slice(5)), 20);
    await new Promise((resolve) => socket.on('close', resolve).resume());
    assert.deepEqual(seen?.scopes, ['a']);
    assert.equal(left, body);
  });

  test('a client that leaves in the middle holds nothing up', async () => {
    seen = { clientId: 'before', clientSecret: '', scopes: [], resource: undefined };
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const head = `POST /token HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic('id:secret')}\r\nContent-Type: ${FORM}\r\nContent-Length: 50\r\n\r\ngrant`;
    socket.write(head);
    await once(server, 'request');
    socket.destroy();
    // Nothing was recognised, and whoever waited for the rest was told.
    while (seen !== undefined) await new Promise(setImmediate);
    assert.ok(await ask('grant_type=client_credentials'));
  });
});
