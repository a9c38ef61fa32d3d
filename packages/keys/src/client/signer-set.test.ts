import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ManualClock } from '@countersign/vocabulary';
import { signerRefusal } from '../keys-error.ts';
import type { PublicKeyRecord } from '../life/public-key-record.ts';
import { makeInput, makePayload, makeScope, NOW_MS } from '../testing/token-fixture.ts';
import { connectLocalSigner } from './local-signer.ts';
import type { SignerClient } from './signer-client.ts';
import { createSignerSet, type SignerSet, type SignerSetOptions } from './signer-set.ts';

const root = mkdtempSync(join(tmpdir(), 'countersign-signers-'));
const sets: SignerSet[] = [];
afterEach(() => {
  for (const set of sets.splice(0)) set.close();
});
after(() => rmSync(root, { recursive: true }));

const passphrase = Buffer.from('correct horse battery staple');
let folders = 0;

/** A signer that can be made to be gone, to hang, or to have no room. */
async function openSigner() {
  folders += 1;
  const folder = join(root, String(folders));
  const client = await connectLocalSigner({ folder, passphrase, clock: new ManualClock(NOW_MS) });
  const trouble: { is: 'none' | 'gone' | 'hanging' | 'full' } = { is: 'none' };
  const spoiled =
    <Args extends unknown[], T>(name: string, work: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      if (trouble.is === 'gone') throw signerRefusal('signer_unavailable', 'gone');
      if (trouble.is === 'full' && name === 'sign') throw signerRefusal('journal_full', 'full');
      if (trouble.is === 'hanging') await sleep(60_000, undefined, { ref: false });
      return work(...args);
    };
  const members = Object.entries(client).map(([name, work]) => [
    name,
    name === 'close' ? work : spoiled(name, work as () => Promise<unknown>),
  ]);
  return { client: Object.fromEntries(members) as SignerClient, trouble };
}

async function openTwo(options: SignerSetOptions = {}) {
  const [first, second] = [await openSigner(), await openSigner()];
  const quick = { patienceMs: 10_000, minPauseMs: 5, maxPauseMs: 20, ...options };
  const set = createSignerSet(
    [
      { name: 'first', client: first.client },
      { name: 'second', client: second.client },
    ],
    quick,
  );
  sets.push(set);
  const make = async (signer: string): Promise<PublicKeyRecord> => {
    const { kid } = await set.makeKey('ES256', makeScope(), { signer });
    await set.changeKey(kid, 'published');
    return set.changeKey(kid, 'active');
  };
  const keys = { first: await make('first'), second: await make('second') };
  return { set, first, second, keys };
}

const sign = (set: SignerSet, { kid, alg }: PublicKeyRecord, changes = {}) =>
  set.sign(kid, makeInput({ alg, kid, typ: 'JWT' }, makePayload(changes)));

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn += 1) {
    assert.ok(turn < 1000, 'waited in vain');
    await sleep(5);
  }
}

describe('two signers as one', () => {
  it('each sign with keys of their own, into journals of their own', async () => {
    const { set, second, keys } = await openTwo();
    assert.equal(keys.first.signer, 'first');
    const answers = [
      await sign(set, keys.first),
      await sign(set, keys.first),
      await sign(set, keys.second),
    ];
    assert.deepEqual(
      answers.map(({ signer, journalNumber }) => [signer, journalNumber]),
      [
        ['first', 1],
        ['first', 2],
        ['second', 1],
      ],
    );
    assert.equal((await set.readJournal(0, 10)).lastNumber, 2);
    assert.equal((await second.client.readJournal(0, 10)).lastNumber, 1);
    assert.deepEqual(
      (await set.listKeys()).map(({ kid, signer }) => [kid, signer]),
      [
        [keys.first.kid, 'first'],
        [keys.second.kid, 'second'],
      ],
    );
    assert.deepEqual(await set.listKeys('https://other.example'), []);
    const { keys: count, lastNumber } = await set.status();
    assert.deepEqual([count, lastNumber], [2, 3]);
  });

  it('lose one and know its keys still, and that it is away', async () => {
    const { set, first, keys } = await openTwo();
    const before = await set.listKeys();
    first.trouble.is = 'gone';
    await assert.rejects(sign(set, keys.first), { code: 'signer_unavailable' });
    assert.ok(set.isAway('first') && !set.isAway('second'));
    // Also the records that were read before tell, so that nobody chooses a key that cannot sign.
    assert.deepEqual(
      before.map(({ away }) => away),
      [true, undefined],
    );
    assert.deepEqual(
      (await set.listKeys(makeScope().issuer)).map(({ kid, away }) => [kid, away]),
      [
        [keys.first.kid, true],
        [keys.second.kid, undefined],
      ],
    );
    assert.equal((await sign(set, keys.second)).signer, 'second');
    assert.equal((await set.status()).keys, 2);
    await set.ready();
  });

  it('do not wait for one that hangs, but once', async () => {
    const { set, first, keys } = await openTwo({ patienceMs: 50 });
    first.trouble.is = 'hanging';
    let asked = 0;
    const { sign: signThere } = first.client;
    first.client.sign = (...args) => {
      asked += 1;
      return signThere(...args);
    };
    for (let turn = 0; turn < 3; turn += 1) {
      await assert.rejects(sign(set, keys.first), { code: 'signer_unavailable' });
    }
    assert.equal(asked, 1);
  });

  it('use the first again when it is back', async () => {
    const changes: [string, boolean][] = [];
    const onChange = (name: string, away: boolean): void => void changes.push([name, away]);
    const { set, first, keys } = await openTwo({ onChange });
    first.trouble.is = 'gone';
    await assert.rejects(sign(set, keys.first), { code: 'signer_unavailable' });
    await sleep(30);
    assert.ok(set.isAway('first'));
    first.trouble.is = 'none';
    await until(() => !set.isAway('first'));
    assert.equal((await sign(set, keys.first)).signer, 'first');
    assert.equal((await set.listKeys())[0]?.away, undefined);
    assert.deepEqual(changes, [
      ['first', true],
      ['first', false],
    ]);
  });

  it('leave one alone whose disk is full, though it answers', async () => {
    const { set, first, keys } = await openTwo({ minPauseMs: 60_000 });
    first.trouble.is = 'full';
    await assert.rejects(sign(set, keys.first), { code: 'journal_full' });
    assert.ok(set.isAway('first'));
  });

  it('are not away for having refused what no key may sign', async () => {
    const { set, keys } = await openTwo();
    const outside = { code: 'audience_out_of_scope' };
    await assert.rejects(sign(set, keys.first, { aud: 'https://else.example' }), outside);
    assert.ok(!set.isAway('first'));
  });

  it('are both asked when both are away: one of them may be back', async () => {
    const { set, first, second, keys } = await openTwo({ minPauseMs: 60_000 });
    for (const one of [first, second]) one.trouble.is = 'gone';
    for (const key of [keys.first, keys.second])
      await assert.rejects(sign(set, key), { code: 'signer_unavailable' });
    await assert.rejects(set.ready(), { code: 'signer_unavailable' });
    await assert.rejects(set.status(), { code: 'signer_unavailable' });
    first.trouble.is = 'none';
    await set.ready();
    assert.equal((await sign(set, keys.first)).signer, 'first');
  });

  it('start without one whose keys are known from before', async () => {
    const { set: earlier, keys } = await openTwo();
    const [noted] = (await earlier.listKeys()).map((key) => JSON.parse(JSON.stringify(key)));
    const [away, here] = [await openSigner(), await openSigner()];
    away.trouble.is = 'gone';
    const set = createSignerSet([
      { name: 'first', client: away.client, lastKnown: [noted as PublicKeyRecord] },
      { name: 'second', client: here.client },
    ]);
    sets.push(set);
    const [known, ...others] = await set.listKeys();
    assert.deepEqual([known?.kid, known?.away, others], [keys.first.kid, true, []]);
  });

  it('do not say which keys there are while one of them was never heard', async () => {
    const { set, first } = await openTwo();
    const fresh = createSignerSet([
      { name: 'first', client: first.client },
      { name: 'second', client: set },
    ]);
    first.trouble.is = 'gone';
    await assert.rejects(fresh.listKeys(), { code: 'signer_unavailable' });
  });

  it('tell of each key that was made, changed or found', async () => {
    const told: string[] = [];
    const onKeys = (name: string, keys: readonly PublicKeyRecord[]): void => {
      told.push(`${name} ${keys.map(({ life }) => life.state).join()}`);
    };
    const { keys, first } = await openTwo({ onKeys });
    assert.deepEqual(told.slice(0, 3), ['first planned', 'first published', 'first active']);
    // One that another server made is found when it is asked for.
    const other = createSignerSet([{ name: 'first', client: first.client }], { onKeys });
    assert.equal((await sign(other, keys.first)).journalNumber, 1);
    assert.equal(told.at(-1), 'first active');
  });

  it('know no key that none of them holds, and no signer of another name', async () => {
    const { set, first } = await openTwo({ minPauseMs: 60_000 });
    const input = makeInput({ alg: 'ES256', kid: 'k', typ: 'JWT' }, makePayload());
    await assert.rejects(set.sign('k', input), { code: 'unknown_key' });
    await assert.rejects(set.changeKey('k', 'revoked'), { code: 'unknown_key' });
    const elsewhere = set.makeKey('ES256', makeScope(), { signer: 'third' });
    await assert.rejects(elsewhere, { code: 'request_malformed' });
    first.trouble.is = 'gone';
    await assert.rejects(set.sign('k', input), { code: 'signer_unavailable' });
    assert.throws(() => createSignerSet([]), TypeError);
    const twice = { name: 'first', client: first.client };
    assert.throws(() => createSignerSet([twice, twice]), TypeError);
  });
});
