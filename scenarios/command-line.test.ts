// The command line against a real server, as a user meets it: a token explained, a policy pinned,
// the record read.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { draftToken, signDraft } from './src/attack/forge-token.ts';
import { stealKey } from './src/attack/steal-keys.ts';
import { getBoundToken } from './src/stage/bound-client.ts';
import { compiledSources } from './src/stage/compiled-sources.ts';
import { type GenuineToken, registerMachineClient } from './src/stage/machine-client.ts';
import { operatorOf } from './src/stage/operator.ts';
import { type StageServer, startServer } from './src/stage/start-server.ts';

const CLI = join(import.meta.dirname, '../apps/cli/bin/countersign.js');
const AUDIENCE = 'https://mail.acme.example';

interface Check {
  name: string;
  outcome: string;
  sentence: string;
  code: string | null;
}

describe('the command line before a real server', () => {
  let server: StageServer;
  let issuer: string;
  let genuine: GenuineToken;
  let forged: string;
  let environment: Record<string, string>;

  function countersign(args: string[], input = '') {
    const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
      encoding: 'utf8',
      input,
      cwd: server.data,
      env: { ...compiledSources(), PATH: process.env['PATH'] ?? '', ...environment },
    });
    return { status, stdout, stderr, json: () => JSON.parse(stdout) as Record<string, unknown> };
  }

  before(async () => {
    server = await startServer();
    const operator = operatorOf(server);
    environment = { COUNTERSIGN_URL: server.url, COUNTERSIGN_DATA: server.data };
    await operator.post('/api/v1/resources', {
      tenant: 'acme',
      identifier: AUDIENCE,
      name: 'Mail',
    });
    const client = await registerMachineClient(server, operator, {
      realm: 'acme/workforce',
      audience: AUDIENCE,
    });
    issuer = client.issuer;
    genuine = await client.getToken();
    const key = stealKey(server, issuer);
    forged = signDraft(draftToken(key, genuine.claims, { sub: 'someone-else' }));
  });
  after(() => server.stop());

  it('accepts a genuine token, explains every check and asks the log', () => {
    const { status, json, stderr } = countersign(
      ['verify', '-', '--issuer', issuer, '--audience', AUDIENCE, '--json'],
      genuine.token,
    );
    assert.equal(status, 0, stderr);
    const { ok, code, policy, checks, assumed, claims } = json();
    assert.deepEqual({ ok, code, assumed }, { ok: true, code: null, assumed: ['type'] });
    assert.equal((policy as { source: string }).source, 'fetched');
    assert.deepEqual(claims, genuine.claims);
    const list = checks as Check[];
    assert.ok(list.length >= 20);
    assert.ok(list.every(({ outcome, sentence }) => outcome !== 'failed' && sentence !== ''));
    assert.equal(list.find(({ name }) => name === 'log')?.outcome, 'passed');
  });

  it('says in words that a fetched policy is trust on first use', () => {
    const { status, stdout } = countersign(['verify', '-', '--issuer', issuer], genuine.token);
    assert.equal(status, 0);
    assert.match(stdout, /GENUINE/);
    assert.match(stdout, /trust on first use, not pinned/);
    assert.match(stdout, /No --audience was given/);
  });

  it('refuses a forgery, names the check and shows nobody’s word as claims', () => {
    const args = ['verify', '-', '--issuer', issuer, '--audience', AUDIENCE];
    const { status, json } = countersign([...args, '--json'], forged);
    assert.equal(status, 1);
    const { ok, code, claims, checks } = json();
    assert.deepEqual({ ok, code, claims }, { ok: false, code: 'receipt_missing', claims: null });
    const failed = (checks as Check[]).filter(({ outcome }) => outcome === 'failed');
    assert.deepEqual(
      failed.map(({ name }) => name),
      ['receipt'],
    );
    assert.match(countersign(args, forged).stdout, /REFUSED {2}receipt_missing/);
  });

  const mistakes: [string, (token: string) => string, string[], string][] = [
    [
      'another audience',
      (token) => token,
      ['--audience', 'https://other.example'],
      'audience_mismatch',
    ],
    [
      'a changed signature',
      (token) => `${token.slice(0, -86)}${'A'.repeat(86)}`,
      [],
      'signature_invalid',
    ],
    ['noise', () => 'noise', [], 'token_malformed'],
    ['another tenant', (token) => token, ['--tenant', 'globex'], 'tenant_mismatch'],
    ['an ID token wanted', (token) => token, ['--type', 'id'], 'type_not_allowed'],
    ['a scope it lacks', (token) => token, ['--scope', 'admin'], 'scope_insufficient'],
  ];
  for (const [name, change, more, code] of mistakes) {
    it(`ends with 1 and ${code} for ${name}`, () => {
      const run = countersign(
        ['verify', '-', '--issuer', issuer, '--json', ...more],
        change(genuine.token),
      );
      assert.equal(run.status, 1, run.stderr);
      const { checks } = run.json();
      assert.ok(
        (checks as Check[]).some((check) => check.code === code),
        JSON.stringify(checks),
      );
    });
  }

  it('accepts a bound token with a proof for this very request, and without it not', async () => {
    // The commands held this process up, and a connection that was kept open may be over: it learns of it now.
    await sleep(50);
    const bound = await getBoundToken(server, operatorOf(server), {
      realm: 'acme/workforce',
      audience: AUDIENCE,
    });
    const url = 'https://mail.acme.example/inbox';
    const verify = (...more: string[]) =>
      countersign(['verify', '-', '--issuer', issuer, '--json', ...more], bound.token).json();
    const proof = await bound.prove('GET', url);
    const request = ['--dpop-proof', proof, '--url', url];
    assert.equal(verify(...request)['code'], null);
    assert.equal(verify()['code'], 'dpop_missing');
    assert.equal(verify(...request, '--method', 'POST')['code'], 'dpop_mismatch');
    assert.equal(countersign(['verify', 'x', '--issuer', issuer, '--dpop-proof', proof]).status, 2);
  });

  it('pins a policy, keeps it, and verifies with it without believing the server', () => {
    const fetch = ['policy', 'fetch', '--issuer', issuer, '--out', 'policy.json', '--json'];
    assert.equal(countersign(fetch).json()['kept'], 'written');
    assert.equal(countersign(fetch).json()['kept'], 'unchanged');
    const pinned = countersign(
      ['verify', '-', '--policy', 'policy.json', '--audience', AUDIENCE, '--json'],
      genuine.token,
    );
    assert.equal(pinned.status, 0, pinned.stdout);
    assert.equal((pinned.json()['policy'] as { source: string }).source, 'pinned');
    const printed = countersign(['policy', 'fetch', '--issuer', issuer]);
    assert.equal(printed.stdout, readFileSync(join(server.data, 'policy.json'), 'utf8'));
  });

  it('ends with 1 when the policy is no longer the pinned one, and leaves it alone', () => {
    const other = issuer.replace('workforce', 'partner');
    const args = ['policy', 'fetch', '--issuer', issuer, '--out', 'changed.json', '--json'];
    countersign(['policy', 'fetch', '--issuer', other, '--out', 'changed.json']);
    const before = readFileSync(join(server.data, 'changed.json'), 'utf8');
    const { status, json } = countersign(args);
    assert.equal(status, 1);
    assert.equal(json()['kept'], 'differs');
    assert.equal(readFileSync(join(server.data, 'changed.json'), 'utf8'), before);
    assert.equal(countersign([...args, '--force']).json()['kept'], 'replaced');
  });

  it('finds the server healthy, nothing found, and the issue in the record', () => {
    assert.equal(countersign(['health', '--json']).json()['ready'], true);
    const findings = countersign(['findings', '--json']);
    assert.equal(findings.status, 0, findings.stderr);
    assert.equal(findings.json()['count'], 0);
    const { events } = countersign(['events', '--name', 'token.issued', '--json']).json();
    const names = (events as { name: string }[]).map(({ name }) => name);
    assert.ok(names.length > 0 && names.every((name) => name === 'token.issued'), `${names}`);
    assert.match(countersign(['events', '--name', 'token.issued']).stdout, /token\.issued/);
  });
});
