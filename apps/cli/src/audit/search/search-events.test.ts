import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type RunOptions, runCli } from '../../testing/run-cli.ts';

const CREDENTIAL = `csa.${'i'.repeat(22)}.${'s'.repeat(43)}`;
const EVENT = {
  sequence: 7,
  number: 5,
  uid: '01a201cd-f829-7b59-97de-13f3f4cfbe5a',
  tenant: 'acme',
  timeMs: Date.UTC(2026, 10, 22, 12),
  name: 'session.refused',
  severityId: 2,
  ocsf: {
    message: 'A sign-in was refused.',
    src_endpoint: { ip: '192.0.2.7' },
    user: { name: 'alice\u001b[2J' },
  },
};

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-cli-search-'));
  writeFileSync(join(folder, 'soc.credential'), `${CREDENTIAL}\n`);
});
after(() => rmSync(folder, { recursive: true, force: true }));

type Answering = (request: IncomingMessage, response: ServerResponse) => void;

/** Runs a command against a server of the test; resolves with what was asked as well. */
async function run(args: string[], answer: Answering | object, options: RunOptions = {}) {
  const asked: { url: string; headers: IncomingMessage['headers'] }[] = [];
  const server = createServer((request, response) => {
    asked.push({ url: request.url ?? '', headers: request.headers });
    if (typeof answer === 'function') return (answer as Answering)(request, response);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const environment = {
      COUNTERSIGN_URL: `http://127.0.0.1:${port}`,
      COUNTERSIGN_TOKEN_FILE: 'soc.credential',
    };
    return { ...(await runCli(args, { environment, workingFolder: folder, ...options })), asked };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('countersign audit search', () => {
  it('asks with the filter, whose log and why, and draws what comes without letting it draw', async () => {
    const filter = 'status = failure and time >= -24h';
    const options = ['--tenant', 'acme', '--reason', 'Störung 4711', '--limit', '3'];
    const page = { events: [EVENT], next: 'cursor-of-this-page', unreadable: [] };
    const { out, asked, exitCode } = await run(['audit', 'search', filter, ...options], page);
    assert.equal(exitCode, 0);
    const [{ url = '', headers = {} } = {}] = asked;
    const parameters = new URL(url, 'http://x').searchParams;
    assert.deepEqual(Object.fromEntries(parameters), {
      ...{ tenant: 'acme', filter, order: 'newest', limit: '3' },
    });
    assert.equal(headers['countersign-reason'], encodeURIComponent('Störung 4711'));
    assert.equal(headers.authorization, `Bearer ${CREDENTIAL}`);
    assert.match(
      out,
      /2026-11-22 12:00:00Z {2}session\.refused\n {24}alice\ufffd\[2J · 192\.0\.2\.7/,
    );
    assert.match(out, /There is more: --cursor cursor-of-this-page/);
  });

  it('shows what is wrong with a filter at its place, and asks nobody', async () => {
    const { err, asked, exitCode } = await run(['audit', 'search', 'class = login'], {});
    assert.deepEqual([exitCode, asked.length], [2, 0]);
    assert.match(err, /Filter, character 9: class is a number\..*Here: class = ▸login◂/);
  });

  it('gives one stable object, and says which part of the history is missing', async () => {
    const hole = { tenant: 'acme', first: 1, last: 9, trouble: 'missing' };
    const page = { events: [], next: null, unreadable: [hole] };
    const drawn = await run(['audit', 'search'], page);
    assert.match(
      drawn.out,
      /Nothing matches\.\n {2}Events 1 to 9 of acme are in a file that is missing/,
    );
    const { json } = await run(['audit', 'search', '--json'], page);
    const { server: _, ...rest } = json();
    const about = { command: 'audit search', ok: true, filter: '' };
    assert.deepEqual(rest, { ...about, count: 0, next: null, unreadable: [hole], events: [] });
  });
});

describe('countersign audit count', () => {
  it('draws groups and buckets with bars', async () => {
    const group = (name: string | null, count: number) => ({
      ...{ key: [name], count, distinct: [3], bucketMs: EVENT.timeMs, firstMs: 0, lastMs: 0 },
    });
    const answer = {
      groups: [group('x'.repeat(90), 2000), group(null, 10)],
      total: 2010,
      more: true,
    };
    const args = ['audit', 'count', '--by', 'app', '--distinct', 'person', '--bucket', '1h'];
    const { out, asked } = await run(args, answer);
    assert.match(asked[0]?.url ?? '', /by=app&bucket=1h&distinct=person&limit=50&order=key/);
    assert.match(out, /2026-11-22 12:00:00Z .* 2,000 {2,}3 {2}▇{20}/);
    assert.match(out, /2,010 events, in more groups than are shown/);
  });
});

describe('countersign audit tail', () => {
  it('goes on after a lost connection where it was, until it is stopped', async () => {
    const stopped = Promise.withResolvers<void>();
    const piece = (id: number): string =>
      `id: ${id}\nevent: event\ndata: ${JSON.stringify({ ...EVENT, sequence: id })}\n\n`;
    let connection = 0;
    const answer: Answering = (_, response) => {
      connection += 1;
      response.setHeader('content-type', 'text/event-stream');
      response.write(`: here\n\n${piece(connection * 10)}`);
      if (connection === 1) response.end();
    };
    let lines = 0;
    const onOut = (): void => {
      lines += 1;
      if (lines === 2) stopped.resolve();
    };
    const options = { stopped: stopped.promise, onOut };
    const { out, asked, exitCode } = await run(['audit', 'tail', '--json'], answer, options);
    assert.equal(exitCode, 0);
    const objects = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      objects.map(({ sequence, events }) => sequence ?? events),
      [10, 20, 2],
    );
    assert.equal(asked[1]?.headers['last-event-id'], '10');
  });

  it('ends when the credential does', async () => {
    const answer: Answering = (_, response) => {
      response.setHeader('content-type', 'text/event-stream');
      response.end('event: end\ndata: {"reason":"not_authenticated"}\n\n');
    };
    const never = { stopped: new Promise<void>(() => undefined) };
    const { exitCode, err } = await run(['audit', 'tail'], answer, never);
    assert.equal(exitCode, 1);
    assert.match(err, /no longer in force/);
  });
});

describe('countersign readers', () => {
  it('writes a credential to a file that was not there, and never to the screen', async () => {
    const reader = {
      id: 'i',
      kind: 'responder',
      tenant: 'acme',
      name: 'IR',
      expiresMs: EVENT.timeMs,
    };
    const args = [
      'readers',
      'add',
      'IR',
      '--kind',
      'responder',
      '--days',
      '14',
      '--reason',
      'INC-7',
    ];
    const made = { ...reader, credential: CREDENTIAL };
    const { out, exitCode } = await run([...args, '--out', 'ir.credential'], made);
    assert.equal(exitCode, 0);
    assert.match(out, /Made {2}IR, responder of acme, until 2026-11-22 12:00:00Z/);
    assert.ok(!out.includes(CREDENTIAL));
    const again = await run([...args, '--out', 'ir.credential'], made);
    assert.deepEqual([again.exitCode, again.asked.length], [2, 0]);
  });
});
