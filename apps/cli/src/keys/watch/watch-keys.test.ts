// `countersign keys watch` as somebody on another host runs it: once, and on and on.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { encodeKeyEntry, hashIssuer } from '@countersign/verifier';
import { type CliRun, runCli } from '../../testing/run-cli.ts';
import { type ServedLog, serveLog } from '../../testing/serve-log.ts';

const END_SECONDS = 4_000_000_000;

let home: string;
let server: Server;
let url: string;
let issuer: string;
let log: ServedLog;
let kids: string[];
let beginsAgoSeconds: number;
let hooked: string[];
/** Issuer of each key that the server tells of. */
let told: { issuer: string }[];
let asked: string[];

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'keys-watch-'));
  kids = ['k1'];
  beginsAgoSeconds = 60;
  hooked = [];
  asked = [];
  log = await serveLog([]);
  server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    asked.push(path);
    if (path === '/api/v1/log-policy')
      response.end(`log ${log.checkpointKey} ${log.url}\nquorum none\n`);
    else if (path === '/api/v1/key-status') {
      assert.equal(request.headers['cache-control'], 'no-cache');
      response.end(JSON.stringify(status()));
    } else if (path.endsWith('/jwks'))
      response.end(JSON.stringify({ keys: kids.map((kid) => ({ kid })) }));
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  issuer = `${url}/acme/workforce`;
  const about = { event: 'published', atMs: 1, notAfterSeconds: END_SECONDS, kid: 'k1' } as const;
  const hashes = { issuerHash: hashIssuer(issuer), thumbprint: new Uint8Array(32) };
  log.publish([encodeKeyEntry({ ...about, ...hashes })]);
  told = [{ issuer }];
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
  log.close();
  rmSync(home, { recursive: true, force: true });
});

function status(): object {
  const atMs = Date.now();
  const notBeforeSeconds = Math.floor(atMs / 1000) - beginsAgoSeconds;
  const key = { kid: 'k1', state: 'active', notBeforeSeconds, notAfterSeconds: END_SECONDS };
  const rotator = { lastTickMs: atMs, nextTickMs: atMs + 1000 };
  return { issuer, atMs, rotator, keys: told.map((of) => ({ ...of, ...key })) };
}

const watch = (args: string[], stopped?: Promise<void>): Promise<CliRun> =>
  runCli(['keys', 'watch', '--server', url, '--issuer', issuer, ...args], {
    workingFolder: home,
    ...(stopped === undefined ? {} : { stopped }),
  });

describe('countersign keys watch', () => {
  it('ends with 0 when all is well, and says what was looked at', async () => {
    const run = await watch(['--once', '--json']);
    assert.equal(run.exitCode, 0, run.out + run.err);
    assert.deepEqual(run.json(), {
      ...{ command: 'keys watch', ok: true, house: url, alarms: 0 },
      ...{ keys: 1, logsRead: true, conditions: [] },
    });
  });

  it('C-01 ends with 1 for a key past 80 % of its age', async () => {
    beginsAgoSeconds = 100 * (END_SECONDS - Date.now() / 1000);
    const run = await watch(['--once']);
    assert.equal(run.exitCode, 1);
    assert.match(run.out, /key_old {2}A key has used 99 % of the time it may live/);
  });

  it('ends with 1 for a key that was slipped into the JWKS, which it looks at twice', async () => {
    kids.push('rogue');
    const run = await watch(['--once', '--json']);
    assert.equal(run.exitCode, 1);
    const [condition] = run.json()['conditions'] as { code: string; kid: string }[];
    assert.deepEqual([condition?.code, condition?.kid], ['jwks_unknown_key', 'rogue']);
  });

  it('ends with 1 when the server tells of no key, or of those of another issuer, whom it does not ask', async () => {
    for (const other of [undefined, `${url}/elsewhere?x=`]) {
      told = other === undefined ? [] : [{ issuer: other }];
      asked.length = 0;
      const run = await watch(['--once', '--json']);
      assert.equal(run.exitCode, 1, run.out + run.err);
      const conditions = run.json()['conditions'] as { code: string; issuer: string }[];
      const omitted = conditions.filter((condition) => condition.issuer === issuer);
      assert.deepEqual(
        omitted.map(({ code }) => code),
        ['log_unknown_key'],
      );
      assert.ok(!asked.some((path) => path.startsWith('/elsewhere')), asked.join(' '));
    }
  });

  it('ends with 1 when the log that was pinned is not to be found', async () => {
    const other = await serveLog([]);
    const key = other.checkpointKey;
    other.close();
    const run = await watch(['--once', '--key', key, '--json']);
    assert.equal(run.exitCode, 1);
    const conditions = run.json()['conditions'] as { code: string }[];
    assert.ok(conditions.some(({ code }) => code === 'log_unread'));
  });

  it('C-02 goes on when the server is gone: a line, the file, the webhook; once', async () => {
    const stopping = Promise.withResolvers<void>();
    const file = join(home, 'my-alarms.ndjson');
    const pager = createServer((request, response) => {
      request.setEncoding('utf8').on('data', (text: string) => hooked.push(text));
      request.on('end', () => response.end());
    });
    pager.listen(0, '127.0.0.1');
    await once(pager, 'listening');
    const hook = `http://127.0.0.1:${(pager.address() as AddressInfo).port}/hook`;
    const more = ['--every', '0.3', '--alarm-file', file, '--webhook', hook, '--json'];
    const running = watch(more, stopping.promise);
    // A third look is begun: those before it were whole.
    const looks = () => asked.filter((path) => path === '/api/v1/key-status').length;
    while (looks() < 3) await new Promise((resolve) => setTimeout(resolve, 10));
    server.close();
    server.closeAllConnections();
    while (hooked.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    await new Promise((resolve) => setTimeout(resolve, 2000));
    stopping.resolve();
    const run = await running;
    pager.close();
    assert.equal(run.exitCode, 1);
    const [line = '', end = ''] = run.out.trim().split('\n');
    assert.equal((JSON.parse(line) as { code: string }).code, 'server_silent');
    assert.equal((JSON.parse(end) as { alarms: number }).alarms, 1);
    assert.equal(readFileSync(file, 'utf8'), `${line}\n`);
    assert.deepEqual(hooked, [line]);
  });

  it('ends with 2 when it is asked wrongly', async () => {
    assert.equal((await runCli(['keys', 'watch'], { workingFolder: home })).exitCode, 2);
    assert.equal((await watch(['--every', '0'])).exitCode, 2);
    assert.equal((await watch(['--webhook', 'pager'])).exitCode, 2);
  });
});
