// A revoked key in a real house: who still has it is found by its use, honest clients that are late are
// told apart, and a ledger that somebody tampers with no longer adds up.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import * as client from 'openid-client';
import { readToken, registerService, WORKFORCE } from './act-as-client.ts';
import { forgeToken } from './forge-token.ts';
import { type Judge, openJudge, pinPolicy } from './open-judge.ts';
import { factsOf, readEvents, untilReconciled } from './read-record.ts';
import { type House, runHouse } from './run-house.ts';

type Facts = Record<string, unknown>;

describe('C-13 a revoked key in a real house', () => {
  let house: House;
  let judge: Judge;
  let genuine: string;
  let kid: string;
  const context = () => ({ audience: house.demo.resource.identifier });

  before(async () => {
    house = await runHouse();
    const policy = await pinPolicy(house, `${house.url}/${WORKFORCE}`);
    const reporter = await house.operate('/reporters', { tenant: 'acme', name: 'Orders API' });
    judge = openJudge(policy, { feedPollMs: 100, credential: String(reporter['credential']) });
    const { config } = await registerService(house);
    genuine = (await client.clientCredentialsGrant(config)).access_token;
    kid = String(readToken(genuine).header['kid']);
    assert.equal(await judge.judge(genuine, context()), 'accepted');
    await house.operate(`/keys/${kid}/revoke`, { reason: 'a laptop was lost' });
  });
  after(async () => {
    await judge.close();
    await house.remove();
  });

  async function awaitEvent(name: string, reason: string): Promise<Facts> {
    for (const deadlineMs = performance.now() + 60_000; ; await sleep(100)) {
      const facts = (await readEvents(house, [name])).map(factsOf);
      const found = facts.find((one) => one['reason'] === reason);
      if (found !== undefined) return found;
      const seen = facts.map((one) => one['reason']).join();
      if (performance.now() > deadlineMs) throw new Error(`no ${reason}; seen: ${seen}`);
    }
  }

  test('trips when a token is signed with it: proven, with the verifier that saw it', async () => {
    await judge.awaitVerdict('key_quarantined', genuine, context());
    const forged = forgeToken(house, genuine, { sub: 'admin' }, ({ itr: _, ...header }) => header);
    assert.notEqual(await judge.judge(forged, context()), 'accepted');
    const facts = await awaitEvent('key.tripwire', 'revoked_key_used');
    const extra = facts['extra'] as Facts;
    assert.deepEqual([facts['kid'], extra['state'], extra['proven']], [kid, 'revoked', true]);
    assert.deepEqual(facts['verifier'], { name: 'end-to-end', version: '0.1.0' });
    assert.equal(facts['realm'], WORKFORCE);
  });

  test('tells a genuine token that is late from that, and only counts it', async () => {
    const facts = await awaitEvent('key.tripwire', 'genuine_token_late');
    assert.equal((facts['extra'] as Facts)['proven'], false);
    const { findings } = await house.operate('/findings?limit=100');
    const late = (findings as Facts[]).find((one) => one['reason'] === 'genuine_token_late');
    assert.equal(late?.['severity'], 'low');
  });

  test('leaves its exposure: who it spoke for, and who saw its tokens', async () => {
    const { exposure } = (await house.operate(`/keys/${kid}/exposure`)) as { exposure: Facts };
    assert.equal(exposure['tokens'], 1);
    const text = JSON.stringify(exposure);
    for (const name of ['acme', house.demo.resource.identifier])
      assert.ok(text.includes(name), name);
  });

  test('C-12 signatures, journal and ledger of every key add up, until a row is taken away', async () => {
    await untilReconciled(house);
    await sleep(3000);
    assert.deepEqual(await readEvents(house, ['key.tally_differs']), []);
    const database = new DatabaseSync(join(house.data, 'countersign.db'));
    database.exec('PRAGMA busy_timeout = 5000');
    database.exec('DROP TRIGGER issued_token_stays');
    database.prepare('DELETE FROM issued_token WHERE kid = ? AND key_number = 1').run(kid);
    database.close();
    const facts = await awaitEvent('key.tally_differs', 'token_gone');
    assert.deepEqual([facts['kid'], (facts['extra'] as Facts)['numbers']], [kid, '1']);
  });

  test('C-12 who touched the keys is on the record of the house', async () => {
    const actions = (await readEvents(house, ['key.access'])).map(
      (event) => (factsOf(event)['extra'] as Facts)['action'],
    );
    for (const action of ['open', 'make', 'change', 'revoke']) {
      assert.ok(actions.includes(action), `${action} of ${actions}`);
    }
  });
});
