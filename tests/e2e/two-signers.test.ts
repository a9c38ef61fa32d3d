// Promise: an issuer may use two signers, each with keys of its own, and losing one costs nothing: no
// refused request, no refused token, no false alarm; no signature without a number, and none twice.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSignerClient, type PublicKeyRecord } from '@countersign/keys';
import { connectTls } from '@countersign/pipe';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { type Registered, readToken, registerService, WORKFORCE } from './act-as-client.ts';
import { type Judge, openJudge, pinPolicy } from './open-judge.ts';
import { type House, runHouse } from './run-house.ts';
import { RemoteSigner } from './run-remote-signer.ts';
import { until } from './wait-until.ts';

const WORKERS = 50;

interface Load {
  tokens: string[];
  /** Answers that were no token. */
  failures: string[];
}

interface Reconciliation {
  signed: number | null;
  signers?: { signed: number | null }[];
  journalJudgedBelow: number;
  moreSigners?: { judgedBelow: number }[];
}

/** Events that nothing in this file may be the cause of. */
const ALARMS = ['key.disagreement', 'key.tally_differs', 'key.tripwire', 'key.rotator_silent'];

/** A house with its signers, a service of it, and verifiers that learned its keys before anything. */
class TwoSigners {
  readonly house: House;
  readonly service: Registered;
  readonly judge: Judge;
  readonly #keys: ReturnType<typeof createLocalJWKSet>;

  private constructor(house: House, service: Registered, judge: Judge, keys: JSONWebKeySet) {
    this.house = house;
    this.service = service;
    this.judge = judge;
    this.#keys = createLocalJWKSet(keys);
  }

  static async open(environment: Record<string, string>): Promise<TwoSigners> {
    const house = await runHouse({ environment });
    const service = await registerService(house);
    const issuer = `${house.url}/${WORKFORCE}`;
    const jwks = (await (await fetch(`${issuer}/jwks`)).json()) as JSONWebKeySet;
    const judge = openJudge(await pinPolicy(house, issuer), { feedPollMs: 100 });
    const two = new TwoSigners(house, service, judge, jwks);
    try {
      await until('every seat is taken', () => two.isSettled(issuer));
      assert.equal(await two.verdict(await two.issue()), 'accepted');
      return two;
    } catch (error) {
      await two.close();
      throw error;
    }
  }

  async ask(): Promise<Response> {
    const { id, secret, config } = this.service;
    return fetch(config.serverMetadata().token_endpoint ?? '', {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
  }

  /** @throws AssertionError for any answer but a token */
  async issue(): Promise<string> {
    const answer = await this.ask();
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    return (JSON.parse(text) as { access_token: string }).access_token;
  }

  verdict(token: string): Promise<string> {
    return this.judge.judge(token, { audience: this.house.demo.resource.identifier });
  }

  /** @throws what jose says, which knows the keys of the first minute and no others */
  async checkWithOldKeys(token: string): Promise<void> {
    const issuer = `${this.house.url}/${WORKFORCE}`;
    await jwtVerify(token, this.#keys, { issuer, typ: 'at+jwt' });
  }

  /** What the house has noted of its signers. */
  get noted(): Record<string, PublicKeyRecord[]> {
    return JSON.parse(readFileSync(join(this.house.data, 'signers.json'), 'utf8'));
  }

  /** Of two signers, each has for each algorithm a key that signs and one that stands by. */
  isSettled(issuer: string): boolean {
    if (Object.keys(this.noted).length < 2) return true;
    return Object.values(this.noted).every((keys) => {
      const ours = keys.filter(({ scope }) => scope.issuer === issuer);
      return ['ES256', 'EdDSA', 'RS256'].every((alg) => {
        const states = ours.filter((key) => key.alg === alg).map(({ life }) => life.state);
        return states.includes('active') && states.includes('published');
      });
    });
  }

  signerOf(token: string): string {
    const kid = String(readToken(token).header['kid']);
    const holders = Object.entries(this.noted).filter(([, keys]) =>
      keys.some((key) => key.kid === kid),
    );
    assert.equal(holders.length, 1, 'a key has one signer');
    return holders[0]?.[0] ?? '';
  }

  /** Fifty at a time on end, from before something happens until after it. */
  async issueThrough(event: () => Promise<void> | void): Promise<Load> {
    const load: Load = { tokens: [], failures: [] };
    let over = false;
    const worker = async (): Promise<void> => {
      while (!over) {
        const answer = await this.ask();
        const text = await answer.text();
        if (answer.status === 200) load.tokens.push(JSON.parse(text).access_token);
        else load.failures.push(`${answer.status} ${text}`);
      }
    };
    const workers = Promise.all(Array.from({ length: WORKERS }, worker));
    try {
      await sleep(500);
      await event();
      await sleep(2500);
    } finally {
      over = true;
      await workers;
    }
    return load;
  }

  /** Nothing was refused, and everybody accepts everything. */
  async checkAll({ tokens, failures }: Load): Promise<void> {
    assert.deepEqual(failures, [], `of ${tokens.length + failures.length} requests`);
    for (const token of tokens) {
      assert.equal(await this.verdict(token), 'accepted');
      await this.checkWithOldKeys(token);
    }
  }

  /** Each journal is compared to its end with the ledger, and nothing was found. */
  async checkLedger(): Promise<void> {
    await until('the journals are compared with the ledger', async () => {
      const answer = (await this.house.operate('/reconciliation')) as unknown as Reconciliation;
      const { signed, journalJudgedBelow, moreSigners = [] } = answer;
      const { signers = [{ signed }] } = answer;
      const judged = [journalJudgedBelow, ...moreSigners.map(({ judgedBelow }) => judgedBelow)];
      return signers.every(({ signed: last }, at) => last !== null && (judged[at] ?? 0) > last);
    });
    await this.judge.untilAudited();
    assert.deepEqual(await this.alarms(), []);
    assert.deepEqual(this.judge.alarms, []);
    const { events } = await this.house.operate(`/events?name=${ALARMS.join()}&limit=10`);
    assert.deepEqual(events, []);
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

/** The confined signer that writes this folder, wherever its parent is. @throws AssertionError while there is none */
function signerPid(folder: string): number {
  return findSigner(folder) ?? assert.fail(`no signer has ${folder}`);
}

/** Waits for one that is being started: its parent's pauses grow with each kill. */
async function untilSigner(folder: string): Promise<number> {
  await until('a signer is there', () => findSigner(folder) !== undefined);
  return signerPid(folder);
}

function findSigner(folder: string): number | undefined {
  const found = readdirSync('/proc').find((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    const command = readCommand(entry);
    const [script = ''] = command.filter((part) => part.endsWith('/src/main.ts'));
    return script.includes('apps/signer/') && command.includes(folder);
  });
  return found === undefined ? undefined : Number(found);
}

function readCommand(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0');
  } catch {
    return []; // it ended while we looked
  }
}

/** Kills a signer of the house in a way that its supervisor cannot mend; resolves with the cure. */
function loseSigner(house: House, folder: 'signer' | 'signer2'): () => void {
  const place = join(house.data, folder, 'custody.json');
  renameSync(place, `${place}.away`);
  process.kill(signerPid(join(house.data, folder)), 'SIGKILL');
  return () => renameSync(`${place}.away`, place);
}

describe('a house with two signers of its own', () => {
  let two: TwoSigners;
  before(async () => {
    two = await TwoSigners.open({ COUNTERSIGN_SECOND_SIGNER: 'local' });
  });
  after(() => two.close());

  const signedBy = (name: string) => (token: string) => two.signerOf(token) === name;
  const firstSigns = () =>
    until('the first signs', async () => signedBy('first')(await two.issue()));

  test('has a key that signs and one that stands by at each, shows all, and signs with the first', async () => {
    assert.deepEqual(Object.keys(two.noted).sort(), ['first', 'second']);
    const issuer = `${two.house.url}/${WORKFORCE}`;
    const { keys } = (await (await fetch(`${issuer}/jwks`)).json()) as JSONWebKeySet;
    assert.equal(keys.length, 12);
    assert.ok(signedBy('first')(await two.issue()));
  });

  test('refuses nothing when the first is killed under load and stays away', async () => {
    let cure = (): void => undefined;
    const load = await two.issueThrough(() => {
      cure = loseSigner(two.house, 'signer');
    });
    await two.checkAll(load);
    const second = load.tokens.filter(signedBy('second'));
    assert.ok(second.length > 0 && second.length < load.tokens.length);
    assert.ok(signedBy('second')(await two.issue()));
    assert.equal((await fetch(`${two.house.url}/readyz`)).status, 200);
    // Its keys are shown on: tokens that it signed are alive.
    const jwks = await (await fetch(`${two.house.url}/${WORKFORCE}/jwks`)).json();
    assert.equal((jwks as JSONWebKeySet).keys.length, 12);
    // A realm that nobody used yet has its first keys at the other.
    const partner = await fetch(`${two.house.url}/acme/partner/jwks`);
    const { keys } = (await partner.json()) as JSONWebKeySet;
    const held = new Set(two.noted['second']?.map(({ kid }) => kid));
    assert.ok(keys.length >= 3 && keys.every(({ kid }) => held.has(kid ?? '')));
    cure();
  });

  test('uses the first again when it is back, and nothing looks like theft', async () => {
    await firstSigns();
    await two.checkLedger();
  });

  test('refuses nothing when the first is killed again and again, and restarted', async () => {
    const load = await two.issueThrough(async () => {
      for (let turn = 0; turn < 3; turn += 1) {
        process.kill(await untilSigner(join(two.house.data, 'signer')), 'SIGKILL');
        await sleep(1500);
      }
    });
    await two.checkAll(load);
    await firstSigns();
    await two.checkLedger();
  });

  test('refuses nothing when the first hangs', async () => {
    await firstSigns();
    const pid = signerPid(join(two.house.data, 'signer'));
    const load = await two.issueThrough(async () => {
      process.kill(pid, 'SIGSTOP');
      await sleep(2000);
      process.kill(pid, 'SIGCONT');
    });
    await two.checkAll(load);
    await firstSigns();
    await two.checkLedger();
  });

  test('does not notice when the second is killed', async () => {
    await firstSigns();
    const load = await two.issueThrough(() => loseSigner(two.house, 'signer2')());
    await two.checkAll(load);
    // One that is slow for a second is passed over for the next token: that may be on a busy machine.
    const byFirst = load.tokens.filter(signedBy('first'));
    assert.ok(
      byFirst.length > load.tokens.length * 0.9,
      `${byFirst.length} of ${load.tokens.length}`,
    );
    await two.checkLedger();
  });

  test('starts without the first, and takes it back', async () => {
    await two.house.stop();
    const place = join(two.house.data, 'signer/custody.json');
    renameSync(place, `${place}.away`);
    await two.house.start();
    const token = await two.issue();
    assert.ok(signedBy('second')(token));
    assert.equal(await two.verdict(token), 'accepted');
    renameSync(`${place}.away`, place);
    await firstSigns();
    await two.checkLedger();
  });
});

describe('a house with two signers whose key is stolen', () => {
  let two: TwoSigners;
  before(async () => {
    two = await TwoSigners.open({ COUNTERSIGN_SECOND_SIGNER: 'local' });
  });
  after(() => two.close());

  test('revokes it under load, and the other signs at once, with a key that verifiers know', async () => {
    const stolen = await two.issue();
    const kid = String(readToken(stolen).header['kid']);
    const load = await two.issueThrough(async () => {
      await two.house.operate(`/keys/${kid}/revoke`, { reason: 'drill of this test' });
    });
    assert.deepEqual(load.failures, []);
    await until('the verifier heard', async () => (await two.verdict(stolen)) !== 'accepted');
    const [late = ''] = load.tokens.slice(-1);
    assert.equal(two.signerOf(late), 'second');
    for (const token of load.tokens) {
      const ended = readToken(token).header['kid'] === kid;
      assert.equal((await two.verdict(token)) === 'accepted', !ended);
      if (!ended) await two.checkWithOldKeys(token);
    }
    assert.deepEqual(await two.alarms(), []);
  });
});

describe('a house whose second signer is on another host', () => {
  const remote = new RemoteSigner();
  let two: TwoSigners;
  let name: string;
  before(async () => {
    await remote.start();
    two = await TwoSigners.open(remote.environment('SECOND_SIGNER'));
    name = `tls://localhost:${remote.port}`;
  });
  after(async () => {
    await two.close();
    await remote.remove();
  });

  test('signs there while its own signer is away, and refuses nothing when that host dies', async () => {
    let cure = (): void => undefined;
    const lost = await two.issueThrough(() => {
      cure = loseSigner(two.house, 'signer');
    });
    await two.checkAll(lost);
    assert.ok(lost.tokens.some((token) => two.signerOf(token) === name));
    cure();
    await until('the first signs again', async () => two.signerOf(await two.issue()) === 'first');
    await two.checkAll(await two.issueThrough(() => remote.kill()));
    await remote.start();
    await two.checkLedger();
  });

  test('has nothing signed there for a stranger whom the same authority vouches for', async () => {
    const stranger = connectTls({
      ...{ host: 'localhost', port: remote.port, minPauseMs: 10 },
      identity: remote.identity('stranger'),
    });
    const client = createSignerClient(stranger);
    try {
      for (let turn = 0; turn < 5; turn += 1) {
        await assert.rejects(client.listKeys(), { code: 'signer_unavailable' });
        await sleep(20);
      }
    } finally {
      client.close();
    }
  });
});

describe('a house whose only signer is on another host', () => {
  const remote = new RemoteSigner();
  let two: TwoSigners;
  before(async () => {
    await remote.start();
    two = await TwoSigners.open(remote.environment('SIGNER'));
  });
  after(async () => {
    await two.close();
    await remote.remove();
  });

  test('has no signer and no key of an issuer at home', () => {
    assert.deepEqual(readdirSync(join(two.house.data, 'signer')), []);
    assert.equal(two.house.childPid('signer'), undefined);
  });

  test('goes on when it is back, having numbered nothing twice', async () => {
    const load = await two.issueThrough(async () => {
      process.kill(signerPid(remote.folder), 'SIGKILL');
      await sleep(1500);
      await remote.kill();
      await remote.start();
    });
    // Meanwhile there was no signer: refused as something that passes, and as nothing else.
    for (const failure of load.failures) assert.match(failure, /^503 .*temporarily_unavailable/);
    assert.ok(load.tokens.length > 0);
    await two.checkAll({ ...load, failures: [] });
    await until('it signs again', async () => (await two.ask()).status === 200);
    await two.checkLedger();
  });
});
