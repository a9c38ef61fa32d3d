// A realm's keys move into an HSM while its tokens are issued and verified: one command, and nobody
// notices. The HSM is a real SoftHSM2 behind the real server.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import {
  noSoftHsm,
  PIN,
  type SoftHsm,
  startSoftHsm,
  TOKEN_LABEL,
} from '../../packages/keys/src/testing/softhsm.ts';
import { compiledSources } from '../../scenarios/src/stage/compiled-sources.ts';
import { readToken } from './act-as-client.ts';
import { openJudge, pinPolicy } from './open-judge.ts';
import { type House, runHouse } from './run-house.ts';

const CLI = join(import.meta.dirname, '../../apps/cli/bin/countersign.js');
const REALM = 'acme/workforce';
const MOVED_MS = 120_000;
/** Tokens of keys in the HSM that must have been accepted. */
const ENOUGH = 20;

interface ListedKey {
  kid: string;
  custody: string;
}

describe('C-09 keys move to an HSM', { skip: noSoftHsm, timeout: 240_000 }, () => {
  let hsm: SoftHsm;
  let house: House;
  before(async () => {
    hsm = startSoftHsm();
    house = await runHouse({
      environment: { COUNTERSIGN_CONFIG: 'countersign.yaml', COUNTERSIGN_KEY_SCHEDULE: 'lead=1' },
      prepare: async (data) => {
        writeFileSync(join(data, 'pin'), `${PIN}\n`, { mode: 0o600 });
        const custody = [
          ...['custody:', '  pkcs11:', `    module: ${hsm.module}`],
          ...[`    tokenLabel: ${TOKEN_LABEL}`, '    pinFile: pin', `    softhsmConf: ${hsm.conf}`],
        ];
        writeFileSync(join(data, 'countersign.yaml'), `${custody.join('\n')}\n`);
      },
    });
  });
  after(async () => {
    await house?.remove();
    hsm?.remove();
  });

  async function issue(): Promise<string> {
    const { clients, resource } = house.demo;
    const client = clients.find(({ realm, secret }) => realm === REALM && secret !== undefined);
    const answer = await fetch(`${house.url}/${REALM}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${client?.clientId}:${client?.secret}`)}` },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        resource: resource.identifier,
      }),
    });
    const body = (await answer.json()) as { access_token?: string };
    assert.equal(answer.status, 200, JSON.stringify(body));
    return body.access_token ?? assert.fail();
  }

  async function list(): Promise<ListedKey[]> {
    const issuer = encodeURIComponent(`${house.url}/${REALM}`);
    return ((await house.operate(`/keys?issuer=${issuer}`)) as { keys: ListedKey[] }).keys;
  }

  test('with one command, while every token that is issued is accepted', async () => {
    const audience = house.demo.resource.identifier;
    const judge = openJudge(await pinPolicy(house, `${house.url}/${REALM}`));
    after(() => judge.close());
    const first = await issue();
    assert.equal(await judge.judge(first, { audience }), 'accepted');
    const env = { PATH: process.env['PATH'], COUNTERSIGN_URL: house.url };
    const args = ['keys', 'rotate', REALM, '--custody', 'pkcs11', '--reason', 'into the HSM'];
    const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args], {
      env: { ...compiledSources(), ...env, COUNTERSIGN_DATA: house.data },
    });
    assert.match(stdout, /pkcs11/);
    const inHsm = new Set(
      (await list()).filter(({ custody }) => custody === 'pkcs11').map(({ kid }) => kid),
    );
    assert.equal(inHsm.size, 3, 'one for each algorithm');
    let ofHsm = 0;
    for (const deadlineMs = performance.now() + MOVED_MS; ofHsm < ENOUGH; await sleep(20)) {
      const token = await issue();
      assert.equal(await judge.judge(token, { audience }), 'accepted');
      const isOfHsm = inHsm.has(readToken(token).header['kid'] as string);
      assert.ok(isOfHsm || ofHsm === 0, 'a key outside of the HSM signed after one inside');
      if (isOfHsm) ofHsm += 1;
      if (performance.now() > deadlineMs) assert.fail(JSON.stringify(await list()));
    }
    // What was signed before the move is as good as ever.
    assert.equal(await judge.judge(first, { audience }), 'accepted');
  });
});
