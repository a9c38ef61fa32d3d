// What a tenant finds by itself, from a file that it keeps and the public log.
// Whoever took over the issuer can tag a forgery rightly; it is then in the log and on no record.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  dayKey,
  decodeLeafEntry,
  decodeReceipt,
  encodeHex,
  encodeLeafEntry,
  hashLeaf,
  parseTenantTagKey,
  type TenantTagKey,
  tenantTag,
  userTag,
  type VerifierPolicy,
} from '@countersign/verifier';
import * as client from 'openid-client';
import { runCli } from '../../apps/cli/src/testing/run-cli.ts';
import { draftToken, leafOf } from '../../scenarios/src/attack/forge-token.ts';
import { stealKey } from '../../scenarios/src/attack/steal-keys.ts';
import { submitLeaf } from '../../scenarios/src/attack/submit-leaf.ts';
import { readToken, registerClient, registerService, signInForTokens } from './act-as-client.ts';
import { pinPolicy } from './open-judge.ts';
import { readLog } from './read-record.ts';
import { type House, runHouse } from './run-house.ts';

const SERVICE_TOKENS = 20;

const indexOf = (token: string): number =>
  decodeReceipt(Buffer.from(String(readToken(token).header['itr']), 'base64url')).index;

describe('a tenant that holds the log against its record', () => {
  let house: House;
  let folder: string;
  let policy: VerifierPolicy;
  let tagKey: TenantTagKey;
  let genuine = '';
  const tokens: string[] = [];

  before(async () => {
    house = await runHouse();
    folder = mkdtempSync(join(tmpdir(), 'countersign-records-'));
    const text = JSON.stringify(await house.operate('/tenants/acme/tag-key'));
    writeFileSync(join(folder, 'acme.json'), text, { mode: 0o600 });
    tagKey = parseTenantTagKey(text);
    policy = await pinPolicy(house, `${house.url}/acme/workforce`);
    const service = await registerService(house);
    for (let count = 0; count < SERVICE_TOKENS; count += 1) {
      genuine = (await client.clientCredentialsGrant(service.config)).access_token;
      tokens.push(genuine);
    }
    // A person's tokens, those that were refreshed too: other events tell of them.
    const web = await registerClient(house);
    const resource = house.demo.resource.identifier;
    const first = await signInForTokens(house, web, { resource, scope: 'openid offline_access' });
    const second = await client.refreshTokenGrant(web.config, first.refresh_token ?? '', {
      resource,
    });
    for (const { access_token, id_token } of [first, second])
      tokens.push(access_token, ...(id_token === undefined ? [] : [id_token]));
    await readLog(house, policy, Math.max(...tokens.map(indexOf)) + 1);
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await house?.remove();
  });

  const run = (...args: string[]) =>
    runCli(['log', ...args, '--json', '--server', house.url], {
      workingFolder: folder,
      environment: { COUNTERSIGN_DATA: house.data },
    });
  const record = async () => {
    const answer = await run('records', '--tenant', 'acme', '--out', 'acme.ndjson');
    assert.equal(answer.exitCode, 0, answer.out);
    return answer.json();
  };
  const recorded = () =>
    readFileSync(join(folder, 'acme.ndjson'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { index: number });
  /** Two rounds: in the first a leaf without a record waits for it, in the second it has waited enough. */
  const monitor = async () => {
    const [{ checkpointKey = '' } = {}] = policy.issuers[0]?.receipts.logs ?? [];
    const key = ['--checkpoint-key', checkpointKey];
    const expected = ['--tag-key-file', 'acme.json', '--records', 'acme.ndjson'];
    const look = () => run('monitor', ...key, ...expected, '--grace', '0.001');
    const rounds = [await look(), await look()];
    return rounds.flatMap(({ exitCode, json }) => {
      const alarms = json()['alarms'] as { code: string; facts: Record<string, unknown> }[];
      assert.equal(exitCode, alarms.length === 0 ? 0 : 1);
      return alarms;
    });
  };

  test('finds every leaf of its own on record, and a monitor that says consistent', async () => {
    const { added, withoutHash } = await record();
    assert.deepEqual([added, withoutHash], [tokens.length, 0]);
    assert.deepEqual(
      recorded().map(({ index }) => index),
      tokens.map(indexOf),
    );
    assert.deepEqual(await monitor(), []);
  });

  test('is told of a token that is tagged in its name and on no record', async () => {
    const { leaf, index } = await logForgery();
    await readLog(house, policy, index + 1);
    assert.equal((await record())['added'], 0, 'the house never issued it');
    const alarms = await monitor();
    assert.deepEqual(
      alarms.map(({ code, facts }) => ({ code, facts })),
      [{ code: 'leaf_unrecorded', facts: { index, leafHash: encodeHex(hashLeaf(leaf)) } }],
    );
  });

  test('is told of a leaf that is another than the one on record', async () => {
    const path = join(folder, 'acme.ndjson');
    const before = readFileSync(path, 'utf8');
    const [{ index } = assert.fail()] = recorded();
    writeFileSync(path, before.replace(/"leafHash":"\w{64}"/, `"leafHash":"${'0'.repeat(64)}"`));
    rmSync(join(folder, 'countersign-monitor'), { recursive: true });
    const alarms = await monitor();
    writeFileSync(path, before);
    const differing = alarms.filter(({ code }) => code === 'record_differs');
    assert.deepEqual(
      differing.map(({ facts }) => facts['index']),
      [index],
    );
  });

  /** What the holder of the signing key, a submitter's credential and the tag key can log. */
  async function logForgery(): Promise<{ leaf: Uint8Array; index: number }> {
    const { credential } = await house.operate('/submitters', { name: 'second issuer' });
    const key = stealKey(
      { data: house.data, secret: (name) => house.secretFile(name).trim() },
      `${house.url}/acme/workforce`,
    );
    const draft = draftToken(key, readToken(genuine).claims, {});
    const issuedMs = Date.now();
    const untagged = decodeLeafEntry(leafOf(draft, issuedMs));
    const keyOfDay = dayKey(tagKey.keys[0] ?? assert.fail(), issuedMs);
    const instance = tagKey.instances[0] ?? assert.fail();
    const leaf = encodeLeafEntry({
      ...untagged,
      tags: {
        user: userTag(keyOfDay, String(draft.claims['sub'])),
        instance: tenantTag(keyOfDay, instance, untagged.commitment),
      },
    });
    const receipt = await submitLeaf(house.url, String(credential), leaf);
    return { leaf, index: decodeReceipt(receipt).index };
  }
});
