// What the commands that ask a server do with its answers.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runCli } from '../testing/run-cli.ts';
import { type AnswerServer, serveAnswers } from '../testing/serve-answers.ts';

const TOKEN = 'operator-token-for-this-test';
const FINDING = {
  id: 'f1',
  class: 'forged',
  raisedMs: 1_800_000_000_000,
  kid: 'k1',
  issuer: 'http://localhost:4600/acme/workforce',
  count: 3,
  message: 'A token carries a valid signature\u001b[2J of our key.',
  quarantined: true,
};
const EVENT = {
  sequence: 7,
  timeMs: 1_800_000_000_000,
  name: 'token.issued',
  realm: 'acme/workforce',
  ocsf: { message: 'issued' },
};

describe('asking a server', () => {
  let folder: string;
  let tokenFile: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-cli-'));
    tokenFile = join(folder, 'operator-token');
    writeFileSync(tokenFile, `${TOKEN}\n`);
  });
  after(() => rmSync(folder, { recursive: true }));

  async function withServer(
    answers: Parameters<typeof serveAnswers>[0],
    job: (server: AnswerServer) => Promise<void>,
  ): Promise<void> {
    const server = await serveAnswers(answers);
    try {
      await job(server);
    } finally {
      server.close();
    }
  }

  it('ends findings with 1 when there are any, and sends the token of the file', () =>
    withServer(
      { '/api/v1/findings': { body: JSON.stringify({ findings: [FINDING] }) } },
      async (server) => {
        const run = await runCli([
          'findings',
          '--json',
          '--server',
          server.url,
          '--token-file',
          tokenFile,
        ]);
        assert.equal(run.exitCode, 1);
        const { ok, count, findings } = run.json();
        assert.deepEqual({ ok, count, findings }, { ok: false, count: 1, findings: [FINDING] });
        assert.equal(server.requests[0]?.headers.authorization, `Bearer ${TOKEN}`);
      },
    ));

  it('lets no server write control characters to the terminal', () =>
    withServer(
      { '/api/v1/findings': { body: JSON.stringify({ findings: [FINDING] }) } },
      async (server) => {
        const { out } = await runCli([
          'findings',
          '--server',
          server.url,
          '--token-file',
          tokenFile,
        ]);
        assert.match(out, /A token carries a valid signature/);
        assert.ok(!out.includes('\u001b'));
      },
    ));

  it('ends findings with 0 when there are none', () =>
    withServer({ '/api/v1/findings': { body: '{"findings":[]}' } }, async (server) => {
      const { exitCode, out } = await runCli([
        'findings',
        '--server',
        server.url,
        '--token-file',
        tokenFile,
      ]);
      assert.equal(exitCode, 0);
      assert.match(out, /Nothing found/);
    }));

  it('passes the filters of events on and draws what comes back', () =>
    withServer(
      { '/api/v1/events': { body: JSON.stringify({ events: [EVENT], next: 7 }) } },
      async (server) => {
        const environment = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN_FILE: tokenFile };
        const args = [
          'events',
          '--name',
          'token.issued',
          '--tenant',
          'acme',
          '--after',
          '6',
          '--limit',
          '1',
        ];
        const { exitCode, out } = await runCli(args, { environment });
        assert.equal(exitCode, 0);
        assert.match(
          out,
          /7 {2}2027-01-15 08:00:00Z {2}token\.issued {2}acme\/workforce {2}issued/,
        );
        assert.equal(
          server.requests[0]?.url,
          '/api/v1/events?after=6&limit=1&name=token.issued&tenant=acme',
        );
      },
    ));

  it('finds the operator token in the data folder', () =>
    withServer({ '/api/v1/findings': { body: '{"findings":[]}' } }, async (server) => {
      const environment = { COUNTERSIGN_TOKEN_FILE: 'operator-token', COUNTERSIGN_URL: server.url };
      const { exitCode } = await runCli(['findings'], { environment, workingFolder: folder });
      assert.equal(exitCode, 0);
    }));

  it('ends with 1 and the reason of the server when it refuses', () =>
    withServer(
      { '/api/v1/findings': { status: 401, body: '{"title":"This needs the operator token."}' } },
      async (server) => {
        const run = await runCli([
          'findings',
          '--json',
          '--server',
          server.url,
          '--token-file',
          tokenFile,
        ]);
        assert.equal(run.exitCode, 1);
        const { code, message } = run.json()['error'] as { code: string; message: string };
        assert.equal(code, 'server_refused');
        assert.match(message, /401.*This needs the operator token/);
      },
    ));

  const bad: [string, string][] = [
    ['HTML', '<html>'],
    ['a list that is missing', '{}'],
    ['a list that is none', '{"findings":3}'],
    ['a list of other things', '{"findings":[3]}'],
  ];
  for (const [name, body] of bad) {
    it(`ends with 1 for an answer with ${name}`, () =>
      withServer({ '/api/v1/findings': { body } }, async (server) => {
        const run = await runCli([
          'findings',
          '--json',
          '--server',
          server.url,
          '--token-file',
          tokenFile,
        ]);
        assert.equal(run.exitCode, 1);
        assert.equal((run.json()['error'] as { code: string }).code, 'answer_malformed');
      }));
  }

  it('follows no redirect with the credential', () =>
    withServer(
      { '/api/v1/findings': { status: 302, body: '', headers: { location: '/elsewhere' } } },
      async (server) => {
        const run = await runCli([
          'findings',
          '--json',
          '--server',
          server.url,
          '--token-file',
          tokenFile,
        ]);
        assert.equal(run.exitCode, 1);
        assert.equal(server.requests.length, 1);
      },
    ));

  it('sends no credential over plain http to another machine', async () => {
    const run = await runCli([
      'findings',
      '--json',
      '--server',
      'http://192.0.2.1',
      '--token-file',
      tokenFile,
    ]);
    assert.equal(run.exitCode, 2);
    assert.match(JSON.stringify(run.json()), /https only/);
  });

  it('says that nothing listens where nothing does', async () => {
    const server = await serveAnswers({});
    server.close();
    const run = await runCli(['health', '--json', '--server', server.url]);
    assert.equal(run.exitCode, 1);
    assert.match(JSON.stringify(run.json()), /nothing listens there/);
  });

  it('calls a server healthy only when it is ready as well', () =>
    withServer(
      { '/healthz': { body: '{}' }, '/readyz': { status: 503, body: '{"signer":"down"}' } },
      async (server) => {
        const run = await runCli(['health', '--json', '--server', server.url]);
        assert.equal(run.exitCode, 1);
        const { alive, ready } = run.json();
        assert.deepEqual({ alive, ready }, { alive: true, ready: false });
      },
    ));
});
