// docs/audit.md, typed in by somebody who has just read it: every command, in order, against a real house
// whose record has something in it; and everything that house recorded, held against the OCSF schema.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runCli } from '../../apps/cli/src/testing/run-cli.ts';
import { OcsfSchema, ocsfSchemaIsHere } from '../../packages/audit/src/testing/ocsf-schema.ts';
import { commandsOf } from './read-guide.ts';
import { type House, runHouse } from './run-house.ts';
import { until } from './wait-until.ts';

const ROOT = join(import.meta.dirname, '../..');
const REALM = 'acme/workforce';

/** As a shell would, as far as the guide needs one. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|\S+/g)].map(
    ([word, double, single]) => double ?? single ?? word,
  );
}

interface Line {
  class_uid: number;
  metadata: { event_code: string; profiles?: string[] };
  unmapped: { countersign: { integrity: { number: number } } };
}

describe('the guide to the audit trail', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-guide-'));
  let house: House;
  before(async () => {
    house = await runHouse();
    const { resource, clients } = house.demo;
    const client = clients.find(({ realm, secret }) => realm === REALM && secret !== undefined);
    const authorization = `Basic ${btoa(`${client?.clientId}:${client?.secret}`)}`;
    const post = async (path: string, body: Record<string, string>): Promise<Response> =>
      fetch(`${house.url}/${REALM}/${path}`, {
        ...{ method: 'POST', headers: { authorization }, body: new URLSearchParams(body) },
      });
    const answer = await post('token', {
      ...{ grant_type: 'client_credentials', resource: resource.identifier },
    });
    assert.equal(answer.status, 200);
    const { access_token: token } = (await answer.json()) as { access_token: string };
    await post('token/introspection', { token });
    await post('token/revocation', { token });
    await until('the record is anchored', anchored);
  });
  after(async () => {
    await house?.remove();
    rmSync(folder, { recursive: true });
  });

  async function anchored(): Promise<boolean> {
    const { status } = await fetch(`${house.url}/api/v1/audit/anchor?tenant=acme`, {
      headers: { authorization: `Bearer ${house.operatorToken}`, 'countersign-reason': 'test' },
    });
    return status === 200;
  }

  /** In this process: starting one for each command would take most of the time of this file. */
  async function run(command: string): Promise<{ code: number; output: string }> {
    const environment = { COUNTERSIGN_URL: house.url, COUNTERSIGN_DATA: house.data };
    const done = await runCli(wordsOf(command), { workingFolder: folder, environment });
    return { code: done.exitCode, output: done.out + done.err };
  }

  async function someKid(): Promise<string> {
    const issuer = encodeURIComponent(`${house.url}/${REALM}`);
    const { keys } = (await house.operate(`/keys?issuer=${issuer}`)) as { keys: { kid: string }[] };
    return keys[0]?.kid ?? assert.fail('there is no key');
  }

  test('has commands that do what it says', { timeout: 240_000 }, async () => {
    const kid = await someKid();
    const commands = commandsOf(readFileSync(join(ROOT, 'docs/audit.md'), 'utf8'));
    assert.ok(commands.length >= 15);
    for (const command of commands) {
      const { code, output } = await run(command.replace('5f2Kq81bX0aa', kid.slice(0, 12)));
      assert.equal(code, 0, `${command} ended with ${code}\n${output}`);
    }
    const exported = readFileSync(join(folder, 'acme.ndjson'), 'utf8').trim().split('\n');
    const numbers = exported.map(
      (line) => (JSON.parse(line) as Line).unmapped.countersign.integrity.number,
    );
    assert.deepEqual(
      numbers,
      numbers.map((_, at) => at + 1),
      'what was resumed fits to what was there',
    );
  });

  test('ends with evidence that is proven offline, with what the house published', async () => {
    const policy = await fetch(`${house.url}/api/v1/log-policy`);
    writeFileSync(join(folder, 'policy'), await policy.text());
    const { code, output } = await run('audit verify acme.evidence --policy policy --json');
    assert.equal(code, 0, output);
    assert.equal((JSON.parse(output) as { verdict: string }).verdict, 'whole');
  });

  const absent = !ocsfSchemaIsHere && process.env['CI'] !== 'true';
  test('records nothing that is not valid OCSF 1.8', { skip: absent && 'no schema' }, async () => {
    const schema = new OcsfSchema();
    const seen = new Set<string>();
    for (const tenant of ['acme', '_installation']) {
      const file = `${tenant}.all`;
      const { code, output } = await run(
        `audit export --tenant ${tenant} --output ${file} --reason check`,
      );
      assert.equal(code, 0, output);
      for (const line of readFileSync(join(folder, file), 'utf8').trim().split('\n')) {
        const event = JSON.parse(line) as Line;
        seen.add(event.metadata.event_code);
        assert.deepEqual(schema.problems(event), [], line);
      }
    }
    for (const name of ['audit.started', 'tenant.created', 'client.created', 'account.created'])
      assert.ok(seen.has(name), name);
    for (const name of ['token.issued', 'token.introspected', 'token.revoked', 'jwks.published'])
      assert.ok(seen.has(name), name);
    for (const name of ['reader.created', 'audit.read', 'audit.exported', 'search.saved'])
      assert.ok(seen.has(name), name);
  });
});
