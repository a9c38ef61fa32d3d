// The record of a real house in its real log: a tenant keeps an anchor, somebody rewrites an event in
// the database file behind every trigger, and somebody else anchors another history in our name.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import {
  type AnchorProof,
  type BundleVerdict,
  judgeAnchor,
  parseAnchorProof,
  verifyBundle,
} from '@countersign/trail';
import { openLog } from '@countersign/transparency';
import {
  encodeAnchorLeaf,
  hashInstance,
  parseTlogPolicy,
  type TlogPolicy,
} from '@countersign/verifier';
import { systemClock, systemRandom } from '@countersign/vocabulary';
import * as client from 'openid-client';
import { submitLeaf } from '../../scenarios/src/attack/submit-leaf.ts';
import { registerService } from './act-as-client.ts';
import { readEvents, untilReconciled } from './read-record.ts';
import { type House, runHouse } from './run-house.ts';
import { until } from './wait-until.ts';

describe('the record of a house', () => {
  let house: House;
  let pin: AnchorProof;
  let policy: TlogPolicy;

  before(async () => {
    house = await runHouse();
    const { config } = await registerService(house);
    await client.clientCredentialsGrant(config);
  });
  after(() => house.remove());

  const read = (path: string) =>
    fetch(`${house.url}/api/v1/${path}`, {
      headers: {
        authorization: `Bearer ${house.operatorToken}`,
        'countersign-reason': 'the end-to-end test',
      },
    });

  async function anchorOf(tenant: string): Promise<AnchorProof | undefined> {
    const answer = await read(`audit/anchor?tenant=${tenant}`);
    return answer.status === 200 ? parseAnchorProof(await answer.text()) : undefined;
  }

  /** The tenant's record as it is handed out now, held against the log and the pin. */
  async function checkRecord(): Promise<BundleVerdict> {
    const bundle = await read('exports?format=bundle&tenant=acme');
    return verifyBundle([new Uint8Array(await bundle.arrayBuffer())], { policy, pins: [pin] });
  }

  /** The newest anchor, once it speaks for more events than that. */
  async function anchorBeyond(count: number): Promise<AnchorProof> {
    let found: AnchorProof | undefined;
    await until('a newer anchor is proven', async () => {
      found = await anchorOf('acme');
      return found !== undefined && found.entry.count > count;
    });
    return found as AnchorProof;
  }

  test('is anchored within seconds, and the log that everybody reads proves it', async () => {
    // It waits for the anchor that holds the token: the pin has to hold it too.
    const bundle = await read('exports?format=bundle&tenant=acme');
    assert.match(await bundle.text(), /"token\.issued"/);
    pin = await anchorBeyond(Number(bundle.headers.get('countersign-to')) - 1);
    policy = parseTlogPolicy(await (await fetch(`${house.url}/api/v1/log-policy`)).text());
    const { faults, anchor } = await judgeAnchor(pin, instance(), policy);
    assert.deepEqual([faults, anchor.signed], [[], true]);
  });

  test('has anchors in the log that nobody takes for tokens, across a crash too', async () => {
    await house.kill();
    await house.start();
    await house.untilReady();
    await untilReconciled(house);
    const { findings } = await house.operate('/findings');
    assert.deepEqual(findings, []);
  });

  test('is handed out as a bundle that anybody checks, and that holds what was pinned', async () => {
    const { problems, proven, pins, count, events } = await checkRecord();
    assert.deepEqual([problems, proven, pins[0]?.state], [[], true, 'kept']);
    assert.ok(count >= pin.entry.count);
    assert.equal(events, count, 'nothing is erased or withheld');
  });

  test('cannot be anchored by who only holds a submission credential', async () => {
    const submitter = String((await house.operate('/submitters', { name: 'thief' }))['credential']);
    await assert.rejects(submitLeaf(house.url, submitter, counterfeit()), /refused/);
  });

  test('that is rewritten, or anchored by somebody else, is told of, to the tenant too', async () => {
    await house.stop();
    await logAsThief(counterfeit());
    const database = new DatabaseSync(join(house.data, 'countersign.db'));
    database.exec('DROP TRIGGER event_unchanged');
    database.exec(`UPDATE event SET ocsf = replace(ocsf, '"status_id":1', '"status_id":2')
      WHERE sequence = (SELECT min(sequence) FROM event WHERE tenant = 'acme' AND name = 'token.issued')`);
    database.close();
    await house.start();
    await until('the difference is on record', async () => {
      const differences = await readEvents(house, ['audit.differs']);
      return differences.some(({ tenant }) => tenant === 'acme');
    });
    await until('the counterfeit is a finding', async () => {
      const { findings } = await house.operate('/findings');
      return (findings as { class: string }[]).some((one) => one.class === 'counterfeit');
    });
    await until('the bundle contradicts what the tenant has kept', async () => {
      const { ok, pins } = await checkRecord();
      return !ok && pins[0]?.state === 'contradicted';
    });
  });

  /** An anchor in the name of the house with nothing behind it. */
  function counterfeit(): Uint8Array {
    const instanceHash = hashInstance(instance());
    const root = new Uint8Array(32).fill(6);
    return encodeAnchorLeaf({ atMs: Date.now(), instanceHash, anchor: pin.entry.anchor, root });
  }

  const instance = () => readFileSync(join(house.data, 'instance-id'), 'utf8').trim();

  /** Who can speak to the notary: here, who opens its log while the house is down. */
  async function logAsThief(entry: Uint8Array): Promise<void> {
    const log = await openLog({
      folder: join(house.data, 'notary'),
      origin: await logOrigin(),
      passphrase: Buffer.from(house.secretFile('key-passphrase').trim()),
      clock: systemClock,
      random: systemRandom,
      onFatal: (error) => assert.fail(String(error)),
    });
    try {
      await log.append(entry);
    } finally {
      await log.close();
    }
  }

  async function logOrigin(): Promise<string> {
    const { anchor } = await judgeAnchor(pin, instance());
    return anchor.logOrigin ?? '';
  }
});
