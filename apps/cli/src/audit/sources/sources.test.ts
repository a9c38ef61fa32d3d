// What the commands about sources send, draw and end with.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runCli } from '../../testing/run-cli.ts';
import { type CannedAnswer, serveAnswers } from '../../testing/serve-answers.ts';

const MS = 1_800_000_000_000;
const source = (more: object = {}): object => ({
  ...{ id: 'src-1', tenant: 'acme', name: 'okta', enabled: true, records: 120, failures: 0 },
  settings: { kind: 'okta', secret: 'acme-okta', url: 'https://acme.okta.com' },
  ...{ nextMs: MS, lastTurnMs: MS, lastGoodMs: MS, watermarkMs: MS, error: null },
  ...more,
});
const listOf = (...sources: object[]): CannedAnswer => ({ body: JSON.stringify({ sources }) });

const folder = mkdtempSync(join(tmpdir(), 'countersign-sources-'));
const tokenFile = join(folder, 'operator-token');
writeFileSync(tokenFile, 'operator-token-for-this-test\n');
after(() => rmSync(folder, { recursive: true }));

async function asked(answers: Record<string, CannedAnswer>, ...args: string[]) {
  const server = await serveAnswers(answers);
  try {
    const environment = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN_FILE: tokenFile };
    const run = await runCli(['audit', 'sources', ...args], { environment, workingFolder: folder });
    const sent = server.requests.map(({ method, url }) => `${method} ${url}`);
    return { ...run, sent, bodies: server.bodies };
  } finally {
    server.close();
  }
}

describe('audit sources', () => {
  it('add sends settings without a credential, and no numbers that are none', async () => {
    const answers = { '/api/v1/sources': { status: 201, body: JSON.stringify(source()) } };
    const add = ['add', 'acme/okta', '--kind', 'okta', '--secret', 'acme-okta'];
    const run = await asked(
      answers,
      ...add,
      '--url',
      'https://acme.okta.com',
      '--backfill-days',
      '3',
    );
    assert.equal(run.exitCode, 0, run.err);
    assert.deepEqual(JSON.parse(run.bodies[0] ?? ''), {
      ...{ tenant: 'acme', name: 'okta' },
      settings: {
        ...{ kind: 'okta', secret: 'acme-okta', url: 'https://acme.okta.com', backfillDays: 3 },
      },
    });
    assert.equal((await asked(answers, ...add, '--every-seconds', 'often')).exitCode, 2);
    assert.equal((await asked(answers, 'add', 'okta', '--kind', 'x', '--secret', 'y')).exitCode, 2);
  });

  it('list says what is wrong with whom, and ends with 1 then', async () => {
    const error = { code: 'source_refused', message: 'acme.okta.com does not let us read: 401.' };
    const good = await asked({ '/api/v1/sources': listOf(source()) }, 'list');
    assert.equal(good.exitCode, 0);
    assert.match(good.out, /acme\/okta +okta +2027-01-15 08:00:00Z +120 +read/);
    const bad = await asked({ '/api/v1/sources': listOf(source({ error })) }, 'list');
    assert.equal(bad.exitCode, 1);
    assert.match(bad.out, /does not let us read: 401\. \(next try 2027/);
    const json = (
      await asked({ '/api/v1/sources': listOf(source({ error })) }, 'list', '--json')
    ).json();
    assert.deepEqual([json['ok'], json['failing']], [false, 1]);
  });

  it('pause, resume, pull and remove find a source by its name', async () => {
    const paused = { body: JSON.stringify(source({ enabled: false })) };
    for (const act of ['pause', 'resume', 'pull']) {
      const answers = {
        '/api/v1/sources': listOf(source()),
        [`/api/v1/sources/src-1/${act}`]: paused,
      };
      const run = await asked(answers, act, 'acme/okta');
      assert.equal(run.exitCode, 0, run.err);
      assert.deepEqual(run.sent, [
        'GET /api/v1/sources?tenant=acme',
        `POST /api/v1/sources/src-1/${act}`,
      ]);
      assert.match(run.out, /paused/);
    }
    const answers = {
      '/api/v1/sources': listOf(source()),
      '/api/v1/sources/src-1': { body: JSON.stringify(source()) },
    };
    const removed = await asked(answers, 'remove', 'acme/okta', '--yes');
    assert.equal(removed.exitCode, 0, removed.err);
    assert.equal((await asked(answers, 'pause', 'acme/other')).exitCode, 2);
  });
});
