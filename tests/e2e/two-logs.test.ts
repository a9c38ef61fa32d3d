// Promise: an issuer may use two logs, a receipt of either suffices, and losing one costs nothing:
// no refused token, no false alarm, no revocation that is not heard.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeReceipt, type VerifierPolicy } from '@countersign/verifier';
import { type Registered, readToken, registerService, WORKFORCE } from './act-as-client.ts';
import { fetchCheckpoint } from './fetch-checkpoint.ts';
import { type Judge, openJudge, pinPolicy } from './open-judge.ts';
import { type House, runHouse } from './run-house.ts';
import { REMOTE_ORIGIN, RemoteNotary } from './run-remote-notary.ts';
import { until } from './wait-until.ts';

interface LoggedToken {
  token: string;
  logOrigin: string;
  logIndex: number;
}

/** A house with two logs, a client of it, and a verifier that pinned its policy. */
class TwoLogs {
  readonly house: House;
  readonly service: Registered;
  readonly policy: VerifierPolicy;
  readonly judge: Judge;
  readonly origins: string[];

  private constructor(house: House, service: Registered, policy: VerifierPolicy) {
    this.house = house;
    this.service = service;
    this.policy = policy;
    this.judge = openJudge(policy, { feedPollMs: 100 });
    this.origins = (policy.issuers[0]?.receipts.logs ?? []).map(({ origin }) => origin);
  }

  static async open(environment: Record<string, string>): Promise<TwoLogs> {
    const house = await runHouse({ environment });
    const service = await registerService(house);
    return new TwoLogs(house, service, await pinPolicy(house, `${house.url}/${WORKFORCE}`));
  }

  /** @throws AssertionError for any answer but a token */
  async issue(): Promise<LoggedToken> {
    const { id, secret, config } = this.service;
    const answer = await fetch(config.serverMetadata().token_endpoint ?? '', {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    const { access_token: token } = JSON.parse(text) as { access_token: string };
    const itr = String(readToken(token).header['itr']);
    const { index: logIndex } = decodeReceipt(Buffer.from(itr, 'base64url'));
    return { token, logOrigin: this.originOf(itr), logIndex };
  }

  /** @throws AssertionError for a receipt of no log of the policy */
  originOf(itr: string): string {
    const { keyId } = decodeReceipt(Buffer.from(itr, 'base64url'));
    const name = `+${Buffer.from(keyId).toString('hex')}+`;
    const logs = this.policy.issuers[0]?.receipts.logs ?? [];
    const log = logs.find(({ receiptKey }) => receiptKey.includes(name));
    assert.ok(log, 'the receipt is of a log of the policy');
    return log.origin;
  }

  async verdict({ token }: LoggedToken): Promise<string> {
    return this.judge.judge(token, { audience: this.house.demo.resource.identifier });
  }

  /** Tokens on end, from before something happens until after it. */
  async issueThrough(event: () => Promise<void> | void): Promise<LoggedToken[]> {
    let over = false;
    const issued: LoggedToken[] = [];
    const worker = async (): Promise<void> => {
      while (!over) issued.push(await this.issue());
    };
    const workers = Array.from({ length: 3 }, worker);
    await sleep(300);
    await event();
    await sleep(1500);
    over = true;
    await Promise.all(workers);
    return issued;
  }

  async revoke({ logOrigin, logIndex }: LoggedToken): Promise<void> {
    assert.equal((await this.house.operate('/revocations', { logOrigin, logIndex }))['revoked'], 1);
  }

  async untilReconciled(): Promise<void> {
    await until('both logs are compared with the ledger', async () => {
      const { logs, logJudgedBelow, moreLogs } = (await this.house.operate(
        '/reconciliation',
      )) as unknown as {
        logs: { logged: number | null }[];
        logJudgedBelow: number;
        moreLogs: { judgedBelow: number }[];
      };
      const judged = [logJudgedBelow, moreLogs[0]?.judgedBelow ?? -1];
      return logs.every(({ logged }, at) => logged !== null && (judged[at] ?? -1) >= logged);
    });
  }

  async alarms(): Promise<unknown[]> {
    const { findings } = await this.house.operate('/findings?limit=1000');
    return (findings as { class: string }[]).filter((finding) => finding.class !== 'interrupted');
  }

  async close(): Promise<void> {
    await this.judge.close();
    await this.house.remove();
  }
}

/** Kills a notary of the house in a way that its supervisor cannot mend; resolves with the cure. */
function loseLog(house: House, folder: 'notary' | 'notary2'): () => void {
  const place = join(house.data, folder, 'log.json');
  renameSync(place, `${place}.away`);
  const pid = readdirSync('/proc').find((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    const command = readCommand(entry);
    return (
      command.includes('apps/notary/src/main.ts') && command.includes(join(house.data, folder))
    );
  });
  process.kill(Number(pid ?? assert.fail(`no process has ${folder}`)), 'SIGKILL');
  return () => renameSync(`${place}.away`, place);
}

function readCommand(pid: string): string[] {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
    return command.map((part) =>
      part.endsWith('/src/main.ts') ? 'apps/notary/src/main.ts' : part,
    );
  } catch {
    return []; // it ended while we looked
  }
}

const from = (origin: string | undefined) => (token: LoggedToken) => token.logOrigin === origin;

describe('a house with two logs of its own', () => {
  let two: TwoLogs;
  let early: LoggedToken;
  before(async () => {
    two = await TwoLogs.open({ COUNTERSIGN_SECOND_LOG: 'local' });
  });
  after(() => two.close());

  test('logs in the first, and shows both to everybody', async () => {
    early = await two.issue();
    assert.equal(early.logOrigin, two.origins[0]);
    assert.equal(await two.verdict(early), 'accepted');
    for (const { url } of two.policy.issuers[0]?.receipts.logs ?? [])
      assert.match(await fetchCheckpoint(url), /^\S+\n\d+\n/, url);
  });

  test('goes on without an error when the first is killed and stays away', async () => {
    let cure = (): void => undefined;
    const issued = await two.issueThrough(() => {
      cure = loseLog(two.house, 'notary');
    });
    const { length: ofFirst } = issued.filter(from(two.origins[0]));
    const ofSecond = issued.filter(from(two.origins[1]));
    assert.ok(ofFirst > 0 && ofSecond.length > 0, `${ofFirst} and ${ofSecond.length}`);
    assert.equal(ofFirst + ofSecond.length, issued.length);
    for (const token of issued) assert.equal(await two.verdict(token), 'accepted');
    assert.equal((await fetch(`${two.house.url}/readyz`)).status, 200);

    // A key that is made now is in the second log before anybody is shown it.
    const jwks = await (await fetch(`${two.house.url}/acme/partner/jwks`)).json();
    const receipts = (jwks as { keys: { itr: string }[] }).keys.map(({ itr }) => two.originOf(itr));
    assert.deepEqual(new Set(receipts), new Set([two.origins[1]]));

    // Revocations of both logs are heard, in a feed that the second log signs.
    const [late] = ofSecond;
    for (const token of [early, late ?? assert.fail()]) {
      await two.revoke(token);
      await until(
        'the revocation is heard',
        async () => (await two.verdict(token)) === 'token_revoked',
      );
    }
    const feed = await (await fetch(`${two.house.url}/api/v1/feed`)).text();
    assert.equal(feed.split('\n')[1], two.origins[1]);
    cure();
  });

  test('comes back to the first, and nothing of it looks like theft', async () => {
    await until('the first log is used again', async () => from(two.origins[0])(await two.issue()));
    const last = await two.issue();
    assert.equal(await two.verdict(last), 'accepted');
    assert.equal(await two.verdict(early), 'token_revoked');
    await two.untilReconciled();
    await two.judge.untilAudited();
    assert.deepEqual(await two.alarms(), []);
    assert.deepEqual(two.judge.alarms, []);
  });

  test('does not notice when the second is lost', async () => {
    const issued = await two.issueThrough(() => loseLog(two.house, 'notary2')());
    for (const token of issued) assert.equal(await two.verdict(token), 'accepted');
    await until('the second log is back', async () => {
      const { logs } = await two.house.operate('/reconciliation');
      return (logs as { logged: number | null }[])[1]?.logged !== null;
    });
    await two.untilReconciled();
    assert.deepEqual(await two.alarms(), []);
  });

  test('starts without the first, and takes it back', async () => {
    await two.house.stop();
    const place = join(two.house.data, 'notary/log.json');
    renameSync(place, `${place}.away`);
    await two.house.start();
    const token = await two.issue();
    assert.equal(token.logOrigin, two.origins[1]);
    assert.equal(await two.verdict(token), 'accepted');
    renameSync(`${place}.away`, place);
    await until('the first log is used again', async () => from(two.origins[0])(await two.issue()));
    await two.untilReconciled();
    assert.deepEqual(await two.alarms(), []);
  });
});

describe('a house whose second log is on another host', () => {
  const remote = new RemoteNotary();
  let two: TwoLogs;
  before(async () => {
    await remote.start();
    two = await TwoLogs.open(remote.environment);
  });
  after(async () => {
    await two.close();
    await remote.remove();
  });

  test('goes on there when its own log is lost, and verifiers find the tokens there', async () => {
    assert.deepEqual(two.origins[1], REMOTE_ORIGIN);
    let cure = (): void => undefined;
    const issued = await two.issueThrough(() => {
      cure = loseLog(two.house, 'notary');
    });
    assert.ok(issued.some(from(REMOTE_ORIGIN)));
    for (const token of issued) assert.equal(await two.verdict(token), 'accepted');
    cure();
    await until('the first log is used again', async () => from(two.origins[0])(await two.issue()));
    await two.judge.untilAudited();
    assert.deepEqual(two.judge.alarms, []);
  });

  test('goes on at home when the other host is gone, and starts without it too', async () => {
    const issued = await two.issueThrough(() => remote.kill());
    for (const token of issued) assert.equal(await two.verdict(token), 'accepted');
    await two.house.stop();
    await two.house.start();
    assert.equal(await two.verdict(await two.issue()), 'accepted');
    await remote.start();
    await two.untilReconciled();
    assert.deepEqual(await two.alarms(), []);
  });
});
