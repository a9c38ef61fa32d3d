import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { isPrivateAddress } from './private-address.ts';
import { checkUrl, sendRequest } from './send-request.ts';

let server: Server;
let base = '';
before(async () => {
  server = createServer((request, response) => {
    if (request.url === '/away') response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
    else if (request.url === '/large') response.end('x'.repeat(4096));
    else if (request.url === '/cut') {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      response.socket?.destroy();
    } else if (request.url === '/never') response.writeHead(200).write('.');
    else request.pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

describe('an address', () => {
  it('is private in every way it can be written', () => {
    for (const address of [
      ...['127.0.0.1', '10.1.2.3', '169.254.169.254', '192.168.0.1', '172.31.255.255', '0.0.0.0'],
      ...['100.64.0.1', '::1', '::', 'fe80::1%eth0', 'fd00::1', '::ffff:10.0.0.1', '::ffff:a00:1'],
      ...['[::1]', '64:ff9b::a00:1', '2002:a00:1::', '::7f00:1', 'nothing', '224.0.0.1'],
    ]) {
      assert.equal(isPrivateAddress(address), true, address);
    }
    for (const address of ['198.51.100.1', '172.32.0.1', '2606:4700::1', '::ffff:8.8.8.8']) {
      assert.equal(isPrivateAddress(address), false, address);
    }
  });

  it('is refused before anything is sent when it is not public, also by name and in other spellings', async () => {
    for (const url of [
      ...['https://127.0.0.1/', 'https://[::1]/', 'https://2130706433/', 'https://0x7f.1/'],
      ...['http://example.com/', 'file:///etc/passwd', 'https://user:secret@example.com/'],
    ]) {
      assert.throws(() => checkUrl(url, 'public'), { code: 'outbound_refused' }, url);
    }
    await assert.rejects(sendRequest('https://localhost:1/', {}, 'public'), {
      code: 'outbound_refused',
    });
  });
});

describe('a request', () => {
  it('brings the answer, and a redirect is an answer like any other', async () => {
    const { status, body } = await sendRequest(`${base}/`, { method: 'POST', body: 'hä' }, 'any');
    assert.deepEqual([status, body.toString()], [200, 'hä']);
    assert.equal((await sendRequest(`${base}/away`, {}, 'any')).status, 302);
  });

  it('ends when the answer is too large, cut, or never comes', async () => {
    await assert.rejects(sendRequest(`${base}/large`, { maxBytes: 100 }, 'any'), {
      code: 'outbound_too_large',
    });
    for (const path of ['/cut', '/never']) {
      await assert.rejects(sendRequest(`${base}${path}`, { timeoutMs: 300 }, 'any'), {
        code: 'outbound_unreachable',
      });
    }
  });
});
