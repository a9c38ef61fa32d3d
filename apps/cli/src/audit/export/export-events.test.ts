import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import fc from 'fast-check';
import { runCli } from '../../testing/run-cli.ts';
import { RowCounter } from './count-rows.ts';

const NEWEST = 40;
let folder: string;
let server: Server;
let requests: URL[];
/** How the next answers end: after so many bytes the connection is cut. */
let cuts: number[];

const jsonRow = (number: number) =>
  `${JSON.stringify({ message: `e ${number}`, unmapped: { countersign: { integrity: { number, leaf: 'a' } } } })}\n`;
const csvRow = (number: number) => `${number},"a ""quoted""\r\nline, ${number}",x\r\n`;

function answer(url: URL, response: ServerResponse): void {
  const from = Number(url.searchParams.get('from'));
  const to = Math.min(Number(url.searchParams.get('to') ?? NEWEST), NEWEST);
  const csv = url.searchParams.get('format') === 'csv';
  const head = csv && url.searchParams.get('head') === 'true' ? 'number,text,more\r\n' : '';
  const rows = Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
  const body = head + rows.map(csv ? csvRow : jsonRow).join('');
  response.writeHead(200, { 'countersign-from': from, 'countersign-to': to });
  const cut = cuts.shift();
  if (cut === undefined || cut >= body.length) response.end(body);
  else response.write(body.slice(0, cut), () => setTimeout(() => response.destroy(), 20));
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-export-'));
  writeFileSync(join(folder, 'token'), 'a-credential-of-a-reader\n');
  requests = [];
  cuts = [];
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    requests.push(url);
    answer(url, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

async function run(...args: string[]) {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return runCli(['audit', 'export', '--server', url, '--token-file', 'token', '--json', ...args], {
    workingFolder: folder,
  });
}
const whole = (row: (number: number) => string): string =>
  Array.from({ length: NEWEST }, (_, at) => row(at + 1)).join('');

describe('countersign audit export', () => {
  test('writes what the server gives into a file that only its owner reads', async () => {
    const done = await run('--output', 'a.ndjson', '--filter', 'class = 3002');
    assert.equal(done.exitCode, 0, done.err);
    assert.equal(readFileSync(join(folder, 'a.ndjson'), 'utf8'), whole(jsonRow));
    assert.equal(statSync(join(folder, 'a.ndjson')).mode & 0o777, 0o600);
    const { events, from, to } = done.json();
    assert.deepEqual([events, from, to], [NEWEST, 1, NEWEST]);
    assert.equal(requests[0]?.searchParams.get('filter'), 'class = 3002');
  });

  for (const format of ['ndjson', 'csv'] as const) {
    test(`goes on by itself where the connection was cut: ${format}`, async () => {
      cuts = [format === 'csv' ? 4 : 100, 333];
      const done = await run('--output', 'a', '--format', format);
      assert.equal(done.exitCode, 0, done.err);
      const text = readFileSync(join(folder, 'a'), 'utf8');
      const expected = format === 'csv' ? `number,text,more\r\n${whole(csvRow)}` : whole(jsonRow);
      assert.equal(text, expected);
      assert.equal(done.json()['resumed'], 2);
      assert.equal(requests[1]?.searchParams.get('to'), String(NEWEST), 'the end stays as it was');
    });
  }

  test('goes on with a file of before, half a row and all', async () => {
    const half = whole(jsonRow).slice(0, 1000);
    writeFileSync(join(folder, 'a.ndjson'), half);
    const done = await run('--output', 'a.ndjson', '--resume');
    assert.equal(done.exitCode, 0, done.err);
    assert.equal(readFileSync(join(folder, 'a.ndjson'), 'utf8'), whole(jsonRow));
    const again = await run('--output', 'a.ndjson', '--resume');
    assert.equal(again.json()['events'], 0);
  });

  test('never writes over a file, and says what to do', async () => {
    writeFileSync(join(folder, 'a.ndjson'), 'mine');
    const done = await run('--output', 'a.ndjson');
    assert.equal(done.exitCode, 2);
    assert.match(done.out, /--resume/);
    assert.equal(readFileSync(join(folder, 'a.ndjson'), 'utf8'), 'mine');
  });
});

test('rows are counted whatever pieces they come in', () => {
  const text = Buffer.from(`number,text,more\r\n${whole(csvRow)}`);
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), (places) => {
      const counter = new RowCounter('csv');
      const ends = [...places, text.length].sort((one, other) => one - other);
      let start = 0;
      for (const end of ends) {
        counter.add(text.subarray(start, end));
        start = end;
        const before = text.subarray(0, counter.wholeBytes).toString();
        assert.ok(counter.wholeBytes <= end);
        assert.ok(counter.wholeBytes === 0 || before.endsWith('x\r\n') || counter.rows === 0);
      }
      assert.equal(counter.rows, NEWEST);
      assert.equal(counter.lastNumber, NEWEST);
    }),
    { numRuns: 200 },
  );
});

describe('where an export goes on', () => {
  test('is the number of the event, whatever a foreign record says of itself', () => {
    const counter = new RowCounter('ndjson');
    const integrity = { number: 7, leaf: 'a' };
    const posing = { enrichments: [{ data: { integrity: { number: 900_000 } } }] };
    const row = { ...posing, unmapped: { a: posing, countersign: { integrity } } };
    counter.add(Buffer.from(`${JSON.stringify(row)}\n`));
    assert.equal(counter.lastNumber, 7);
  });

  for (const format of ['ndjson', 'csv'] as const) {
    test(`is behind a row of ${format} with the longest record that is kept`, () => {
      const counter = new RowCounter(format);
      const raw = '\u0800"'.repeat(768 * 512);
      const integrity = { number: 7, leaf: 'a' };
      const json = JSON.stringify({ raw_data: raw, unmapped: { countersign: { integrity } } });
      const row = format === 'csv' ? `7,"${json.replaceAll('"', '""')}"\r\n` : `${json}\n`;
      const bytes = Buffer.from(format === 'csv' ? `number,ocsf\r\n${row}` : row);
      for (let at = 0; at < bytes.length; at += 65_536)
        counter.add(bytes.subarray(at, at + 65_536));
      assert.deepEqual([counter.lastNumber, counter.wholeBytes], [7, bytes.length]);
    });
  }
});
