// docs/log.md, typed in by somebody who has just read it: every command, in order, against a real
// house, with what the reader fills in filled in.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { claimPort } from '../../scenarios/src/stage/claim-port.ts';
import { compiledSources } from '../../scenarios/src/stage/compiled-sources.ts';
import { commandsOf } from './read-guide.ts';
import { type House, runHouse } from './run-house.ts';

const ROOT = join(import.meta.dirname, '../..');
const CLI = join(ROOT, 'apps/cli/bin/countersign.js');

describe('the guide to the log', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-guide-'));
  let house: House;
  let port: number;
  before(async () => {
    house = await runHouse();
    port = await claimPort();
    const { resource, clients } = house.demo;
    const client = clients.find(({ secret }) => secret !== undefined) ?? assert.fail();
    const answer = await fetch(`${house.url}/${client.realm}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${client.clientId}:${client.secret}`)}` },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        resource: resource.identifier,
      }),
    });
    assert.equal(answer.status, 200);
    const tagKey = await house.operate('/tenants/acme/tag-key');
    writeFileSync(join(folder, 'acme.json'), JSON.stringify(tagKey));
    await untilPublished(house.url);
  });
  after(async () => {
    await house?.remove();
    rmSync(folder, { recursive: true });
  });

  /** Runs a command; one that goes on for ever is told to stop after its first line. */
  async function run(command: string): Promise<{ code: number | null; output: string }> {
    const child = spawn(process.execPath, [CLI, ...command.split(/\s+/)], {
      cwd: folder,
      env: {
        ...compiledSources(),
        PATH: process.env['PATH'],
        COUNTERSIGN_URL: house.url,
        COUNTERSIGN_DATA: house.data,
      },
    });
    const goesOn = command.startsWith('witness') || command.includes('--every');
    let [output, told] = ['', false];
    const hear = (text: Buffer): void => {
      output += text.toString();
      if (goesOn && !told && output.includes('\n')) told = child.kill('SIGTERM');
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', (text: Buffer) => {
      output += text.toString();
    });
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { code, output };
  }

  /** What the reader puts in the place of the guide's examples. */
  function fillIn(command: string): string {
    const policy = command.startsWith('witness')
      ? readFileSync(join(folder, 'log-policy.txt'), 'utf8')
      : '';
    return command
      .replaceAll('4711', '1')
      .replace('VKEY', /^log (\S+)/.exec(policy)?.[1] ?? 'VKEY')
      .replace(':4650', `:${port}`);
  }

  test('has commands that do what it says', async () => {
    const commands = commandsOf(readFileSync(join(ROOT, 'docs/log.md'), 'utf8'));
    assert.ok(commands.length >= 8);
    for (const command of commands) {
      const { code, output } = await run(fillIn(command));
      // There is no fork to prove in an honest house.
      const expected = command.includes('verify-evidence') ? 2 : 0;
      assert.equal(code, expected, `${command} ended with ${code}\n${output}`);
    }
    const recorded = readFileSync(join(folder, 'acme.ndjson'), 'utf8').trimEnd().split('\n');
    assert.equal(recorded.length, 1, 'the one token that was issued');
  });
});

/** Until the first checkpoint with entries is shown. */
async function untilPublished(url: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const answer = await fetch(`${url}/log/checkpoint`);
    if (answer.ok && Number((await answer.text()).split('\n')[1]) > 2) return;
    await sleep(50);
  }
  assert.fail('no checkpoint was shown');
}
