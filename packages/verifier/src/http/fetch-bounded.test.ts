import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { urlObjection } from './allow-url.ts';
import { fetchBounded } from './fetch-bounded.ts';

async function serving(listener: RequestListener, job: (base: string) => Promise<void>) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await job(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const BOUNDS = { fetch, timeoutMs: 2_000, maxBytes: 10 };

describe('a bounded fetch', () => {
  it('answers with status, bytes and headers', async () => {
    await serving(
      (_, response) => response.writeHead(404, { 'x-seen': 'yes' }).end('0123456789'),
      async (base) => {
        const answer = await fetchBounded(base, BOUNDS);
        assert.equal(answer.status, 404);
        assert.equal(answer.headers.get('x-seen'), 'yes');
        assert.equal(Buffer.from(answer.bytes).toString(), '0123456789');
      },
    );
  });

  it('has no bytes for an answer without a body', async () => {
    const bare = async () => new Response(null, { status: 204 });
    const answer = await fetchBounded('https://a.example/', { ...BOUNDS, fetch: bare });
    assert.equal(answer.bytes.length, 0);
  });

  it('stops reading one byte over its bound', async () => {
    await serving(
      (_, response) => response.end('0123456789a'),
      async (base) => assert.rejects(fetchBounded(base, BOUNDS), { code: 'too_large' }),
    );
  });

  it('does not follow redirects', async () => {
    const asked: string[] = [];
    await serving(
      (request, response) => {
        asked.push(request.url ?? '');
        response.writeHead(302, { location: '/elsewhere' }).end();
      },
      async (base) => assert.rejects(fetchBounded(base, BOUNDS), { code: 'redirected' }),
    );
    assert.deepEqual(asked, ['/']);
  });

  it('gives up on a server that is silent, or that dribbles its body for ever', async () => {
    const hurried = { ...BOUNDS, timeoutMs: 60 };
    await serving(
      () => undefined,
      async (base) => assert.rejects(fetchBounded(base, hurried), { code: 'timed_out' }),
    );
    await serving(
      (_, response) => response.write('a'),
      async (base) => assert.rejects(fetchBounded(base, hurried), { code: 'timed_out' }),
    );
  });

  it('bounds the time of a body even when a stand-in for fetch ignores the signal', async () => {
    const endless = async () => new Response(new ReadableStream({ pull: () => undefined }));
    const hurried = { ...BOUNDS, fetch: endless, timeoutMs: 30 };
    await assert.rejects(fetchBounded('https://a.example/', hurried), { code: 'timed_out' });
  });

  it('ends when its owner closes', async () => {
    const owner = new AbortController();
    await serving(
      () => owner.abort(),
      async (base) =>
        assert.rejects(fetchBounded(base, { ...BOUNDS, signal: owner.signal }), {
          code: 'unreachable',
        }),
    );
  });

  it('names a dead server and hides why', async () => {
    await assert.rejects(fetchBounded('http://127.0.0.1:1/', BOUNDS), {
      code: 'unreachable',
      message: 'The server cannot be reached.',
    });
  });

  it('does not even try a URL that is not allowed', async () => {
    const never = async () => assert.fail('fetched');
    const bounds = { ...BOUNDS, fetch: never };
    await assert.rejects(fetchBounded('http://a.example/', bounds), { code: 'url_not_allowed' });
  });
});

describe('the URLs that may be fetched', () => {
  it('are https anywhere and http on this machine', () => {
    for (const url of [
      'https://id.example/jwks',
      'http://localhost:4600/jwks',
      'http://acme.localhost/jwks',
      'http://127.0.0.1/',
      'http://[::1]:8080/',
    ]) {
      assert.equal(urlObjection(url), undefined, url);
    }
  });

  it('are never anything else', () => {
    for (const url of [
      'http://id.example/jwks',
      'http://127.0.0.1.example/',
      'http://localhost.example/',
      'http://10.0.0.1/',
      'https://user:secret@id.example/',
      'https://id.example/#part',
      'file:///etc/passwd',
      'data:application/json,{}',
      '/jwks',
      '',
    ]) {
      assert.notEqual(urlObjection(url), undefined, url);
    }
  });
});
