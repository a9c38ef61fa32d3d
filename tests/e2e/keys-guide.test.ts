// docs/keys.md, typed in by somebody who has just read it: every command, in order, against a real
// house, with what the reader fills in filled in.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { compiledSources } from '../../scenarios/src/stage/compiled-sources.ts';
import { commandsOf } from './read-guide.ts';
import { type House, runHouse } from './run-house.ts';

const ROOT = join(import.meta.dirname, '../..');
const CLI = join(ROOT, 'apps/cli/bin/countersign.js');
const REALM = 'acme/workforce';
const DAY_MS = 86_400_000;
const HEALTHY_MS = 30_000;

/** As a shell would, as far as the guide needs one. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
}

describe('the guide to keys', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-guide-'));
  let house: House;
  before(async () => {
    // A standby may sign as soon as it is published: nobody here has a cache.
    house = await runHouse({ environment: { COUNTERSIGN_KEY_SCHEDULE: 'lead=1' } });
    for (const name of ['diagnostics', 'inbox', 'released', 'held'])
      mkdirSync(join(folder, name), { mode: 0o700 });
    for (const name of ['diagnostics', 'inbox'])
      writeFileSync(join(folder, name, 'signer.log'), 'nothing to see here\n');
    const { resource, clients } = house.demo;
    const client = clients.find(({ realm, secret }) => realm === REALM && secret !== undefined);
    const answer = await fetch(`${house.url}/${REALM}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${client?.clientId}:${client?.secret}`)}` },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        resource: resource.identifier,
      }),
    });
    assert.equal(answer.status, 200, await answer.text());
  });
  after(async () => {
    await house?.remove();
    rmSync(folder, { recursive: true });
  });

  async function run(command: string): Promise<{ code: number | null; output: string }> {
    const child = spawn(process.execPath, [CLI, ...wordsOf(command)], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...compiledSources(),
        PATH: process.env['PATH'],
        COUNTERSIGN_URL: house.url,
        COUNTERSIGN_DATA: house.data,
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => {
        output += text.toString();
      });
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { code, output };
  }

  /** Until every key has its standby, as it is some moments after a start and after a revocation. */
  async function untilHealthy(): Promise<void> {
    for (const deadlineMs = performance.now() + HEALTHY_MS; ; await sleep(200)) {
      const { code, output } = await run('keys list');
      if (code === 0) return;
      if (performance.now() > deadlineMs) assert.fail(`the keys do not become healthy:\n${output}`);
    }
  }

  /** What the guide cannot wait for: that the credentials of Alice and Bob are a day old. */
  function ageOperators(): void {
    const database = new DatabaseSync(join(house.data, 'countersign.db'), { timeout: 5000 });
    database.exec(`UPDATE directory_operator SET created_ms = created_ms - ${DAY_MS}`);
    database.close();
  }

  test('has commands that do what it says', { timeout: 240_000 }, async () => {
    await untilHealthy();
    const { keys } = (await house.operate(
      `/keys?issuer=${encodeURIComponent(`${house.url}/${REALM}`)}`,
    )) as { keys: { kid: string; state: string; counts: { journalled: number } }[] };
    const used = keys.find(({ counts }) => counts.journalled > 0) ?? assert.fail();
    let pauseId = '';
    const outputs = new Map<string, string>();
    const commands = commandsOf(readFileSync(join(ROOT, 'docs/keys.md'), 'utf8'));
    assert.ok(commands.length >= 20);
    for (const command of commands) {
      if (command.startsWith('keys pause propose')) ageOperators();
      if (command.startsWith('keys rotate')) await untilHealthy();
      const typed = command
        .replace('http://localhost:4600', house.url)
        .replace('.countersign/', `${house.data}/`)
        .replace('5f2Kq81bX0aa', used.kid.slice(0, 12))
        .replace('q8ZrT1mVbWcE0sYd4uJkLA', pauseId);
      const { code, output } = await run(typed);
      assert.equal(code, 0, `${typed} ended with ${code}\n${output}`);
      pauseId = /^ {2}pause +(\S+)$/m.exec(output)?.[1] ?? pauseId;
      outputs.set(command.split(' --')[0] ?? command, output);
    }
    const revoked = outputs.get('keys revoke 5f2Kq81bX0aa') ?? '';
    assert.match(revoked, /\d\.\d\d s {2}the feed tells verifiers to drop it/);
    assert.match(revoked, /\d\.\d\d s {2}the key set shows it no longer/);
    assert.match(revoked, /1 issued, 1 unexpired/);
    assert.match(outputs.get('keys pause approve q8ZrT1mVbWcE0sYd4uJkLA') ?? '', /running/);
    assert.match(outputs.get('keys rollback acme/workforce') ?? '', /Rolled back/);
    assert.ok(existsSync(join(folder, 'released', 'signer.log')));
  });

  test('C-12 leaves a record of who did what with which key', async () => {
    const { events } = (await house.operate(
      '/events?name=key.access,key.paused,key.pause_ended',
    )) as {
      events: { name: string; ocsf: { unmapped: { countersign: Record<string, unknown> } } }[];
    };
    const told = events.map(({ name, ocsf }) => {
      const { sub, extra, reason } = ocsf.unmapped.countersign;
      return [name, sub, (extra as { action?: string }).action ?? reason].join(' ');
    });
    for (const line of [
      'key.access operator exposure',
      'key.access alice revoke',
      'key.access operator rotate',
      'key.paused bob ',
      'key.pause_ended operator ended_early',
    ])
      assert.ok(told.includes(line), `${line} is not in ${told.join(', ')}`);
  });

  test('C-03 everybody sees that rotation was paused, for how long and why', async () => {
    const issuer = encodeURIComponent(`${house.url}/${REALM}`);
    const answer = await fetch(`${house.url}/api/v1/key-status?issuer=${issuer}`);
    const status = (await answer.json()) as Record<string, unknown>;
    assert.equal(status['paused'], null);
    assert.equal(status['pausesEver'], 1);
    const [pause] = status['pauses'] as Record<string, unknown>[];
    assert.equal(pause?.['reason'], 'year-end freeze');
    assert.ok(!JSON.stringify(status).includes('alice'));
  });
});
