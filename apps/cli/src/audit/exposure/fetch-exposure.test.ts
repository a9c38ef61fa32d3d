// `countersign audit exposure` without files: what is asked of the server, and what is made of its answer.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Exposure } from '@countersign/matching';
import { runCli } from '../../testing/run-cli.ts';
import { type AnswerServer, serveAnswers } from '../../testing/serve-answers.ts';

const PATH = '/api/v1/audit/exposure';

function answered(): string {
  const exposure = new Exposure({ kind: 'key', value: 'k-1' });
  const mail = {
    ...{
      at: 'event-1',
      source: 'countersign',
      key: 'event-1',
      kid: 'k-1',
      timeMs: 1_795_289_400_000,
    },
    facts: {
      ...{ kind: 'access' as const, outcome: 'success' as const, operation: 'read' },
      persons: ['sub:ana\u001b[2J'],
      items: [{ kind: 'mail' as const, id: '<a>', in: 'ana' }],
    },
  };
  exposure.learn(mail);
  exposure.add(mail);
  return JSON.stringify({ exposure: exposure.report(), keyExposure: { tokens: 2 } });
}

describe('countersign audit exposure, from the server', () => {
  let folder: string;
  const servers: AnswerServer[] = [];
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-cli-'));
    writeFileSync(join(folder, 'token'), 'csa.AAAAAAAAAAAAAAAAAAAAAA.secret-secret');
  });
  after(() => {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
  });

  async function ask(body: string, args: string[], status = 200) {
    const server = await serveAnswers({ [PATH]: { body, status } });
    servers.push(server);
    const run = await runCli(
      ['audit', 'exposure', ...args, '--server', server.url, '--token-file', 'token'],
      { workingFolder: folder },
    );
    return { ...run, request: server.requests[0] };
  }

  test('asks with the credential, the tenant and the reason, and hands on the answer', async () => {
    const args = [
      '--key',
      'k-1',
      '--tenant',
      'acme',
      '--reason',
      'Vorfall Ä',
      '--listed',
      '5',
      '--json',
    ];
    const { exitCode, json, request } = await ask(answered(), args);
    assert.equal(exitCode, 0);
    const url = new URL(request?.url ?? '', 'http://x');
    assert.deepEqual(Object.fromEntries(url.searchParams), {
      key: 'k-1',
      tenant: 'acme',
      listed: '5',
    });
    assert.equal(request?.headers['countersign-reason'], encodeURIComponent('Vorfall Ä'));
    assert.match(String(request?.headers.authorization), /^Bearer csa\./);
    const told = json() as unknown as {
      offline: boolean;
      touched: { items: number };
      keyExposure: object;
    };
    assert.deepEqual(
      [told.offline, told.touched.items, told.keyExposure],
      [false, 1, { tokens: 2 }],
    );
  });

  test('draws it, and lets no name move the cursor', async () => {
    const { out } = await ask(answered(), ['--key', 'k-1']);
    assert.match(out, /1 item of 1 person in 1 tenant/);
    assert.match(out, /What the ledger says of the key\n +2 tokens issued/);
    assert.ok(!out.includes('\u001b'));
  });

  test('says what the server refused, and what is no exposure', async () => {
    const refusal = JSON.stringify({ title: 'An operator says why.', code: 'reason_needed' });
    const refused = await ask(refusal, ['--token', 'a', '--json'], 403);
    assert.equal(refused.exitCode, 1);
    assert.match(refused.out, /An operator says why/);
    for (const body of ['{}', '{"exposure":[]}', '{"exposure":{"touched":1}}']) {
      const { exitCode, out } = await ask(body, ['--token', 'a', '--json']);
      assert.equal(exitCode, 1);
      assert.match(out, /answer_malformed/);
    }
  });
});
