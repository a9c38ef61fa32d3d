// What the commands about sinks send, draw and end with.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runCli } from '../../testing/run-cli.ts';
import { type CannedAnswer, serveAnswers } from '../../testing/serve-answers.ts';

const MS = 1_800_000_000_000;
const sink = (more: object = {}): object => ({
  ...{ id: 'snk-1', tenant: 'acme', name: 'siem', enabled: true, delivered: 12, setAside: 1 },
  settings: { kind: 'splunk', url: 'https://hec.example' },
  ...{ position: 12, nextMs: MS, lastGoodMs: MS, failures: 0, error: null },
  ...more,
});
const listOf = (...sinks: object[]): CannedAnswer => ({ body: JSON.stringify({ sinks }) });

const folder = mkdtempSync(join(tmpdir(), 'countersign-sinks-'));
const tokenFile = join(folder, 'operator-token');
writeFileSync(tokenFile, 'operator-token-for-this-test\n');
writeFileSync(join(folder, 'hec.json'), '{"token":"t-1"}');
writeFileSync(join(folder, 'bad.json'), 't-1');
after(() => rmSync(folder, { recursive: true }));

async function asked(answers: Record<string, CannedAnswer>, ...args: string[]) {
  const server = await serveAnswers(answers);
  try {
    const environment = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN_FILE: tokenFile };
    const run = await runCli(['audit', 'sinks', ...args], { environment, workingFolder: folder });
    const sent = server.requests.map(({ method, url }) => `${method} ${url}`);
    return { ...run, sent, bodies: server.bodies };
  } finally {
    server.close();
  }
}

describe('audit sinks', () => {
  it('add sends what was typed, and the secret of a file', async () => {
    const answers = { '/api/v1/sinks': { status: 201, body: JSON.stringify(sink()) } };
    const add = ['add', 'acme/siem', '--kind', 'splunk', '--url', 'https://hec.example'];
    const run = await asked(answers, ...add, '--secret-file', 'hec.json', '--from-start');
    assert.equal(run.exitCode, 0, run.err);
    assert.deepEqual(JSON.parse(run.bodies[0] ?? ''), {
      ...{ tenant: 'acme', name: 'siem', from: 'start', secret: { token: 't-1' } },
      settings: { kind: 'splunk', url: 'https://hec.example' },
    });
    assert.equal((await asked(answers, ...add, '--secret-file', 'bad.json')).exitCode, 2);
    assert.equal((await asked(answers, ...add, '--secret-file', 'none.json')).exitCode, 2);
    assert.equal((await asked(answers, ...add, '--port', 'many')).exitCode, 2);
    assert.equal((await asked(answers, 'add', 'siem', '--kind', 'splunk')).exitCode, 2);
  });

  it('add shows the key of a webhook that the server made', async () => {
    const made = sink({ webhookKey: 'whsec_abc' });
    const answers = { '/api/v1/sinks': { status: 201, body: JSON.stringify(made) } };
    const { out } = await asked(
      answers,
      'add',
      'acme/siem',
      '--kind',
      'webhook',
      '--url',
      'https://x',
    );
    assert.match(out, /whsec_abc\n.*shown this once/);
  });

  it('list says what is wrong with whom, without moving the cursor, and ends with 1 then', async () => {
    const error = { code: 'sink_throttled', message: 'It answered 503\u001b[2J' };
    const answers = { '/api/v1/sinks': listOf(sink(), sink({ name: 'soc', error })) };
    const run = await asked(answers, 'list', '--tenant', 'acme');
    assert.equal(run.exitCode, 1);
    assert.deepEqual(run.sent, ['GET /api/v1/sinks?tenant=acme']);
    assert.match(run.out, /acme\/soc.*sink_throttled/);
    assert.ok(!run.out.includes('\u001b'));
    assert.equal((await asked({ '/api/v1/sinks': listOf(sink()) }, 'list')).exitCode, 0);
  });

  it('show, pause and remove find the sink by its name', async () => {
    const answers = {
      '/api/v1/sinks': listOf(sink()),
      '/api/v1/sinks/snk-1': { body: JSON.stringify(sink({ waiting: 3 })) },
      '/api/v1/sinks/snk-1/pause': { body: JSON.stringify(sink({ enabled: false })) },
    };
    assert.match(
      (await asked(answers, 'show', 'acme/siem')).out,
      /12 events delivered, 1 set aside, 3 wait/,
    );
    const paused = await asked(answers, 'pause', 'acme/siem');
    assert.deepEqual(paused.sent[1], 'POST /api/v1/sinks/snk-1/pause');
    assert.match(paused.out, /paused/);
    const removed = await asked(answers, 'remove', 'acme/siem', '--yes');
    assert.equal(removed.sent[1], 'DELETE /api/v1/sinks/snk-1');
    assert.equal((await asked(answers, 'show', 'acme/other')).exitCode, 2);
  });
});
