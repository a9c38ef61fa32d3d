// What `countersign risk score`, `explain` and `simulate-policy` say, of files and of a server.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runCli } from '../testing/run-cli.ts';
import { serveAnswers } from '../testing/serve-answers.ts';

const DAY_MS = 86_400_000;
const START_MS = 1_795_000_000_000;
const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0';

const line = (id: string, timeMs: number, more: object = {}) =>
  JSON.stringify({
    ...{ id, kind: 'sign_in', timeMs, realm: 'acme/workforce', subjectKind: 'person' },
    ...{ subject: 'p-1', clientId: 'mail', outcome: 'success' },
    surroundings: { ip: '84.208.20.7', userAgent: CHROME, language: 'nb' },
    ...more,
  });

/** A month from home, then once from elsewhere in every way at 4 in the night. */
const LOG = [
  ...Array.from({ length: 30 }, (_, day) => line(`a${day}`, START_MS + day * DAY_MS)),
  line('odd', START_MS + 30 * DAY_MS + 14_400_000, {
    surroundings: { ip: '87.246.128.9', userAgent: FIREFOX, language: 'lv' },
  }),
  line('failed', START_MS + 31 * DAY_MS, { outcome: 'failure', failure: 'wrong_password' }),
  'no record at all',
].join('\n');

describe('countersign risk', () => {
  let folder: string;
  let file: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-cli-risk-'));
    file = join(folder, 'attempts.ndjson');
    writeFileSync(file, LOG);
  });
  after(() => rmSync(folder, { recursive: true }));

  test('score finds the sign-in that is like none before, and says why', async () => {
    const run = await runCli(['risk', 'score', file, '--json']);
    const told = run.json() as {
      scored: number;
      failures: number;
      levels: Record<string, number>;
      assessments: { id: string; score: number; reasons: { sentence: string }[] }[];
      read: { problems: object[] };
    };
    assert.deepEqual([told.scored, told.failures, told.read.problems.length], [31, 1, 1]);
    const [first, second] = told.assessments;
    assert.equal(first?.id, 'odd');
    assert.ok((first?.score ?? 0) > 50 && (second?.score ?? 100) < 50, JSON.stringify(first));
    assert.ok((first?.reasons.length ?? 0) > 0);
    assert.equal(run.exitCode, told.levels['high'] === 0 ? 0 : 1);
  });

  test('score takes one record in two files for one sign-in, and text fits a terminal', async () => {
    const run = await runCli(['risk', 'score', file, file, '--limit', '3']);
    assert.match(run.out, /31 sign-ins scored/);
    for (const shown of run.out.split('\n')) assert.ok(shown.length <= 100, shown);
  });

  test('simulate-policy says how many, whom, and who would never have got in', async () => {
    const policy = join(folder, 'policy.json');
    const rule = { name: 'nobody odd', when: { score: 50 }, action: 'step_up' };
    writeFileSync(policy, JSON.stringify({ version: 1, name: 'strict', rules: [rule] }));
    const run = await runCli(['risk', 'simulate-policy', '--policy', policy, file, '--json']);
    const { simulation } = run.json() as {
      simulation: { total: Record<string, number>; people: { neverIn: number; denied: number } };
    };
    assert.deepEqual(simulation.total['deny'], 1);
    assert.deepEqual([simulation.people.denied, simulation.people.neverIn], [1, 0]);
    const late = ['--since', '12h', '--policy', policy, file];
    const last = await runCli(['risk', 'simulate-policy', ...late, '--passkeys', 'all', '--json']);
    assert.equal(last.exitCode, 0);
    const text = await runCli(['risk', 'simulate-policy', '--policy', policy, file]);
    assert.match(text.out, /strict on 31 acts/);
  });

  test('a wrong policy, population, limit or file is wrong use', async () => {
    const bad = join(folder, 'bad.json');
    writeFileSync(bad, '{"version":1,"name":"x","rules":[{"aktion":"deny"}]}');
    for (const args of [
      ['simulate-policy', '--policy', bad, file],
      ['simulate-policy', '--policy', join(folder, 'none.json'), file],
      ['score', join(folder, 'none.json')],
      ['score', file, '--population', 'everybody'],
      ['score', file, '--limit', '0'],
      ['score', file, '--model', file],
    ]) {
      const run = await runCli(['risk', ...args]);
      assert.equal(run.exitCode, 2, args.join(' '));
    }
  });

  test('explain draws what the server knows, and lets it write nothing to the terminal', async () => {
    const token = join(folder, 'token');
    writeFileSync(token, 'operator-token-for-this-test\n');
    const body = JSON.stringify({
      ...{ id: 'ra-1', timeMs: START_MS, kind: 'sign_in', realm: 'acme/workforce' },
      ...{ subject: 'p-1', score: 61.3, level: 'medium', action: 'step_up', state: 'scored' },
      reasons: [
        { code: 'country_unusual', sentence: 'Country: usually NO,\u001b[2J now LV.', share: 0.8 },
      ],
      counterfactual: 'Below medium if the country were known.',
      heads: { relation: { tail: 0.002 } },
      ...{ detections: [], where: { country: 'LV' }, model: 'default-1', degraded: [] },
      history: [{ kind: 'feedback', word: 'was_me', timeMs: START_MS }],
    });
    const server = await serveAnswers({ '/api/v1/risk/assessments/ra-1': { body } });
    try {
      const asked = ['--server', server.url, '--token-file', token];
      const run = await runCli(['risk', 'explain', 'ra-1', ...asked]);
      assert.equal(run.exitCode, 0);
      assert.match(run.out, /usually NO,.{1,6} now LV\. \(80 %\)/);
      assert.match(run.out, /1 in 500 legitimate/);
      assert.ok(!run.out.includes('\u001b'));
      assert.equal((await runCli(['risk', 'explain', 'ra-2', ...asked])).exitCode, 1);
    } finally {
      server.close();
    }
  });
});
