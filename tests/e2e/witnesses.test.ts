// The log under witnesses, all of them processes: honest ones, a dead one, and one that lies.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createNoteKey,
  decodeBase64url,
  formatVerifierKey,
  parseTlogPolicy,
  parseVerifierKey,
  type VerifierPolicy,
  verifyCheckpoint,
} from '@countersign/verifier';
import { type Registered, registerService, WORKFORCE } from './act-as-client.ts';
import { fetchCheckpoint } from './fetch-checkpoint.ts';
import { openJudge, pinPolicy } from './open-judge.ts';
import { readEvents } from './read-record.ts';
import { type House, runHouse } from './run-house.ts';
import { LyingWitness, RunningWitness } from './run-witness.ts';

const PATIENCE_MS = 60_000;
const HANG = (): void => undefined;

const folder = mkdtempSync(join(tmpdir(), 'countersign-e2e-witnesses-'));
const environment: Record<string, string> = {};
let house: House;
let service: Registered;
let honest: RunningWitness[];
let liar: LyingWitness;
let logKey: string;

/** A token that was asked for and given. */
async function newToken(): Promise<string> {
  const answer = await fetch(service.config.serverMetadata().token_endpoint ?? '', {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${service.id}:${service.secret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const body = (await answer.json()) as { access_token: string };
  assert.equal(answer.status, 200, JSON.stringify(body));
  return body.access_token;
}

/** What the house hands out, with its resource as a strict audience. */
async function strictPolicy(): Promise<VerifierPolicy> {
  const policy = await pinPolicy(house, `${house.url}/${WORKFORCE}`);
  const strictAudiences = [house.demo.resource.identifier];
  const issuers = policy.issuers.map((issuer) => ({
    ...issuer,
    receipts: { ...issuer.receipts, strictAudiences },
  }));
  return { ...policy, issuers };
}

async function judgeStrictly(token: string, strictWaitMs: number): Promise<string> {
  const judge = openJudge(await strictPolicy(), { strictWaitMs });
  try {
    return await judge.judge(token, { audience: house.demo.resource.identifier });
  } finally {
    await judge.close();
  }
}

async function judgeLoosely(token: string): Promise<string> {
  const judge = openJudge(await pinPolicy(house, `${house.url}/${WORKFORCE}`));
  try {
    return await judge.judge(token, { audience: house.demo.resource.identifier });
  } finally {
    await judge.close();
  }
}

/** Size of the checkpoint that is shown now, and the names of the witnesses on it. */
async function shown(): Promise<{ size: number; by: string[] }> {
  const note = await fetchCheckpoint(`${house.url}/log`);
  const keys = honest.map(({ key }) => parseVerifierKey(key));
  const own = parseVerifierKey(logKey);
  const { size, verified } = await verifyCheckpoint(note, own.name, own, keys);
  const by = verified.flatMap(({ key }) => (key.name === own.name ? [] : [key.name.slice(-2)]));
  return { size, by: by.sort() };
}

const witnessedBy = async (): Promise<string[]> => (await shown()).by;

async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  for (const deadlineMs = performance.now() + PATIENCE_MS; !(await isTrue()); await sleep(50)) {
    assert.ok(performance.now() < deadlineMs, `${what}: in vain\n${house.output.join('')}`);
  }
}

async function restart(): Promise<void> {
  await house.stop();
  await house.start();
}

function writePolicy(quorum: string): void {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const key = createNoteKey('liar.example', 'cosignature', decodeBase64url(x) as Uint8Array);
  const lines = [
    ...honest.map(({ name, key: text, url }) => `witness ${name} ${text} ${url}`),
    `witness w4 ${formatVerifierKey(key)} ${liar.url}`,
    `group quorum ${quorum} w1 w2 w3 w4`,
    'quorum quorum',
    '',
  ];
  writeFileSync(join(folder, 'witnesses'), lines.join('\n'));
}

before(async () => {
  house = await runHouse({ environment });
  const policy = await pinPolicy(house, `${house.url}/${WORKFORCE}`);
  logKey = policy.issuers[0]?.receipts.logs[0]?.checkpointKey ?? assert.fail();
  assert.equal(policy.issuers[0]?.receipts.logs[0]?.witnesses, undefined);
  service = await registerService(house);
  honest = await Promise.all(
    ['w1', 'w2', 'w3'].map((name) => RunningWitness.start(name, [logKey])),
  );
  liar = await LyingWitness.start((_, response) =>
    response.end('— liar.example c2lnbmVkIGJ5IG5vYm9keSBhdCBhbGw=\n'),
  );
  writePolicy('2');
  environment['COUNTERSIGN_WITNESSES'] = join(folder, 'witnesses');
});
after(async () => {
  await house?.remove();
  for (const witness of honest ?? []) await witness.remove();
  liar?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('with a quorum of two, one of four witnesses dead and one lying', () => {
  before(async () => {
    await honest[2]?.kill();
    await restart();
  });

  test('verifiers are handed the rules, and no address', async () => {
    const policy = await pinPolicy(house, `${house.url}/${WORKFORCE}`);
    const text = policy.issuers[0]?.receipts.logs[0]?.witnesses ?? assert.fail();
    assert.equal(parseTlogPolicy(text).witnesses.size, 4);
    assert.doesNotMatch(text, /http/);
  });

  test('a strict audience accepts a token once the two have seen it', async () => {
    assert.equal(await judgeStrictly(await newToken(), 20_000), 'accepted');
    assert.deepEqual(await witnessedBy(), ['w1', 'w2']);
    const metrics = await (await fetch(`${house.url}/metrics`)).text();
    assert.match(metrics, /countersign_witness_up\{.*witness="w1"\} 1/);
    assert.match(metrics, /countersign_witness_up\{.*witness="w3"\} 0/);
    assert.match(metrics, /countersign_witness_up\{.*witness="w4"\} 0/);
    assert.match(metrics, /countersign_log_witnessed_age_seconds\{.*\} \d/);
    assert.match(house.output.join(''), /witness w4 gave no cosignature/);
  });

  test('a witness that hangs keeps no token waiting', async () => {
    const before = liar.asked;
    liar.lie = HANG;
    await newToken();
    await until('the hanging witness is asked', async () => liar.asked > before);
    const tokens = await Promise.all(Array.from({ length: 20 }, newToken));
    assert.equal(new Set(tokens).size, 20);
    assert.equal(await judgeStrictly(tokens[19] ?? '', 20_000), 'accepted');
  });

  test('without a second witness issuing goes on, and strict audiences refuse', async () => {
    await honest[1]?.kill();
    await until('only one is left', async () => {
      await newToken();
      return (await witnessedBy()).length < 2;
    });
    const token = await newToken();
    assert.equal(await judgeLoosely(token), 'accepted');
    assert.equal(await judgeStrictly(token, 2500), 'receipt_unwitnessed');
    await until('one witness is still shown', async () => (await witnessedBy()).length === 1);
  });

  test('with it back, they accept that token too', async () => {
    const token = await newToken();
    await honest[1]?.start();
    await until('it is heard again', async () => (await witnessedBy()).length === 2);
    assert.equal(await judgeStrictly(token, 20_000), 'accepted');
  });
});

describe('with a quorum of one', () => {
  test('a single witness is enough', async () => {
    writePolicy('any');
    await restart();
    await honest[1]?.kill();
    assert.equal(await judgeStrictly(await newToken(), 20_000), 'accepted');
    await honest[1]?.start();
  });
});

describe('a house restored from an older copy', () => {
  test('does not start while a witness remembers more, and says why', async () => {
    await house.stop();
    const copy = join(folder, 'copy');
    cpSync(house.data, copy, { recursive: true });
    await house.start();
    const { size: before } = await shown();
    await newToken();
    await until('the witnesses have seen it', async () => {
      const { size, by } = await shown();
      return size > before && by.length === 2;
    });
    const newer = join(folder, 'newer');
    await house.stop();
    cpSync(house.data, newer, { recursive: true });

    rmSync(house.data, { recursive: true });
    cpSync(copy, house.data, { recursive: true });
    house.output.length = 0;
    await assert.rejects(house.start(), /ended with 1 before it was ready/);
    assert.match(
      house.output.join(''),
      /countersign: A witness holds a checkpoint of \d+ by this log/,
    );

    // It stays so when nobody is there to tell.
    for (const witness of honest) await witness.kill();
    house.output.length = 0;
    await assert.rejects(house.start(), /rollback/);

    rmSync(house.data, { recursive: true });
    cpSync(newer, house.data, { recursive: true });
  });

  test('starts with a warning when no witness can be asked, and goes on when they are back', async () => {
    house.output.length = 0;
    await house.start();
    assert.match(house.output.join(''), /not compared with what these witnesses hold: w1/);
    const token = await newToken();
    for (const witness of honest) await witness.start();
    await until('all three are heard', async () => (await witnessedBy()).length === 3);
    assert.equal(await judgeStrictly(token, 20_000), 'accepted');
    assert.deepEqual(await readEvents(house, ['log.forked', 'log.unwitnessed']), []);
  });
});
