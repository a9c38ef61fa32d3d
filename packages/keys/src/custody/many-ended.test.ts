import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fillEnded } from '../testing/fill-ended.ts';
import { makeActive, PASSPHRASE, SignerWorld, trySign } from '../testing/signer-world.ts';
import { makeScope } from '../testing/token-fixture.ts';
import { ENDED_FINGERPRINTS_KEPT } from './ended-keys.ts';
import { KEYS_LIMIT } from './key-ring.ts';

const ENDED = 20_000;

describe('twice as many keys that are over as a folder may have that are not', () => {
  const world = new SignerWorld();
  let kids: string[] = [];
  before(async () => {
    await world.start();
    world.stop();
    kids = fillEnded(world.folder, PASSPHRASE, ENDED);
  });
  after(() => world.end());

  it('leave room to rotate, over starts', async () => {
    assert.ok(ENDED > KEYS_LIMIT);
    const scope = makeScope({
      issuer: 'https://id.example/tenant-7/workforce',
      tenant: 'tenant-7',
    });
    for (let turn = 0; turn < 2; turn += 1) {
      const signer = await world.restart();
      const key = await makeActive(signer, scope);
      signer.changeKey(key.kid, 'retiring');
      signer.changeKey(key.kid, 'retired');
      await signer.bury(0);
      assert.equal(signer.status().keys, ENDED + turn + 1);
    }
    assert.deepEqual(readdirSync(join(world.folder, 'keys')), []);
  });

  it('are tripwires all, and their issuers are bound as ever', async () => {
    const signer = await world.restart();
    for (const kid of [kids[0], kids[ENDED / 2], kids.at(-1)]) {
      assert.equal(trySign(signer, { kid: kid as string, alg: 'EdDSA' }), 'key_retired');
    }
    assert.equal(trySign(signer, { kid: 'k'.repeat(43), alg: 'EdDSA' }), 'unknown_key');
    assert.equal(signer.status().tripped.length, 3);
    const foreign = makeScope({ issuer: 'https://id.example/tenant-7/workforce' });
    await assert.rejects(signer.makeKey('EdDSA', foreign), { code: 'scope_conflict' });
  });

  it('are listed by issuer, by kid and page by page, each once', async () => {
    const signer = await world.restart();
    const ofOne = signer.listKeys('https://id.example/tenant-8/workforce');
    assert.equal(ofOne.length, ENDED / 100);
    const [one] = signer.listKeys(undefined, 'test', { kid: kids[5] as string });
    assert.equal(one?.scope.tenant, 'tenant-5');
    const seen = new Set<string>();
    for (let from: number | null = 0; from !== null; ) {
      const page = signer.pageOfKeys({}, 'test', { from, bytes: 1024 * 1024 });
      for (const { kid } of page.keys) seen.add(kid);
      from = page.next;
    }
    assert.equal(seen.size, signer.status().keys);
  });

  it('are found in dumps for a bounded number of them, the newest', async () => {
    await world.restart();
    const text = readFileSync(join(world.folder, 'fingerprints.json'), 'utf8');
    const told = new Set(JSON.parse(text).secrets.map((one: { kid: string }) => one.kid));
    assert.equal(told.size, ENDED_FINGERPRINTS_KEPT);
    assert.ok(told.has(kids.at(-1)) && !told.has(kids[0]));
  });
});
