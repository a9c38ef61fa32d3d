import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isTilePath, logRoutes } from './serve-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-serve-'));
const routes = logRoutes(join(folder, 'public'));
const get = (path: string, headers: Record<string, string> = {}) =>
  routes.request(path, { headers });

before(() => {
  mkdirSync(join(folder, 'public/tile/0/x001'), { recursive: true });
  mkdirSync(join(folder, 'public/tile/0/001.p'), { recursive: true });
  writeFileSync(join(folder, 'secret'), 'secret');
  writeFileSync(join(folder, 'public/tile/0/000'), Buffer.alloc(8192));
  writeFileSync(join(folder, 'public/tile/0/x001/067'), Buffer.alloc(8192, 1));
  writeFileSync(join(folder, 'public/tile/0/001.p/5'), Buffer.alloc(160));
});
after(() => rmSync(folder, { recursive: true }));

describe('the log over HTTP', () => {
  it('has no checkpoint until there is one, and says so without being cached', async () => {
    const missing = await get('/checkpoint');
    assert.equal(missing.status, 404);
    assert.equal(missing.headers.get('cache-control'), 'no-store');
    writeFileSync(join(folder, 'public/checkpoint'), 'log\n0\nroot\n');
    const found = await get('/checkpoint');
    assert.equal(found.headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.equal(await found.text(), 'log\n0\nroot\n');
    const etag = found.headers.get('etag') ?? '';
    assert.equal((await get('/checkpoint', { 'if-none-match': etag })).status, 304);
  });

  it('serves tiles for ever', async () => {
    for (const path of ['/tile/0/000', '/tile/0/x001/067', '/tile/0/001.p/5']) {
      const tile = await get(path);
      assert.equal(tile.status, 200, path);
      assert.match(tile.headers.get('cache-control') ?? '', /immutable/);
      assert.equal(tile.headers.get('content-type'), 'application/octet-stream');
    }
    assert.equal((await get('/tile/0/002')).status, 404);
    assert.equal((await get('/tile/0/000.p/3')).status, 404);
  });

  it('knows the one spelling of a tile path', () => {
    const good = ['0/000', '63/999', '0/x001/x234/067', 'entries/000', '0/000.p/1', '0/000.p/255'];
    const bad = [
      '64/000',
      '01/000',
      '-1/000',
      '0/0',
      '0/0000',
      '0/001/067',
      '0/x001',
      '0/x001/x067',
      '0/000.p/0',
      '0/000.p/01',
      '0/000.p/256',
      '0/000.p',
      'data/000',
      '0/../000',
      '0/000/',
      '',
      '0/%2e%2e',
      '0/000.p/5/6',
    ];
    for (const path of good) assert.equal(isTilePath(path), true, path);
    for (const path of bad) assert.equal(isTilePath(path), false, path);
  });

  it('never leaves its folder', async () => {
    for (const path of [
      '/tile/../../secret',
      '/tile/0/..%2f..%2f..%2fsecret',
      '/tile/%2e%2e/%2e%2e/secret',
      '/tile/0/000/../../../secret',
    ]) {
      const answer = await get(path);
      assert.equal(answer.status, 404, path);
      assert.doesNotMatch(await answer.text(), /secret/);
    }
  });
});
