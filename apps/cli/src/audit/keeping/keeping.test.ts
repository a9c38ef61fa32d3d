// What the commands about keeping send, draw and end with.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runCli } from '../../testing/run-cli.ts';
import { type CannedAnswer, serveAnswers } from '../../testing/serve-answers.ts';

const MS = 1_800_000_000_000;
const folder = mkdtempSync(join(tmpdir(), 'countersign-keeping-'));
const tokenFile = join(folder, 'operator-token');
writeFileSync(tokenFile, 'operator-token-for-this-test\n');
after(() => rmSync(folder, { recursive: true }));

async function asked(answers: Record<string, CannedAnswer>, ...args: string[]) {
  return askedOf(answers, args, true);
}

async function askedOf(answers: Record<string, CannedAnswer>, args: string[], agree: boolean) {
  const server = await serveAnswers(answers);
  try {
    const environment = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN_FILE: tokenFile };
    const run = await runCli(['audit', ...args], {
      ...{ environment, workingFolder: folder, confirm: () => agree },
    });
    const sent = server.requests.map(({ method, url }) => `${method} ${url}`);
    return { ...run, sent, bodies: server.bodies };
  } finally {
    server.close();
  }
}

const segment = {
  segment: 1,
  first: 1,
  last: 12,
  state: 'anchored',
  sealedMs: MS,
  keepUntilMs: MS,
};

describe('audit segments', () => {
  it('draws what is sealed, and ends with 1 when a file cannot be read', async () => {
    const body = { segments: [segment], unreadable: [] as object[] };
    const good = await asked({ '/api/v1/segments': { body: JSON.stringify(body) } }, 'segments');
    assert.equal(good.exitCode, 0, good.err);
    assert.match(good.out, /1-12 +anchored/);
    body.unreadable.push({ file: 'acme/1.parquet', trouble: 'missing' });
    const bad = await asked({ '/api/v1/segments': { body: JSON.stringify(body) } }, 'segments');
    assert.equal(bad.exitCode, 1);
    assert.match(bad.out, /missing acme\/1\.parquet/);
  });
});

describe('audit retention', () => {
  const body = JSON.stringify({ tenant: 'acme', profile: 'm-21-31', months: 30 });

  it('shows the profile, and sends the one that is set', async () => {
    const shown = await asked({ '/api/v1/retention': { body } }, 'retention', '--tenant', 'acme');
    assert.deepEqual(shown.sent, ['GET /api/v1/retention?tenant=acme']);
    assert.match(shown.out, /m-21-31, 30 months/);
    const args = ['retention', '--tenant', 'acme', '--set', 'm-21-31', '--json'];
    const set = await asked({ '/api/v1/retention': { body } }, ...args);
    assert.deepEqual(set.sent, ['PUT /api/v1/retention']);
    assert.deepEqual(JSON.parse(set.bodies[0] ?? ''), { profile: 'm-21-31', tenant: 'acme' });
    assert.deepEqual(set.json()['retention'], JSON.parse(body));
  });
});

describe('audit erase', () => {
  const erasure = { id: 'er-1', state: 'asked', askedMs: MS, reason: 'request 7' };

  it('asks first, and sends whom and why', async () => {
    const answers = { '/api/v1/erasures': { status: 202, body: JSON.stringify(erasure) } };
    const why = ['--tenant', 'acme', '--because', 'request 7'];
    const refused = await askedOf(answers, ['erase', 'p-1', ...why], false);
    assert.deepEqual(refused.sent, []);
    assert.notEqual(refused.exitCode, 0);
    const { bodies, out } = await asked(answers, 'erase', 'p-1', ...why, '--yes');
    assert.deepEqual(JSON.parse(bodies[0] ?? ''), {
      ...{ subject: 'p-1', reason: 'request 7', tenant: 'acme' },
    });
    assert.match(out, /er-1/);
  });

  it('lists what was asked for', async () => {
    const body = JSON.stringify({ erasures: [{ ...erasure, state: 'done', events: 12 }] });
    const { out, exitCode } = await asked({ '/api/v1/erasures': { body } }, 'erase', '--list');
    assert.equal(exitCode, 0);
    assert.match(out, /er-1 +done/);
  });
});
