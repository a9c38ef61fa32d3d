import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { hashLeaf, verifyConsistency, verifyInclusion } from '@countersign/verifier';
import fc from 'fast-check';
import { TinyLog } from '../testing/tiny-log.ts';
import { createLogReader } from './log-reader.ts';
import { readInclusionProof, readPrefixProof } from './read-proof.ts';

const readerOf = (log: TinyLog) => createLogReader({ url: `${log.url}/`, fetch: log.fetch });

describe('the reader of a log', () => {
  it('gives the checkpoint, hashes and entries as they are served', async () => {
    const log = new TinyLog().grow(300);
    const reader = readerOf(log);
    assert.equal(await reader.checkpoint(), log.checkpoint());
    assert.deepEqual(
      (await reader.entries(1, 44)).map(hashLeaf),
      await reader.hashes({
        level: 0,
        number: 1,
        width: 44,
      }),
    );
    assert.deepEqual(log.asked, ['checkpoint', 'tile/entries/001.p/44', 'tile/0/001.p/44']);
  });

  it('proves every leaf and every older size from tiles', async () => {
    const log = new TinyLog().grow(70_000);
    const reader = readerOf(log);
    const sizes = fc.integer({ min: 1, max: 70_000 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), async (size, seed) => {
        const index = seed % size;
        const path = await readInclusionProof(reader, index, size);
        const leaf = hashLeaf(log.entries[index] ?? assert.fail());
        assert.ok(verifyInclusion(leaf, index, size, path, log.root(size)));
        const old = 1 + (seed % size);
        const { root, proof } = await readPrefixProof(reader, old, size);
        assert.deepEqual(root, log.root(old));
        assert.ok(verifyConsistency(old, size, proof, root, log.root(size)));
      }),
      { numRuns: 60 },
    );
  });

  it('takes the full tile when the partial one is gone', async () => {
    const log = new TinyLog().grow(256);
    log.dropsPartials = true;
    const reader = readerOf(log);
    assert.equal((await reader.entries(0, 7)).length, 7);
    assert.equal((await reader.hashes({ level: 0, number: 0, width: 7 })).length, 7);
  });

  it('refuses tiles that are missing, short, long or not bundles', async () => {
    const log = new TinyLog().grow(300);
    const reader = readerOf(log);
    const cases: [string, () => Promise<unknown>, Uint8Array<ArrayBuffer> | undefined, string][] = [
      [
        'tile/0/000',
        () => reader.hashes({ level: 0, number: 0, width: 256 }),
        undefined,
        'tile_missing',
      ],
      [
        'tile/0/000',
        () => reader.hashes({ level: 0, number: 0, width: 256 }),
        new Uint8Array(8191),
        'log_answer_malformed',
      ],
      [
        'tile/0/000',
        () => reader.hashes({ level: 0, number: 0, width: 256 }),
        new Uint8Array(8193),
        'log_answer_malformed',
      ],
      [
        'tile/entries/000',
        () => reader.entries(0, 256),
        Uint8Array.of(0, 5, 1),
        'log_answer_malformed',
      ],
      [
        'tile/entries/000',
        () => reader.entries(0, 256),
        Uint8Array.of(0, 1, 1),
        'log_answer_malformed',
      ],
      [
        'tile/entries/001.p/44',
        () => reader.entries(1, 44),
        new Uint8Array(90),
        'log_answer_malformed',
      ],
      ['checkpoint', () => reader.checkpoint(), Uint8Array.of(0xff), 'log_answer_malformed'],
      ['checkpoint', () => reader.checkpoint(), new Uint8Array(1_000_001), 'log_answer_malformed'],
      ['checkpoint', () => reader.checkpoint(), undefined, 'log_unreachable'],
    ];
    for (const [path, ask, bytes, code] of cases) {
      log.replaced.clear();
      log.missing.clear();
      if (bytes === undefined) log.missing.add(path);
      else log.replaced.set(path, bytes);
      await assert.rejects(ask(), { code }, `${path} ${bytes?.length}`);
    }
  });

  it('asks over https or this machine only, and follows nobody', async () => {
    const url = 'http://log.example/log';
    await assert.rejects(createLogReader({ url }).checkpoint(), { code: 'url_not_allowed' });
    const sent = createLogReader({
      url: 'https://log.example/log',
      fetch: async () =>
        new Response('', { status: 302, headers: { location: 'https://b.example' } }),
    });
    await assert.rejects(sent.checkpoint(), { code: 'log_unreachable' });
    const broken = createLogReader({
      url: 'https://log.example/log',
      fetch: async () => new Response('', { status: 500 }),
    });
    await assert.rejects(broken.checkpoint(), { code: 'log_unreachable' });
  });

  it('reads gzip that it was sent, and is not filled by it', async () => {
    const log = new TinyLog('localhost/log').grow(256);
    const server = createServer((request, response) => {
      const body = log.serve(request.url?.slice(1) ?? '') ?? gzipSync(Buffer.alloc(40_000_000));
      const zipped = request.url?.includes('bomb') ? body : gzipSync(body);
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(zipped);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const reader = createLogReader({ url });
      assert.equal(await reader.checkpoint(), log.checkpoint());
      assert.deepEqual(
        (await reader.entries(0, 256)).map(hashLeaf),
        await reader.hashes({
          level: 0,
          number: 0,
          width: 256,
        }),
      );
      await assert.rejects(createLogReader({ url: `${url}/bomb` }).checkpoint(), {
        code: 'log_answer_malformed',
      });
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
