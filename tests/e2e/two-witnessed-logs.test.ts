// Two logs under the same witnesses: a strict audience asks for a quorum whichever of them holds the
// token, and losing one log costs it nothing either.

import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogPolicy } from '@countersign/verifier';
import { type Registered, registerService, WORKFORCE } from './act-as-client.ts';
import { openJudge, pinPolicy } from './open-judge.ts';
import { type House, runHouse } from './run-house.ts';
import { RunningWitness } from './run-witness.ts';

const PATIENCE_MS = 30_000;
const folder = mkdtempSync(join(tmpdir(), 'countersign-e2e-two-witnessed-'));
const environment: Record<string, string> = { COUNTERSIGN_SECOND_LOG: 'local' };
let house: House;
let service: Registered;
let witnesses: RunningWitness[];

const issuer = (): string => `${house.url}/${WORKFORCE}`;

async function readLogs(): Promise<LogPolicy[]> {
  const policy = await pinPolicy(house, issuer());
  return policy.issuers[0]?.receipts.logs ?? [];
}

async function newToken(): Promise<string> {
  for (const deadlineMs = performance.now() + PATIENCE_MS; ; await sleep(50)) {
    const answer = await fetch(service.config.serverMetadata().token_endpoint ?? '', {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${service.id}:${service.secret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const body = (await answer.json()) as { access_token: string };
    if (answer.status === 200) return body.access_token;
    assert.ok(performance.now() < deadlineMs, JSON.stringify(body));
  }
}

/** A service whose audience is strict. It has seen nothing yet. */
async function openStrictJudge() {
  const pinned = await pinPolicy(house, issuer());
  const audience = house.demo.resource.identifier;
  const issuers = pinned.issuers.map((one) => ({
    ...one,
    receipts: { ...one.receipts, strictAudiences: [audience] },
  }));
  const judge = openJudge({ ...pinned, issuers }, { strictWaitMs: 30_000 });
  return {
    close: () => judge.close(),
    /** The log that holds the token's receipt. */
    accept: async (token: string): Promise<string> => {
      const { receipt } = await judge.verifyToken(token, { audience });
      return receipt?.origin ?? assert.fail('it has no receipt');
    },
  };
}

async function assertColdJudgeAccepts(origin: string | undefined): Promise<void> {
  const judge = await openStrictJudge();
  try {
    assert.equal(await judge.accept(await newToken()), origin);
  } finally {
    await judge.close();
  }
  assert.equal((await fetch(`${house.url}/log/checkpoint`)).status, 200);
}

before(async () => {
  house = await runHouse({ environment });
  const keys = (await readLogs()).map(({ checkpointKey }) => checkpointKey);
  assert.equal(keys.length, 2);
  service = await registerService(house);
  witnesses = await Promise.all(['w1', 'w2'].map((name) => RunningWitness.start(name, keys)));
  const lines = witnesses.map(({ name, key, url }) => `witness ${name} ${key} ${url}`);
  writeFileSync(
    join(folder, 'policy'),
    [...lines, 'group all2 all w1 w2', 'quorum all2', ''].join('\n'),
  );
  environment['COUNTERSIGN_WITNESSES'] = join(folder, 'policy');
  await house.stop();
  await house.start();
});
after(async () => {
  await house?.remove();
  for (const witness of witnesses ?? []) await witness.remove();
  rmSync(folder, { recursive: true, force: true });
});

test('a strict audience waits for the quorum of whichever log holds the token', async () => {
  const logs = await readLogs();
  assert.ok(logs.every(({ witnesses: rules }) => rules?.includes('quorum all2')));
  const [first, second] = logs.map(({ origin }) => origin);
  const judge = await openStrictJudge();
  try {
    assert.equal(await judge.accept(await newToken()), first);

    // Without this file the notary cannot start again.
    renameSync(join(house.data, 'notary/log.json'), join(house.data, 'notary-log.json'));
    process.kill(house.childPid('notary') ?? 0, 'SIGKILL');
    assert.equal(await judge.accept(await newToken()), second);
  } finally {
    await judge.close();
  }
  // The key's own leaf is in the log that is lost, whose last checkpoint has all that it promised: so
  // it is shown on, and a service that starts now finds the leaf there. So it is when the server
  // starts anew, which has only its ledger to know what was promised.
  await assertColdJudgeAccepts(second);
  await house.stop();
  await house.start();
  await assertColdJudgeAccepts(second);
  const metrics = await (await fetch(`${house.url}/metrics`)).text();
  assert.equal(metrics.match(/^countersign_log_witnessed_age_seconds\{/gm)?.length, 2);
});
