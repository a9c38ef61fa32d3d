// Every bad input that the issue names, from the command line to the log: told of with file and line,
// and nothing good lost. The files in bad-input/ are in the shapes that Okta and Microsoft 365 write.

import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type AuditTables, auditMigrations, createAudit } from '@countersign/audit';
import { createDirectory, type DirectoryTables, directoryMigrations } from '@countersign/directory';
import { openStore, type Store } from '@countersign/storage';
import { ManualClock, systemRandom } from '@countersign/vocabulary';
import { Hono } from 'hono';
import { type CliRun, runCli } from '../../apps/cli/src/testing/run-cli.ts';
import { readerOnly } from '../../apps/server/src/routes/authenticate-reader.ts';
import { importRoutes } from '../../apps/server/src/routes/serve-imports.ts';

const TOKEN = 'operator-token-for-this-test';
const NOW_MS = Date.UTC(2026, 10, 21);
const INPUTS = join(import.meta.dirname, 'bad-input');
const MEGABYTE = 1024 * 1024;

describe('bad input', () => {
  let store: Store<AuditTables & DirectoryTables>;
  let server: Server;
  let folder: string;
  let busy = 0;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-bad-input-'));
    writeFileSync(join(folder, 'token'), TOKEN);
    const clock = new ManualClock(NOW_MS);
    const migrations = [...directoryMigrations, ...auditMigrations];
    store = await openStore({ memory: true, migrations, clock });
    const parts = { store: store as never, clock, random: systemRandom };
    const { tenants, operators, readers } = createDirectory(parts);
    await tenants.create({ name: 'acme' });
    const audit = createAudit({ ...parts, product: { name: 'countersign', version: '0' } });
    const guard = readerOnly({ operatorToken: TOKEN, operators, readers });
    const app = new Hono().route('/api/v1', importRoutes({ tenants, audit, readerOnly: guard }));
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      busy -= 1;
      if (busy >= 0) return response.writeHead(503).end('{}');
      const answer = await app.request(request.url ?? '/', {
        method: request.method ?? 'GET',
        headers: request.headers as Record<string, string>,
        ...(request.method === 'POST' ? { body: Buffer.concat(chunks) } : {}),
      });
      return response.writeHead(answer.status).end(await answer.text());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(async () => {
    server.close();
    server.closeAllConnections();
    await store.close();
    rmSync(folder, { recursive: true });
  });

  async function importFile(path: string, input?: string): Promise<CliRun> {
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    return runCli(
      [
        'audit',
        'import',
        '--json',
        '--tenant',
        'acme',
        '--server',
        url,
        '--token-file',
        'token',
        path,
      ],
      { workingFolder: folder, ...(input === undefined ? {} : { input }) },
    );
  }

  type Problem = { file: string; line: number; code: string };
  const told = (run: CliRun): string[] =>
    (run.json()['problems'] as Problem[]).map(({ file, line, code }) => {
      assert.ok(file.length > 0);
      return `${line} ${code}`;
    });
  const counts = (run: CliRun) => {
    const { records, recorded, known, unmapped, future, unreadable } = run.json();
    return { records, recorded, known, unmapped, future, unreadable };
  };
  const whole = { unmapped: 0, future: 0, unreadable: 0, known: 0 };

  const cases: [string, string, Record<string, number>, string[]][] = [
    [
      'gzip that was cut',
      'truncated.ndjson.gz',
      { records: 31, recorded: 31, unreadable: 2 },
      ['0 truncated', '32 unfinished'],
    ],
    [
      'several encodings and a mark in one file',
      'mixed-encodings.ndjson',
      { records: 3, recorded: 3 },
      ['2 not_utf8'],
    ],
    ['UTF-16 with a mark', 'marked-utf16.json', { records: 3, recorded: 3 }, []],
    [
      'records as JSON text, with JSON text inside',
      'nested-strings.json',
      { records: 3, recorded: 3 },
      [],
    ],
    ['the same id again', 'duplicate-ids.ndjson', { records: 5, recorded: 3, known: 2 }, []],
    [
      'records from the future, and of no time',
      'future.ndjson',
      { records: 3, recorded: 3, future: 1 },
      [],
    ],
    [
      'CSV that was exported twice',
      'exported-twice.csv',
      { records: 8, recorded: 4, known: 4 },
      ['6 csv_header_again'],
    ],
    [
      'lines that were cut, and lines that are none',
      'cut-lines.ndjson',
      { records: 3, recorded: 3, unreadable: 2 },
      ['2 not_json', '4 not_json'],
    ],
    [
      'an answer that was cut',
      'cut-answer.json',
      { records: 2, recorded: 2, unreadable: 1 },
      ['1 unfinished'],
    ],
  ];
  for (const [name, file, expected, problems] of cases) {
    it(`${name}: ${file}`, async () => {
      const run = await importFile(join(INPUTS, file));
      assert.deepEqual(counts(run), { ...whole, ...expected });
      assert.deepEqual(told(run), problems);
      assert.equal(run.exitCode, (expected['unreadable'] ?? 0) > 0 ? 1 : 0);
    });
  }

  it('a line of 100 MB between good ones, in memory that does not grow with it', async () => {
    const good = (n: number) => `{"eventTime":"2026-11-20T10:00:0${n}Z","n":${n}}\n`;
    const path = join(folder, 'long-lines.ndjson');
    const long = (letter: string): Buffer[] => Array(100).fill(Buffer.alloc(MEGABYTE, letter));
    for (const piece of [
      good(1),
      '{"long":"',
      ...long('x'),
      '"}\n',
      good(2),
      ...long('y'),
      '\n',
      good(3),
    ])
      appendFileSync(path, piece);
    const before = process.memoryUsage.rss();
    const run = await importFile(path);
    assert.deepEqual(counts(run), {
      ...whole,
      records: 3,
      recorded: 3,
      unmapped: 3,
      unreadable: 2,
    });
    assert.deepEqual(told(run), ['2 record_too_large', '4 not_json']);
    const grown = process.memoryUsage.rss() - before;
    assert.ok(grown < 150 * MEGABYTE, `grew by ${Math.round(grown / MEGABYTE)} MiB`);
  });

  it('everything again, in one go: nothing is recorded twice', async () => {
    const run = await importFile(INPUTS);
    assert.deepEqual(counts(run), { ...whole, records: 61, recorded: 0, known: 61, unreadable: 5 });
  });

  it('from standard input, through a server that is busy for a while', async () => {
    busy = 2;
    const run = await importFile('-', '{"eventTime":"2026-11-20T10:00:00Z","from":"stdin"}\n');
    assert.deepEqual(counts(run), { ...whole, records: 1, recorded: 1, unmapped: 1 });
    assert.equal(busy, -1);
  });

  it('what is in the log is every good record, with its own text, and the gaps are noted', async () => {
    const rows = await store.read
      .selectFrom('event')
      .select(['source', 'ocsf'])
      .where('source', 'is not', null)
      .execute();
    const sources = Map.groupBy(rows, ({ source }) => source);
    assert.deepEqual([...sources].map(([source, of]) => [source, of.length]).sort(), [
      ['microsoft-365', 7],
      ['okta', 48],
      ['unknown', 4],
    ]);
    const texts = rows.map(({ ocsf }) => JSON.parse(ocsf).raw_data as string);
    assert.equal(texts.filter((text) => text.includes('Anmeldung von Zoë')).length, 3);
    const gaps = await store.read.selectFrom('gap').select(['reason', 'source_id']).execute();
    assert.deepEqual(gaps.map(({ reason, source_id }) => `${source_id} ${reason}`).sort(), [
      'import unreadable',
      'okta clock_skew',
      'unknown unmapped',
    ]);
  });
});
