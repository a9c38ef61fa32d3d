import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  commitToken,
  decodeReceipt,
  encodeLeafEntry,
  hashLeaf,
  type VerifierPolicy,
} from '@countersign/verifier';
import { seededRandom } from '@countersign/vocabulary';
import { readToken, registerClient, registerService, WORKFORCE } from './act-as-client.ts';
import { type Load, loadHouse } from './load-house.ts';
import { openJudge, pinPolicy } from './open-judge.ts';
import { prepareCheapKeys } from './prepare-cheap-keys.ts';
import { factsOf, readEvents, readJournal, readLog, untilReconciled } from './read-record.ts';
import { type House, runHouse } from './run-house.ts';

type Victim = 'server' | 'signer' | 'notary';

const KILLS = 50;
// The server is the slowest to start; a fifth of the kills is enough to meet it in every state.
const ROUND: readonly Victim[] = ['server', 'signer', 'signer', 'notary', 'notary'];
// Between a recovery and the next blow: so many requests are served, and so long is waited.
const MOST_SERVED = 15;
const LONGEST_PAUSE_MS = 30;
const RECOVERY_MS = 60_000;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe(`after SIGKILL of a random process under load, ${KILLS} times`, () => {
  // CRASH_SEED=n repeats the choice of victims and pauses of an earlier run.
  const seed = Number(process.env['CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
  const random = seededRandom(seed);
  const upTo = (count: number): number => Buffer.from(random.bytes(4)).readUInt32BE() % count;
  let house: House;
  let policy: VerifierPolicy;
  let audience: string;
  let received: string[] = [];

  before(async () => {
    house = await runHouse({ prepare: prepareCheapKeys });
    audience = house.demo.resource.identifier;
    policy = await pinPolicy(house, `${house.url}/${WORKFORCE}`);
  });
  after(() => house.remove());

  test(`every kill is recovered from without help (CRASH_SEED=${seed})`, async (context) => {
    const load = await startLoad();
    try {
      await load.untilServed(1, RECOVERY_MS);
      for (const victims of drawBlows()) {
        await kill(victims);
        await load.untilServed(1 + upTo(MOST_SERVED), RECOVERY_MS).catch(explain(victims, load));
        await sleep(upTo(LONGEST_PAUSE_MS));
      }
    } finally {
      await load.stop();
      received = load.received;
    }
    context.diagnostic(`${received.length} tokens, ${load.interrupted} requests cut short`);
    assert.deepEqual(load.faults, []);
    assert.ok(received.length > 2 * KILLS, `only ${received.length} tokens`);
    assert.ok(load.interrupted > 0, 'no kill met a request');
    assert.equal(new Set(received).size, received.length);
  });

  async function startLoad(): Promise<Load> {
    const load = loadHouse();
    for (const alg of ['EdDSA', 'RS256']) {
      const identifier = `https://${alg.toLowerCase()}.acme.example/`;
      const resource = { tenant: 'acme', identifier, name: alg, alg, scopes: ['read'] };
      await house.operate('/resources', resource);
      const service = await registerService(house, { resources: [identifier] });
      load.addService(house, service, identifier);
    }
    load.addService(house, await registerService(house), audience);
    for (const _ of [1, 2]) await load.addPerson(house, await registerClient(house));
    return load;
  }

  /** Ten rounds of five, each in random order; often two different ones fall together. */
  function drawBlows(): Victim[][] {
    const blows: Victim[][] = [];
    for (const victim of Array.from({ length: KILLS / ROUND.length }, shuffledRound).flat()) {
      const last = blows.at(-1);
      const together = last?.length === 1 && last[0] !== victim && upTo(3) > 0;
      if (together) last.push(victim);
      else blows.push([victim]);
    }
    return blows;
  }

  function shuffledRound(): Victim[] {
    const round = [...ROUND];
    return ROUND.flatMap(() => round.splice(upTo(round.length), 1));
  }

  /** A house that does not come back is asked why before it is gone. */
  function explain(victims: Victim[], load: Load) {
    return async (error: unknown): Promise<never> => {
      const ready = await fetch(`${house.url}/readyz`).then((answer) => answer.text(), String);
      const facts = { victims, ready, faults: load.faults, interrupted: load.interrupted };
      const output = house.output.slice(-40).join('');
      throw new Error(`${JSON.stringify(facts)}\n${output}`, { cause: error });
    };
  }

  /** The server starts its children again; the server itself is started by what runs it. */
  async function kill(victims: Victim[]): Promise<void> {
    for (const victim of victims) {
      if (victim === 'server') continue;
      const pid = house.childPid(victim);
      assert.ok(pid !== undefined, `the ${victim} runs`);
      process.kill(pid, 'SIGKILL');
    }
    if (!victims.includes('server')) return;
    await house.kill();
    await house.start();
  }

  test('every token a client received is accepted, and its leaf is in the log at its index', async () => {
    assert.ok(received.length > 0);
    const judge = openJudge(policy);
    after(() => judge.close());
    const promised = await Promise.all(
      received.map(async (token) => {
        const { claims, header } = readToken(token);
        const type = header['typ'] === 'JWT' ? 'id' : 'access';
        const verified = await judge.verifyToken(token, { audience: String(claims['aud']), type });
        assert.ok(verified.receipt);
        return { ...verified.receipt, leafHash: leafHashOf(token, verified.receipt.issuedMs) };
      }),
    );
    assert.equal(new Set(promised.map(({ index }) => index)).size, received.length);

    const least = Math.max(...promised.map(({ index }) => index)) + 1;
    const log = await readLog(house, policy, least);
    for (const { index, leafHash } of promised) {
      assert.ok(await log.holds(index, leafHash), `leaf ${index}`);
    }
    const leaves = await log.leaves();
    assert.equal(leaves.length, log.size);
    // The verifier's own audit of the same promises must not see a false alarm either.
    await judge.untilAudited();
    assert.deepEqual(judge.alarms, []);
  });

  function leafHashOf(token: string, issuedMs: number): Uint8Array {
    const [, payloadSegment = ''] = token.split('.');
    const { header, claims } = readToken(token);
    const [kid, alg, typ] = [header['kid'], header['alg'], header['typ']].map(String);
    const iss = String(claims['iss']);
    const parts = { iss, kid: kid ?? '', alg: alg ?? '', typ: typ ?? '', payloadSegment };
    const entry = encodeLeafEntry({
      type: typ === 'JWT' ? 'id' : 'access',
      issuedMs,
      expiresAtSeconds: Number(claims['exp']),
      commitment: commitToken(parts),
      tags: decodeReceipt(Buffer.from(String(header['itr']), 'base64url')).tags,
    });
    return hashLeaf(entry);
  }

  test('the reconciler judges all of it and raises no alarm', async () => {
    await untilReconciled(house);
    const { findings } = await house.operate('/findings?limit=1000');
    const alarms = (findings as { class: string }[]).filter(
      (finding) => finding.class !== 'interrupted',
    );
    assert.deepEqual(alarms, []);
  });

  test('log fsck finds nothing wrong, while the log runs', () => {
    const cli = join(import.meta.dirname, '../../apps/cli/bin/countersign.js');
    const asked = [cli, 'log', 'fsck', '--data', house.data, '--json'];
    const { stdout } = spawnSync(process.execPath, asked, { encoding: 'utf8' });
    const { ok, difference, entries } = JSON.parse(stdout);
    assert.deepEqual([ok, difference], [true, null]);
    assert.ok(entries >= received.length);
  });

  test('every token has an event and a journal number; the journal has no gap', async () => {
    const events = await readEvents(house, ['token.issued', 'token.refreshed']);
    const recorded = new Map(events.map((event) => [factsOf(event)['token_hash'], factsOf(event)]));
    await house.stop();
    const journal = await readJournal(house);
    assert.deepEqual(
      journal.map(({ number }) => number),
      Array.from(journal, (_, at) => at + 1),
    );
    for (const kid of new Set(journal.map((entry) => entry.kid))) {
      const numbers = journal.filter((entry) => entry.kid === kid).map((entry) => entry.keyNumber);
      assert.deepEqual(
        numbers,
        Array.from(numbers, (_, at) => at + 1),
      );
    }
    for (const token of received) {
      const facts = recorded.get(sha256(token));
      assert.ok(facts !== undefined, 'the token is on record');
      const entry = journal[Number(facts['journal_number']) - 1];
      assert.equal(entry?.signingInputHash, sha256(token.slice(0, token.lastIndexOf('.'))));
    }
  });
});
