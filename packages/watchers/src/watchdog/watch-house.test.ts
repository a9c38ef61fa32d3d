// A watchdog over a house that is served over HTTP: what it asks, what it writes, what it remembers, and
// whom it tells.

import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { encodeKeyEntry, type FetchLike, hashIssuer, type KeyEvent } from '@countersign/verifier';
import { TinyLog } from '../testing/tiny-log.ts';
import { MEMORY_FOLDER, TestFolder } from '../testing/witness-folder.ts';
import type { WatchdogAlarm } from './alarm-book.ts';
import { type HouseWatch, type WatchHouseOptions, watchHouse } from './watch-house.ts';

const HOUSE = 'https://id.example';
const ISSUER = `${HOUSE}/acme/workforce`;
const CREDENTIAL = 'the-credential-of-the-watchdog';
const END_SECONDS = 4_000_000_000;

class ServedHouse {
  readonly log = new TinyLog();
  answers = true;
  webhookStatus = 204;
  hookTook: WatchdogAlarm[] = [];
  view: unknown = {
    atMs: Date.now(),
    rotator: { lastTickMs: 1, nextTickMs: 2 },
    keys: [{ kid: 'k1', issuer: ISSUER, state: 'active', ...this.times() }],
  };
  keySet: unknown = { keys: [{ kid: 'k1' }] };
  readonly asked: { url: string; authorization: string | null }[] = [];

  times() {
    const notBeforeSeconds = Math.floor(Date.now() / 1000) - 60;
    return { notBeforeSeconds, notAfterSeconds: END_SECONDS };
  }

  logKey(kid: string, event: KeyEvent = 'published'): void {
    const about = { event, atMs: 1, notAfterSeconds: END_SECONDS, kid };
    const hashes = { issuerHash: hashIssuer(ISSUER), thumbprint: new Uint8Array(32) };
    this.log.add(encodeKeyEntry({ ...about, ...hashes }));
  }

  readonly fetch: FetchLike = async (url, init) => {
    if (url.startsWith(this.log.url)) return this.log.fetch(url, init);
    if (url === 'https://pager.example/hook') {
      const took = this.webhookStatus === 204;
      if (took) this.hookTook.push(JSON.parse(String(init?.body)) as WatchdogAlarm);
      const headers: Record<string, string> = { location: 'https://elsewhere.example' };
      return new Response(null, { status: this.webhookStatus, headers });
    }
    this.asked.push({ url, authorization: new Headers(init?.headers).get('authorization') });
    if (!this.answers) throw new Error('nobody there');
    return Response.json(url.endsWith('/jwks') ? this.keySet : this.view);
  };
}

let house: ServedHouse;
let folder: TestFolder;
let alarms: WatchdogAlarm[];
let troubles: string[];
let watch: HouseWatch | undefined;

async function end(): Promise<void> {
  const ending = watch;
  watch = undefined;
  await ending?.close();
}

async function open(more: Partial<WatchHouseOptions> = {}): Promise<HouseWatch> {
  await end();
  watch = await watchHouse({
    ...{ folder: folder.path, house: HOUSE, viewUrls: [`${HOUSE}/view`], credential: CREDENTIAL },
    keySetUrl: (issuer) => `${issuer}/jwks`,
    logs: [{ key: house.log.key, url: house.log.url }],
    everyMs: 1000,
    limits: { settleMs: 0, silenceMs: 0, logGraceMs: 0, longestSilenceMs: 3_600_000 },
    onAlarm: (alarm) => alarms.push(alarm),
    onTrouble: (what) => troubles.push(what),
    fetch: house.fetch,
    ...more,
  });
  return watch;
}

const inFile = (): WatchdogAlarm[] =>
  readFileSync(join(folder.path, 'alarms.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{"format"'))
    .map((line) => JSON.parse(line) as WatchdogAlarm);
const told = (list: readonly WatchdogAlarm[]): string[] =>
  list.map(({ code, phase }) => `${code} ${phase}`);

beforeEach(() => {
  house = new ServedHouse();
  house.logKey('k1');
  folder = new TestFolder(MEMORY_FOLDER);
  alarms = [];
  troubles = [];
  // The rotator of this house never turns again; that is not what is asked here.
  house.view = { ...(house.view as object), rotator: { lastTickMs: 1, nextTickMs: 1e12 } };
});
afterEach(async () => {
  await end();
  folder.delete();
});

describe('a watchdog over a house', () => {
  it('finds nothing in one that is well, and shows its credential to the view alone', async () => {
    const { look } = await open();
    const { conditions, unsettled, keys, logsRead } = await look();
    assert.deepEqual({ conditions, unsettled, keys, logsRead }, { ...well, keys: 1 });
    assert.deepEqual(house.asked, [
      { url: `${HOUSE}/view`, authorization: `Bearer ${CREDENTIAL}` },
      { url: `${ISSUER}/jwks`, authorization: null },
    ]);
  });

  it('finds a key that was slipped into the JWKS, or into the log, or never logged', async () => {
    const { look } = await open();
    house.keySet = { keys: [{ kid: 'k1' }, { kid: 'rogue' }] };
    house.logKey('other-rogue');
    house.view = {
      ...(house.view as object),
      keys: [
        { kid: 'k1', issuer: ISSUER, state: 'active', ...house.times() },
        { kid: 'k2', issuer: ISSUER, state: 'planned', ...house.times() },
        { kid: 'k3', issuer: ISSUER, state: 'published', ...house.times() },
      ],
    };
    await look();
    assert.deepEqual(told(alarms).toSorted(), [
      'jwks_lacks_key raised',
      'jwks_unknown_key raised',
      'log_lacks_key raised',
      'log_unknown_key raised',
    ]);
    assert.deepEqual(inFile(), alarms);
  });

  it('asks no issuer for its keys that shows none: it would make some', async () => {
    const { look } = await open();
    await look();
    house.view = {
      ...(house.view as object),
      keys: [{ kid: 'k1', issuer: ISSUER, state: 'revoked', ...house.times() }],
    };
    house.logKey('k1', 'revoked');
    house.asked.length = 0;
    assert.deepEqual((await look()).conditions, []);
    assert.deepEqual(
      house.asked.map(({ url }) => url),
      [`${HOUSE}/view`],
    );
  });

  it('says nothing of keys when the log cannot be believed, but that', async () => {
    const { look } = await open();
    await look();
    house.log.replaced.set('checkpoint', new TextEncoder().encode('no checkpoint'));
    await look();
    assert.deepEqual(told(alarms), ['log_unread raised']);
  });

  it('takes an answer that is none for silence', async () => {
    const { look } = await open();
    for (const view of ['text', { keys: [{}] }, { keys: 'many' }, {}]) {
      house.view = view;
      await look();
    }
    assert.deepEqual(told(alarms), ['server_silent raised']);
    house.answers = false;
    await look();
    assert.equal(alarms.length, 1);
  });

  it('remembers what it told and what the log told, through its own end', async () => {
    house.keySet = { keys: [] };
    await (await open()).look();
    await (await open()).look();
    assert.deepEqual(told(alarms), ['jwks_lacks_key raised']);
    house.keySet = { keys: [{ kid: 'k1' }] };
    await (await open()).look();
    assert.deepEqual(told(inFile()), ['jwks_lacks_key raised', 'jwks_lacks_key ended']);
  });

  it('goes on after a crash that cut its files, and after somebody took them away', async () => {
    await (await open()).look();
    for (const name of ['alarms.ndjson', 'logged-keys.ndjson'])
      appendFileSync(join(folder.path, name), '{"cut o');
    writeFileSync(join(folder.path, 'memory.json'), '{"book":');
    house.keySet = { keys: [] };
    await (await open()).look();
    assert.deepEqual(told(inFile()), ['jwks_lacks_key raised']);
    rmSync(join(folder.path, 'alarms.ndjson'));
    house.keySet = { keys: [{ kid: 'k1' }] };
    await watch?.look();
    assert.deepEqual(told(inFile()), ['jwks_lacks_key ended']);
  });

  it('follows no redirect of a webhook, and sends nothing in clear over a network', async () => {
    house.webhookStatus = 302;
    house.keySet = { keys: [] };
    await (await open({ webhook: 'https://pager.example/hook' })).look();
    await end();
    assert.match(troubles.join(), /redirect/);
    troubles = [];
    rmSync(folder.path, { recursive: true });
    await (await open({ webhook: 'http://pager.example/hook' })).look();
    await end();
    assert.match(troubles.join(), /https/);
  });

  it('tells a webhook each alarm once, later when it did not take it at first', async () => {
    const { look } = await open({ webhook: 'https://pager.example/hook' });
    house.webhookStatus = 503;
    house.keySet = { keys: [] };
    await look();
    await look();
    assert.match(troubles.join(), /the webhook did not take an alarm: it answered 503/);
    house.webhookStatus = 204;
    for (let tries = 0; house.hookTook.length === 0 && tries < 20; tries += 1) await look();
    await look();
    assert.deepEqual(told(house.hookTook), ['jwks_lacks_key raised']);
  });

  it('alarms although it cannot write: the line and the webhook are left', async () => {
    const { look } = await open({ alarmFile: join(folder.path, 'gone', 'alarms.ndjson') });
    house.keySet = { keys: [] };
    await look();
    assert.deepEqual(told(alarms), ['jwks_lacks_key raised']);
    assert.match(troubles.join(), /alarms cannot be written/);
    assert.ok(!existsSync(join(folder.path, 'gone')));
  });

  it('says at its end that the house is gone, and afterwards that it is back', async () => {
    const { look, raiseGone } = await open();
    await look();
    await raiseGone('It has ended.');
    await raiseGone('It has ended.');
    assert.deepEqual(told(inFile()), ['server_gone raised']);
    await (await open()).look();
    assert.deepEqual(told(inFile()), ['server_gone raised', 'server_gone ended']);
  });

  it('is one for each folder', async () => {
    await open();
    await assert.rejects(
      watchHouse({
        ...{ folder: folder.path, house: HOUSE, viewUrls: [], logs: [], everyMs: 1000 },
        keySetUrl: (issuer) => issuer,
        ...{ onAlarm: () => {}, onTrouble: () => {} },
      }),
      { code: 'folder_locked' },
    );
  });
});

const well = { conditions: [], unsettled: [], logsRead: true };
