// The file of a tenant's leaves: what is in it, how it grows, and what is refused rather than mixed.

import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { createNoteKey, formatVerifierKey } from '@countersign/verifier';
import { runCli } from '../testing/run-cli.ts';

const FIRST = 'log.example/log';
const SECOND = 'second.example/log';
const TOKEN = 'operator-token-of-a-test';

interface Facts {
  log_index?: unknown;
  log_origin?: string;
  leaf_hash?: unknown;
  extra?: object;
}
interface Event {
  sequence: number;
  ocsf: object;
}

const hash = (index: number): string => index.toString(16).padStart(64, '0');
const event = (sequence: number, countersign: Facts): Event => ({
  sequence,
  ocsf: { unmapped: { countersign } },
});
const leaf = (sequence: number, index: number, more: Facts = {}): Event =>
  event(sequence, { log_index: index, leaf_hash: hash(index), ...more });

describe('countersign log records', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-records-'));
  const asked: URLSearchParams[] = [];
  let events: Event[] = [];
  let next: (page: Event[]) => unknown;
  let repeats: boolean;
  const policy = [FIRST, SECOND].map((origin, at) => {
    const key = createNoteKey(origin, 'ed25519', new Uint8Array(32).fill(at + 1));
    return `log ${formatVerifierKey(key)} https://${origin}\n`;
  });
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    if (url.pathname === '/api/v1/log-policy') {
      response.end(`${policy.join('')}quorum none\n`);
      return;
    }
    asked.push(url.searchParams);
    const from = Number(url.searchParams.get('after'));
    const limit = Number(url.searchParams.get('limit'));
    const page = events.filter(({ sequence }) => sequence > from || repeats).slice(0, limit);
    const allowed = request.headers.authorization === `Bearer ${TOKEN}`;
    response.writeHead(allowed ? 200 : 401);
    response.end(JSON.stringify({ events: page, next: next(page) }));
  });
  let out = 0;

  before(async () => {
    writeFileSync(join(folder, 'token'), TOKEN);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  beforeEach(() => {
    asked.splice(0);
    events = [];
    repeats = false;
    next = (page) => page.at(-1)?.sequence;
    out += 1;
  });
  after(() => {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
  });

  const path = () => join(folder, `${out}.ndjson`);
  const records = (...more: string[]) =>
    runCli(
      [
        ...['log', 'records', '--json', '--out', `${out}.ndjson`, '--token-file', 'token'],
        ...['--server', `http://127.0.0.1:${(server.address() as AddressInfo).port}`],
        ...(more.includes('--tenant') ? more : ['--tenant', 'acme', ...more]),
      ],
      { workingFolder: folder },
    );
  const written = () =>
    readFileSync(path(), 'utf8')
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));

  it('writes a line for each leaf of the tenant, page by page, and adds only what is new', async () => {
    events = Array.from({ length: 2500 }, (_, at) => leaf(2 * at + 1, at));
    const first = await records();
    assert.equal(first.exitCode, 0, first.out);
    const { command, ok, tenant, log, added, withoutHash, otherLogs } = first.json();
    assert.deepEqual(
      [command, ok, tenant, log, added, withoutHash, otherLogs],
      ['log records', true, 'acme', FIRST, 2500, 0, 0],
    );
    assert.deepEqual(
      written(),
      events.map(({ sequence }, index) => ({
        ...{ index, leafHash: hash(index), sequence },
        ...{ tenant: 'acme', log: FIRST },
      })),
    );
    assert.equal(asked.length, 3);
    assert.equal(asked[0]?.get('tenant'), 'acme');
    assert.equal(asked[0]?.get('name'), 'token.issued,token.refreshed,token.abandoned');
    const before = readFileSync(path());
    assert.equal((await records()).json()['added'], 0);
    assert.deepEqual(readFileSync(path()), before);
    assert.equal(asked.at(-1)?.get('after'), '4999');
    events.push(leaf(5001, 2500));
    assert.equal((await records()).json()['added'], 1);
    assert.deepEqual(readFileSync(path()).subarray(0, before.length), before);
    assert.equal(written().length, 2501);
  });

  it('finishes what a run that was interrupted in the middle of a line began', async () => {
    events = [leaf(1, 4), leaf(2, 5)];
    await records();
    const whole = readFileSync(path());
    appendFileSync(path(), '{"index":6,"leafH');
    events.push(leaf(3, 6));
    assert.equal((await records()).json()['added'], 1);
    assert.deepEqual(
      written().map(({ index }) => index),
      [4, 5, 6],
    );
    writeFileSync(path(), whole.subarray(0, -1));
    assert.equal((await records()).json()['added'], 2);
    assert.deepEqual(
      written().map(({ index }) => index),
      [4, 5, 6],
    );
  });

  it('keeps the leaves of two logs apart; an event that names none is of the first', async () => {
    const second = leaf(2, 7, { log_origin: SECOND });
    events = [leaf(1, 7), second, leaf(3, 8, { log_origin: FIRST })];
    const { added, otherLogs } = (await records()).json();
    assert.deepEqual([added, otherLogs], [2, 1]);
    assert.deepEqual(
      written().map(({ index }) => index),
      [7, 8],
    );
    assert.equal((await records('--log-origin', SECOND)).exitCode, 2, 'another log’s file');
    out += 1;
    assert.equal((await records('--log-origin', SECOND)).json()['added'], 1);
    assert.deepEqual(written()[0], {
      ...{ index: 7, leafHash: hash(7), sequence: 2 },
      ...{ tenant: 'acme', log: SECOND },
    });
  });

  it('ends with 1 when events do not tell their hash, and passes over tokens without a leaf', async () => {
    const early = { log_index: 2, leaf_hash: undefined, extra: { leafHash: hash(2) } };
    events = [event(1, { log_index: 1 }), event(2, early), event(3, {}), leaf(4, 3)];
    const { exitCode, json } = await records();
    assert.equal(exitCode, 1);
    assert.deepEqual([json()['added'], json()['withoutHash']], [2, 1]);
    assert.deepEqual(
      written().map(({ index }) => index),
      [2, 3],
    );
    assert.equal((await records()).exitCode, 0, 'what is new has all of them');
  });

  it('believes no answer that cannot be, and adds nothing of it', async () => {
    const wrong: Event[] = [
      event(1, { log_index: -1, leaf_hash: hash(1) }),
      event(1, { log_index: 1, leaf_hash: hash(1).slice(2) }),
      event(1, { log_index: 1, leaf_hash: 7 }),
      { sequence: 1.5, ocsf: leaf(1, 1).ocsf },
      { sequence: 1, ocsf: {} },
    ];
    for (const each of wrong) {
      events = [each];
      const { exitCode, out: said } = await records();
      assert.equal(exitCode, 1);
      assert.match(said, /answer_malformed/);
      assert.equal(readFileSync(path(), 'utf8'), '');
    }
    events = [leaf(1, 1)];
    assert.equal((await records()).exitCode, 0);
    repeats = true;
    assert.equal((await records()).exitCode, 1, 'what is on file is not new');
    assert.equal(written().length, 1);
    out += 1;
    repeats = false;
    events = Array.from({ length: 1001 }, (_, at) => leaf(at + 1, at));
    next = () => 0;
    const { exitCode, out: said } = await records();
    assert.deepEqual([exitCode, /goes on/.test(said)], [1, true], 'no page twice');
  });

  it('ends with 2 when it is asked wrongly, and leaves a file alone that is not its own', async () => {
    events = [leaf(1, 1)];
    await records();
    assert.equal((await records('--tenant', 'globex')).exitCode, 2);
    assert.equal((await records('--log-origin', 'nobody.example/log')).exitCode, 2);
    assert.equal((await records('--token-file', 'none')).exitCode, 2);
    for (const other of ['notes', 'notes\n', '{"index": 1}\n', `${'x'.repeat(5000)}\n{}`, '\n']) {
      writeFileSync(path(), other);
      assert.equal((await records()).exitCode, 2, other.slice(0, 20));
      assert.equal(readFileSync(path(), 'utf8'), other);
    }
  });
});
