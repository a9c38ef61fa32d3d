import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { LogPromises, LogPulse } from '@countersign/transparency';
import { CodedError, ManualClock } from '@countersign/vocabulary';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { logRoutes } from './serve-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-serve-'));
const open = join(folder, 'public');
const app = new Hono().route('/log', logRoutes(open));
app.onError((_, context) => context.body(null, 500));
const get = (path: string, headers: Record<string, string> = {}) =>
  app.request(`/log${path}`, { headers });

/** `count` entries of one byte each, as a bundle. */
const bundle = (count: number): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, at) => Buffer.from([0, 1, at & 255])));

let server: Server;
before(async () => {
  for (const path of ['0/x001', '0/001.p', 'entries/001.p', '1/000.p', '63']) {
    mkdirSync(join(open, 'tile', path), { recursive: true });
  }
  writeFileSync(join(folder, 'secret'), 'secret');
  writeFileSync(join(open, 'tile/0/000'), Buffer.alloc(8192));
  writeFileSync(join(open, 'tile/0/x001/067'), Buffer.alloc(8192, 1));
  writeFileSync(join(open, 'tile/0/001.p/5'), Buffer.alloc(160));
  writeFileSync(join(open, 'tile/1/000.p/1'), Buffer.alloc(32));
  writeFileSync(join(open, 'tile/entries/000'), bundle(256));
  writeFileSync(join(open, 'tile/entries/001.p/5'), bundle(5));
  server = createServer(getRequestListener(app.fetch));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
after(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** Over a socket, with the path exactly as given: `fetch` would tidy it first. */
async function send(
  path: string,
  method = 'GET',
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: Buffer }> {
  const { port } = server.address() as AddressInfo;
  return await new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('the checkpoint over HTTP', () => {
  it('is missing until there is one, and no cache may keep that', async () => {
    const answer = await get('/checkpoint');
    assert.equal(answer.status, 404);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
  });

  it('is text, cached for a second, with its age and its tag', async () => {
    writeFileSync(join(open, 'checkpoint'), 'log\n0\nroot\n');
    const modified = new Date('2026-11-21T10:00:00Z');
    utimesSync(join(open, 'checkpoint'), modified, modified);
    const found = await get('/checkpoint');
    assert.equal(found.headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.equal(found.headers.get('cache-control'), 'public, max-age=1');
    assert.equal(found.headers.get('last-modified'), modified.toUTCString());
    assert.equal(await found.text(), 'log\n0\nroot\n');
  });

  it('is not sent again to who has it, and is to who has another', async () => {
    const etag = (await get('/checkpoint')).headers.get('etag') ?? '';
    for (const held of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await get('/checkpoint', { 'if-none-match': held });
      assert.equal(answer.status, 304, held);
      assert.equal(answer.headers.get('etag'), etag);
    }
    writeFileSync(join(open, 'checkpoint'), 'log\n1\nroot\n');
    assert.equal((await get('/checkpoint', { 'if-none-match': etag })).status, 200);
  });
});

describe('the checkpoint of a log that is away', () => {
  const promises = new LogPromises();
  let asked = () => {};
  const size = async (): Promise<never> => {
    asked();
    throw new CodedError('peer_gone', 'gone');
  };
  const clock = new ManualClock();
  const away = logRoutes(open, new LogPulse({ notary: { size }, clock, promises }));
  const show = (leaves: number): void => {
    const root = Buffer.alloc(32).toString('base64');
    writeFileSync(join(open, 'checkpoint'), `a/log\n${leaves}\n${root}\n\n— a/log AAAAAAA=\n`);
  };
  const statusWith = async (leaves: number): Promise<number> => {
    show(leaves);
    clock.advanceMs(1000);
    return (await away.request('/checkpoint')).status;
  };

  it('is 503, which no cache may keep, while nobody knows what it promised', async () => {
    assert.equal(await statusWith(5), 503);
    const answer = await away.request('/checkpoint');
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.equal(answer.headers.get('retry-after'), '1');
  });

  it('is shown on while it holds all that was promised, and not when one leaf is missing', async () => {
    promises.atLeast(5);
    assert.deepEqual(
      [await statusWith(4), await statusWith(5), await statusWith(6)],
      [503, 200, 200],
    );
    const etag = (await away.request('/checkpoint')).headers.get('etag') ?? '';
    const headers = { 'if-none-match': etag };
    assert.equal((await away.request('/checkpoint', { headers })).status, 304);
    promises.atLeast(7);
    assert.equal(await statusWith(6), 503);
    assert.equal((await away.request('/checkpoint', { headers })).status, 503, 'nor as unchanged');
  });

  it('is held against what was promised until it was read, not until it was asked for', async () => {
    assert.equal(await statusWith(7), 200);
    asked = () => promises.atLeast(8);
    assert.equal(await statusWith(7), 503);
  });

  it('is 503 when it is not there, and its tiles stay', async () => {
    rmSync(join(open, 'checkpoint'));
    assert.equal((await away.request('/checkpoint')).status, 503);
    assert.equal((await away.request('/tile/0/000')).status, 200);
    show(8);
  });
});

describe('tiles over HTTP', () => {
  it('are served for ever, in full and in part', async () => {
    for (const path of ['/tile/0/000', '/tile/0/x001/067', '/tile/0/001.p/5', '/tile/1/000.p/1']) {
      const tile = await get(path);
      assert.equal(tile.status, 200, path);
      assert.equal(tile.headers.get('cache-control'), 'public, max-age=31536000, immutable');
      assert.equal(tile.headers.get('content-type'), 'application/octet-stream');
      assert.equal(tile.headers.get('vary'), null);
    }
  });

  it('that do not exist, yet or any more, are 404, which no cache may keep', async () => {
    for (const path of [
      '/tile/0/002',
      '/tile/0/000.p/3',
      '/tile/0/001.p/4',
      '/tile/0/001',
      '/tile/63/000',
      '/tile/0/x001',
      '/tile/0/000/000',
      '/tile',
      '/tile/',
      '/nothing',
      '',
    ]) {
      const answer = await get(path);
      assert.equal(answer.status, 404, path);
      assert.equal(answer.headers.get('cache-control'), 'no-store', path);
    }
  });

  it('have one spelling: everything else is 404', async () => {
    const wrong = [
      '0/000.p/0',
      '0/000.p/256',
      '0/000.p/01',
      '0/001.p/05',
      '0/000.p',
      '0/000.p/',
      '64/000',
      '01/000',
      '00/000',
      '+0/000',
      '-1/000',
      'data/000',
      'Entries/000',
      '0/001/067',
      '0/x000/000',
      '0/x001/x067',
      '0/0',
      '0/0000',
      '0/000/',
      '0//000',
      '0/000.p/5/6',
      '%30/000',
      '0/%30%30%30',
      '0/000%2Ep/5',
      '0/x001%2f067',
      '0/000%00',
      '0/000%0a',
    ];
    for (const path of wrong) {
      const answer = await send(`/log/tile/${path}`);
      assert.equal(answer.status, 404, path);
      assert.equal(answer.body.length, 0);
    }
    assert.equal((await send('/log/%74ile/0/000')).status, 404);
    assert.equal((await send('/log/tile/0/000')).status, 200);
  });

  it('never lead out of their folder', async () => {
    for (const path of [
      '/log/tile/../../secret',
      '/log/tile/0/..%2f..%2f..%2fsecret',
      '/log/tile/%2e%2e/%2e%2e/secret',
      '/log/tile/0/000/../../../secret',
      '/log/tile/..%5c..%5csecret',
      '/log//etc/passwd',
    ]) {
      const answer = await send(path);
      assert.equal(answer.status, 404, path);
      assert.doesNotMatch(answer.body.toString(), /secret|root:/);
    }
  });

  it('of a wrong length are never handed out: a cache would keep them', async () => {
    const damaged: [string, Buffer][] = [
      ['tile/0/005', Buffer.alloc(32)],
      ['tile/0/001.p/7', Buffer.alloc(8192)],
      ['tile/entries/005', bundle(255)],
      ['tile/entries/001.p/7', bundle(7).subarray(1)],
    ];
    for (const [path, bytes] of damaged) {
      writeFileSync(join(open, path), bytes);
      assert.equal((await get(`/${path}`)).status, 500, path);
    }
  });
});

describe('entry bundles over HTTP', () => {
  const identity = async (headers: Record<string, string> = {}) => {
    const answer = await get('/tile/entries/000', headers);
    assert.equal(answer.headers.get('content-encoding'), null, JSON.stringify(headers));
    assert.equal(answer.headers.get('vary'), 'Accept-Encoding');
    return Buffer.from(await answer.arrayBuffer());
  };

  it('are packed once for who takes gzip, and caches can tell', async () => {
    for (const accepted of ['gzip', 'GZIP', 'br, gzip;q=0.5', '*', 'identity, gzip']) {
      const answer = await get('/tile/entries/000', { 'accept-encoding': accepted });
      assert.equal(answer.headers.get('content-encoding'), 'gzip', accepted);
      assert.equal(answer.headers.get('vary'), 'Accept-Encoding');
      assert.match(answer.headers.get('cache-control') ?? '', /immutable/);
      const bytes = Buffer.from(await answer.arrayBuffer());
      assert.equal(answer.headers.get('content-length'), String(bytes.length));
      assert.deepEqual(gunzipSync(bytes), bundle(256));
    }
  });

  it('are as they are for who does not', async () => {
    assert.deepEqual(await identity(), bundle(256));
    for (const accepted of ['', 'identity', 'br', 'gzip;q=0', 'gzip;q=0, *', '*;q=0', 'gzipped']) {
      assert.deepEqual(await identity({ 'accept-encoding': accepted }), bundle(256));
    }
  });
});

describe('HEAD and other methods', () => {
  it('HEAD says what GET would, without the body', async () => {
    for (const path of ['/log/tile/0/000', '/log/tile/entries/001.p/5', '/log/checkpoint']) {
      const [head, full] = [await send(path, 'HEAD'), await send(path)];
      assert.equal(head.status, 200, path);
      assert.equal(head.body.length, 0);
      for (const name of ['content-length', 'content-type', 'cache-control', 'etag']) {
        assert.equal(head.headers[name], full.headers[name], `${path} ${name}`);
      }
      assert.equal(full.headers['content-length'], String(full.body.length));
    }
    assert.equal((await send('/log/tile/0/009', 'HEAD')).status, 404);
  });

  it('writing is not a thing one does to a log', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      for (const path of ['/log/checkpoint', '/log/tile/0/000']) {
        const answer = await send(path, method);
        assert.equal(answer.status, 405, `${method} ${path}`);
        assert.equal(answer.headers['allow'], 'GET, HEAD');
      }
    }
  });

  it('any page in a browser may read it, also that there is nothing', async () => {
    for (const path of ['/checkpoint', '/tile/0/000', '/tile/entries/000', '/tile/0/009']) {
      const answer = await get(path, { origin: 'https://shop.example' });
      assert.equal(answer.headers.get('access-control-allow-origin'), '*', path);
    }
    const asked = await send('/log/checkpoint', 'OPTIONS', {
      origin: 'https://shop.example',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'if-none-match',
    });
    assert.equal(asked.headers['access-control-allow-origin'], '*');
    assert.match(String(asked.headers['access-control-allow-headers']), /if-none-match/);
  });
});
