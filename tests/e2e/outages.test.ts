import assert from 'node:assert/strict';
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseCheckpoint, parseNote } from '@countersign/verifier';
import {
  codeRequest,
  REDIRECT,
  type Registered,
  readToken,
  registerClient,
  registerService,
  signIn,
  WORKFORCE,
} from './act-as-client.ts';
import { refused } from './expect-refusal.ts';
import { fetchCheckpoint } from './fetch-checkpoint.ts';
import { openJudge, pinPolicy } from './open-judge.ts';
import { factsOf, readEvents, untilReconciled } from './read-record.ts';
import { type House, runHouse, whyNoOwnDisk } from './run-house.ts';

const RECOVERY_MS = 60_000;
const FORM = { grant_type: 'client_credentials' };

function askForToken(
  { id, secret, config }: Registered,
  form: Record<string, string> = FORM,
): Promise<Response> {
  return fetch(config.serverMetadata().token_endpoint ?? '', {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}` },
    body: new URLSearchParams(form),
  });
}

async function assertAway(answer: Response): Promise<void> {
  assert.ok(Number(answer.headers.get('retry-after')) > 0, `${answer.status} without Retry-After`);
  await refused(answer, 503);
}

async function untilServed(service: Registered): Promise<string> {
  for (const deadlineMs = performance.now() + RECOVERY_MS; ; await sleep(50)) {
    const answer = await askForToken(service);
    const body = (await answer.json()) as { access_token: string };
    if (answer.status === 200) return body.access_token;
    assert.equal(answer.status, 503, JSON.stringify(body));
    assert.ok(performance.now() < deadlineMs, 'it does not come back');
  }
}

const alarmsOf = async (house: House): Promise<unknown[]> => {
  const { findings } = await house.operate('/findings?limit=1000');
  return (findings as { class: string }[]).filter((finding) => finding.class !== 'interrupted');
};

describe('when a confined process is away', () => {
  let house: House;
  let service: Registered;
  let web: Registered;
  before(async () => {
    house = await runHouse();
    service = await registerService(house);
    web = await registerClient(house);
  });
  after(() => house.remove());

  // A file that each must have to start: without it the restarts of the supervisor fail.
  for (const [victim, file] of [
    ['signer', 'signer/custody.json'],
    ['notary', 'notary/log.json'],
  ] as const) {
    test(`${victim}: 503 with Retry-After, nothing burnt, and recovery without help`, async () => {
      const request = await codeRequest(web.config);
      const back = await signIn(house, request);
      const before = await untilServed(service);
      const place = join(house.data, file);
      renameSync(place, `${place}.away`);
      process.kill(house.childPid(victim) ?? 0, 'SIGKILL');
      await untilGone(victim);

      await assertAway(await askForToken(service));
      const redemption = {
        grant_type: 'authorization_code',
        code: new URL(back.url).searchParams.get('code') ?? '',
        redirect_uri: REDIRECT,
        code_verifier: request.verifier,
      };
      await assertAway(await askForToken(web, redemption));
      const ready = await fetch(`${house.url}/readyz`);
      assert.equal(ready.status, 503);
      assert.deepEqual(((await ready.json()) as { missing: string[] }).missing, [victim]);
      const alive = [`/healthz`, `/${WORKFORCE}/jwks`, '/api/v1/feed'];
      for (const path of alive) {
        assert.equal((await fetch(house.url + path)).status, 200, path);
      }
      const judge = openJudge(await pinPolicy(house, `${house.url}/${WORKFORCE}`));
      const audience = house.demo.resource.identifier;
      const { receipt } = await judge.verifyToken(before, { audience });
      await judge.close();
      if (victim === 'signer') await fetchCheckpoint(`${house.url}/log`);
      else await assertLacksNothing(receipt?.index ?? assert.fail());

      renameSync(`${place}.away`, place);
      await untilServed(service);
      // The code was not used up by the attempts that could not be served.
      const late = await askForToken(web, redemption);
      assert.equal(late.status, 200, await late.text());
    });
  }

  /** A log that is away shows no checkpoint that would say of a promised leaf that it is not there. */
  async function assertLacksNothing(index: number): Promise<void> {
    const answer = await fetch(`${house.url}/log/checkpoint`);
    if (answer.status === 503) return;
    assert.equal(answer.status, 200);
    const { text } = parseNote(await answer.text());
    assert.ok(parseCheckpoint(text).size > index);
  }

  async function untilGone(victim: 'signer' | 'notary'): Promise<void> {
    for (const deadlineMs = performance.now() + RECOVERY_MS; ; await sleep(10)) {
      const ready = await fetch(`${house.url}/readyz`);
      await ready.body?.cancel();
      if (ready.status === 503) return;
      assert.ok(performance.now() < deadlineMs, `the ${victim} still answers`);
    }
  }

  test('a process that hangs is not waited for without end', async () => {
    const pid = house.childPid('signer') ?? 0;
    process.kill(pid, 'SIGSTOP');
    try {
      // Past the moment for which the last good answer is believed.
      await sleep(200);
      const startedMs = performance.now();
      await assertAway(await askForToken(service));
      assert.ok(performance.now() - startedMs < 30_000);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await untilServed(service);
  });

  test('none of this looks like theft', async () => {
    await untilReconciled(house);
    assert.deepEqual(await alarmsOf(house), []);
  });
});

// In CI a disk that cannot be mounted is a failure, as every missing part is.
const skip = process.env['CI'] === undefined && whyNoOwnDisk();

describe('when the disk is full', { skip }, () => {
  let house: House;
  let service: Registered;
  before(async () => {
    house = await runHouse({ diskMiB: 16 });
    service = await registerService(house);
  });
  after(() => house.remove());

  test('503 with Retry-After until there is room; nothing lost, nothing false, no process down', async () => {
    const kept = [await untilServed(service)];
    const pids = [house.process.pid, house.childPid('signer'), house.childPid('notary')];
    const ballast = join(house.data, 'ballast');
    fill(ballast);
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const answer = await askForToken(service);
      if (answer.status !== 200) {
        await assertAway(answer);
        break;
      }
      kept.push(((await answer.json()) as { access_token: string }).access_token);
      assert.ok(attempt < 49, 'the disk is not full');
    }
    for (const _ of [1, 2, 3]) await assertAway(await askForToken(service));
    const person = { realm: WORKFORCE, username: 'eve', password: 'a password for eve' };
    assert.equal((await house.api('/people', person)).status, 503);

    rmSync(ballast);
    kept.push(await untilServed(service));
    assert.equal((await house.api('/people', person)).status, 201);
    assert.deepEqual([house.process.pid, house.childPid('signer'), house.childPid('notary')], pids);
    const judge = openJudge(await pinPolicy(house, `${house.url}/${WORKFORCE}`));
    after(() => judge.close());
    const recorded = (await readEvents(house, ['token.issued'])).map(
      (event) => factsOf(event)['log_index'],
    );
    for (const token of kept) {
      const verified = await judge.verifyToken(token, {
        audience: String(readToken(token).claims['aud']),
      });
      assert.ok(recorded.includes(verified.receipt?.index));
    }
    await untilReconciled(house);
    assert.deepEqual(await alarmsOf(house), []);
  });

  function fill(path: string): void {
    const file = openSync(path, 'w');
    const block = Buffer.alloc(4096);
    try {
      for (;;) writeSync(file, block);
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
    } finally {
      closeSync(file);
    }
  }
});
