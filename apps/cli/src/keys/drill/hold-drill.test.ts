// What counts as a drill that was held, without a server: the goals, and what is refused to be drilled on.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { plainPaint } from '../../terminal/paint.ts';
import { runCli } from '../../testing/run-cli.ts';
import { serveAnswers } from '../../testing/serve-answers.ts';
import { drawDrill } from './draw-drill.ts';
import {
  type DrillTimes,
  missedGoals,
  secondsToLastAcceptance,
  type VerifierTimes,
} from './drill-times.ts';
import type { DrillVerifier } from './drill-verifiers.ts';
import { removeReporter } from './remove-reporter.ts';
import { runDrill } from './run-drill.ts';

const ours: VerifierTimes = {
  ...{ name: 'countersign 1', ours: true, reports: true, boundSeconds: 10, shown: 90 },
  ...{ lastAcceptanceSeconds: 4.2, accepting: false, refusal: 'key_quarantined' },
  ...{ newAccepted: 30, newRefused: [], sessions: { begun: 5, ended: 5, lastEndSeconds: 4.9 } },
};
const jose: VerifierTimes = {
  ...ours,
  ...{ name: 'jose', ours: false, reports: false, boundSeconds: 600, accepting: true, refusal: '' },
  ...{ lastAcceptanceSeconds: 7, sessions: { begun: 0, ended: 0, lastEndSeconds: 0 } },
};
const good: DrillTimes = {
  kid: 'k1',
  answeredSeconds: 0.2,
  verifiers: [ours, jose],
  issuing: { firstNewSeconds: 0.3, longestGapSeconds: 0.2, failed: [] },
};

describe('C-14 a drill', () => {
  it('is held when ours let go in time, although jose was not waited for', () => {
    assert.deepEqual(missedGoals(good), []);
    assert.equal(secondsToLastAcceptance(good), 4.2);
    const shown = { issuer: 'https://id.example/drill/device', missed: [], recorded: true };
    const text = drawDrill(good, shown, { paint: plainPaint, columns: 120 }).join('\n');
    assert.match(text, /Held {2}key k1 of https/);
    assert.match(
      text,
      /countersign 1 {2}yes +4\.20 s +< 10 s +5\/5 in 4\.90 s +30\/30 +key_quarantined/,
    );
    assert.match(text, /jose +no +still at 7\.00 s +≤ 600 s/);
  });

  it('is missed by each thing that is too late, and says which', () => {
    const change = (one: Partial<VerifierTimes>) => ({
      ...good,
      verifiers: [{ ...ours, ...one }, jose],
    });
    const sessions = { begun: 5, ended: 4, lastEndSeconds: 1 };
    const missed: [RegExp, DrillTimes][] = [
      [/countersign 1 accepted .* after more than 10 s/, change({ lastAcceptanceSeconds: 10 })],
      [/countersign 1 accepted .* after more than 10 s/, change({ accepting: true })],
      [/refused 1 tokens of the next key: key_unknown/, change({ newRefused: ['key_unknown'] })],
      [/was shown no token of the next key/, change({ newAccepted: 0 })],
      [/kept a session/, change({ sessions })],
      [/kept a session/, change({ sessions: { ...sessions, ended: 5, lastEndSeconds: 11 } })],
      [/jose accepted/, { ...good, verifiers: [ours, { ...jose, lastAcceptanceSeconds: 601 }] }],
      [/No token of another key/, { ...good, issuing: { ...good.issuing, firstNewSeconds: null } }],
      [/did not finish/, { ...good, answeredSeconds: null }],
    ];
    for (const [sentence, times] of missed) {
      const [first = '', ...others] = missedGoals(times);
      assert.match(first, sentence);
      assert.deepEqual(others, []);
    }
  });

  it('times who lets go when, and who never saw it coming', async () => {
    let revoked = false;
    const token = () => ({
      token: revoked ? 'new' : 'old',
      kid: revoked ? 'k2' : 'k1',
      expiresAtSeconds: 9e9,
    });
    const verifier = (name: string, graceMs: number): DrillVerifier => {
      let untilMs = Number.POSITIVE_INFINITY;
      return {
        ...{ name, ours: true, reports: false, boundSeconds: 10 },
        judge: async (text) => {
          if (revoked) untilMs = Math.min(untilMs, performance.now() + graceMs);
          return text === 'new' || performance.now() < untilMs ? '' : 'key_quarantined';
        },
        beginSession: async () => ({ ended: until(() => revoked) }),
        close: async () => {},
      };
    };
    const until = async (isSo: () => boolean): Promise<string> => {
      while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
      return 'key_quarantined';
    };
    const times = await runDrill({
      tokens: { request: async () => token() },
      verifiers: [verifier('quick', 0), verifier('slow', 300)],
      revoke: async () => {
        revoked = true;
        return null;
      },
      waitOthers: false,
      say: () => {},
    });
    const [quick, slow] = times.verifiers;
    assert.ok(quick && slow);
    assert.equal(times.kid, 'k1');
    assert.equal(quick.lastAcceptanceSeconds, 0);
    assert.ok(slow.lastAcceptanceSeconds > 0 && slow.lastAcceptanceSeconds < 10);
    assert.deepEqual(
      [quick.refusal, quick.accepting, quick.sessions.ended],
      ['key_quarantined', false, 5],
    );
    assert.ok(slow.newAccepted > 0);
    assert.deepEqual(missedGoals(times), []);
  });

  it('is not begun with verifiers that refuse genuine tokens', async () => {
    const broken: DrillVerifier = {
      ...{ name: 'broken', ours: true, reports: false, boundSeconds: 10 },
      judge: async () => 'feed_stale',
      close: async () => {},
    };
    const plan = {
      tokens: { request: async () => ({ token: 't', kid: 'k', expiresAtSeconds: 9e9 }) },
      verifiers: [broken],
      revoke: async () => assert.fail('the key was revoked'),
      waitOthers: false,
      say: () => {},
    };
    await assert.rejects(runDrill(plan), { code: 'scenario_failed' });
  });

  it('says which credential it leaves in force when that cannot be taken back', async () => {
    const told: string[] = [];
    const ask = async () => assert.fail('the server is away');
    await removeReporter({ ask }, 'rp-1', (text) => told.push(text));
    assert.match(told.join(''), /reporter rp-1 may still be in force.*the server is away/);
  });

  it('revokes no key but of a tenant that is named for drills', async () => {
    const server = await serveAnswers({});
    const folder = mkdtempSync(join(tmpdir(), 'countersign-drill-'));
    const tokenFile = join(folder, 'operator-token');
    writeFileSync(tokenFile, 'operator-token-of-this-very-test\n');
    try {
      for (const realm of [
        'acme/workforce',
        'drills/device',
        'drill',
        'drill/x',
        'drill-/device/',
        '',
      ]) {
        const args = ['keys', 'drill', '--json', '--server', server.url, '--token-file', tokenFile];
        const run = await runCli([...args, '--realm', realm]);
        assert.equal(run.exitCode, 2, realm);
      }
      for (const count of ['0', '65', '1.5', 'many']) {
        const args = ['keys', 'drill', '--json', '--server', server.url, '--token-file', tokenFile];
        assert.equal((await runCli([...args, '--verifiers', count])).exitCode, 2);
      }
      assert.equal(server.requests.length, 0);
    } finally {
      server.close();
      rmSync(folder, { recursive: true });
    }
  });
});
