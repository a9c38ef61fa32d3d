// docs/risk.md, typed in by somebody who has just read it: every command that takes no minutes, in order,
// against a real house that has judged something; and what the page says of policies, read as a policy.

import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runCli } from '../../apps/cli/src/testing/run-cli.ts';
import { commandsOf } from './read-guide.ts';
import { type House, runHouse } from './run-house.ts';

const ROOT = join(import.meta.dirname, '../..');
const GUIDE = readFileSync(join(ROOT, 'docs/risk.md'), 'utf8');
const REALM = 'acme/workforce';
const SIGN_INS = 'packages/sources/fixtures/entra/sign-ins-graph.json';

/** As a shell would, as far as the guide needs one. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
}

describe('the guide to risk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-guide-'));
  let house: House;

  before(async () => {
    house = await runHouse();
    const { resource, clients } = house.demo;
    const client = clients.find(({ realm, secret }) => realm === REALM && secret !== undefined);
    const form = { grant_type: 'client_credentials', resource: resource.identifier };
    for (let count = 0; count < 3; count += 1) {
      const answer = await fetch(`${house.url}/${REALM}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${client?.clientId}:${client?.secret}`)}` },
        body: new URLSearchParams(form),
      });
      assert.equal(answer.status, 200);
    }
    copyFileSync(join(ROOT, SIGN_INS), join(folder, 'sign-ins.json'));
    writeFileSync(join(folder, 'sterner.json'), policyOfGuide());
  });
  after(async () => {
    await house?.remove();
    rmSync(folder, { recursive: true });
  });

  function policyOfGuide(): string {
    const [, policy] = /```json\n([\s\S]*?)```/.exec(GUIDE) ?? [];
    return policy ?? assert.fail('the guide shows no policy');
  }

  /** In this process: starting one for each command would take most of the time of this file. */
  async function run(command: string) {
    const environment = { COUNTERSIGN_URL: house.url, COUNTERSIGN_DATA: house.data };
    return await runCli(wordsOf(command), { workingFolder: folder, environment });
  }

  test('has commands that do what it says', { timeout: 240_000 }, async () => {
    const listed = (await run('risk score --tenant acme --reason test --json')).json();
    const [first] = listed['assessments'] as { id: string }[];
    assert.ok(first !== undefined, 'nothing was judged');
    const commands = commandsOf(GUIDE);
    assert.ok(commands.length >= 13);
    for (const command of commands) {
      const { exitCode, out, err } = await run(command.replace('at-4711', first.id));
      assert.equal(exitCode, 0, `${command} ended with ${exitCode}\n${out}${err}`);
    }
  });

  test('shows a policy that the house takes', async () => {
    const answer = await fetch(`${house.url}/api/v1/risk/policy?tenant=acme`, {
      method: 'PUT',
      headers: {
        authorization: `Bearer ${house.operatorToken}`,
        'content-type': 'application/json',
        'countersign-reason': 'test',
      },
      body: policyOfGuide(),
    });
    assert.equal(answer.status, 200, await answer.text());
  });

  test('shows commands that are not typed in here with options that there are', async () => {
    const lines =
      /(?:^npx countersign |`)(risk (?:evaluate|train|rollback|person)|passkeys remove) ([^`\n]+)/gm;
    const shown = [...GUIDE.matchAll(lines)];
    assert.ok(shown.length >= 8);
    for (const [, command = '', rest = ''] of shown) {
      const { out } = await run(`${command} --help`);
      for (const [option] of rest.matchAll(/--[a-z-]+/g)) {
        if (option !== '--json') assert.ok(out.includes(option), `${command} has no ${option}`);
      }
    }
  });
});
