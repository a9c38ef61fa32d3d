// Whoever can write to a key set, in a real house: a proxy puts keys of its own among the issuer's.
// The thief has a submission credential as well, so that every token comes with an honest receipt.

import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLog } from '@countersign/transparency';
import {
  decodeBase64url,
  encodeKeyEntry,
  hashIssuer,
  keyThumbprint,
  openReceiptLog,
  parseVerifierKey,
  type ReceiptMode,
  type VerifierPolicy,
  verifyKeyReceipt,
} from '@countersign/verifier';
import { systemClock, systemRandom } from '@countersign/vocabulary';
import * as client from 'openid-client';
import { forgeReceipt } from '../../scenarios/src/attack/forge-receipt.ts';
import { draftToken, leafOf, signDraft } from '../../scenarios/src/attack/forge-token.ts';
import { type StolenKey, stealReceiptKey } from '../../scenarios/src/attack/steal-keys.ts';
import { submitLeaf } from '../../scenarios/src/attack/submit-leaf.ts';
import { readToken, registerService, WORKFORCE } from './act-as-client.ts';
import { type Judge, openJudge, pinPolicy } from './open-judge.ts';
import { factsOf, readEvents, readLog, untilReconciled } from './read-record.ts';
import { type House, runHouse } from './run-house.ts';

type Jwk = Record<string, unknown> & { kid: string; exp: number; itr: string };

describe('a key set that somebody else can write to', () => {
  let house: House;
  let proxy: Server;
  let policy: VerifierPolicy;
  let issuer: string;
  let api: string;
  let genuine: string;
  let submitter: string;
  let reporter: string;
  /** What the proxy makes of the issuer's keys. */
  let tamper: (keys: Jwk[]) => unknown[] = (keys) => keys;
  const thief = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  before(async () => {
    house = await runHouse();
    issuer = `${house.url}/${WORKFORCE}`;
    api = house.demo.resource.identifier;
    const credentialOf = async (path: string, body: object): Promise<string> =>
      String((await house.operate(path, body))['credential']);
    submitter = await credentialOf('/submitters', { name: 'second issuer' });
    reporter = await credentialOf('/reporters', { tenant: 'acme', name: 'Orders API' });
    const { config } = await registerService(house);
    genuine = (await client.clientCredentialsGrant(config)).access_token;
    proxy = createServer((_request, response) => {
      void shownKeys().then((keys) => response.end(JSON.stringify({ keys: tamper(keys) })));
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    policy = await pinPolicy(house, issuer);
  });
  after(async () => {
    proxy.close();
    proxy.closeAllConnections();
    await house.remove();
  });

  async function shownKeys(): Promise<Jwk[]> {
    const answer = await fetch(`${issuer}/jwks`);
    const { keys } = (await answer.json()) as { keys: Jwk[] };
    return keys.toSorted((one, other) => (one.kid < other.kid ? -1 : 1));
  }

  const genuineKid = () => String(readToken(genuine).header['kid']);

  /** The thief's public key, dressed up as one of the issuer's. */
  async function dressUp(change: Record<string, unknown> = {}): Promise<Jwk> {
    const shown = (await shownKeys()).find(({ kid }) => kid === genuineKid()) ?? assert.fail();
    const bare = thief.publicKey.export({ format: 'jwk' });
    const { itr: _, ...members } = { ...shown, ...bare };
    return { ...members, kid: keyThumbprint({ ...bare }) ?? '', ...change } as Jwk;
  }

  /** A token of a key, seen by the log as any other. */
  async function mint(privateKey: KeyObject, kid: string): Promise<string> {
    const key = { record: { kid, alg: 'ES256' }, privateKey } as unknown as StolenKey;
    const draft = draftToken(key, readToken(genuine).claims, { sub: 'admin' });
    const receipt = await submitLeaf(house.url, submitter, leafOf(draft, Date.now()));
    return signDraft(draft, receipt);
  }

  /** The entry that would publish a key whose kid is its thumbprint. */
  function entryOf(kid: string, notAfterSeconds: number, atMs: number): Uint8Array {
    const thumbprint = decodeBase64url(kid) ?? new Uint8Array();
    const issuerHash = hashIssuer(issuer);
    return encodeKeyEntry({
      event: 'published',
      atMs,
      notAfterSeconds,
      issuerHash,
      thumbprint,
      kid,
    });
  }

  function atProxy(pinned: VerifierPolicy): VerifierPolicy {
    const jwksUri = `http://localhost:${(proxy.address() as AddressInfo).port}/jwks`;
    return { ...pinned, issuers: pinned.issuers.map((one) => ({ ...one, jwksUri })) };
  }

  /** A verifier that reads the key set of the proxy, and does not follow the feed. */
  function openMisled(change: { keys?: ReceiptMode; credential?: string } = {}): Judge {
    const { feed: _, ...rest } = atProxy(policy);
    const issuers = rest.issuers.map((one) => ({
      ...one,
      receipts: { ...one.receipts, keys: change.keys ?? one.receipts.keys ?? 'off' },
    }));
    const { credential } = change;
    return openJudge({ ...rest, issuers }, credential === undefined ? {} : { credential });
  }

  async function judge(
    token: string,
    change: { keys?: ReceiptMode; credential?: string } = {},
  ): Promise<string> {
    const opened = openMisled(change);
    try {
      const verdict = await opened.judge(token, { audience: api });
      if (verdict === 'accepted') await opened.untilAudited();
      assert.deepEqual(opened.alarms, []);
      return verdict;
    } finally {
      await opened.close();
    }
  }

  test('is believed as far as the log has seen it', async () => {
    assert.equal(policy.issuers[0]?.receipts.keys, 'required');
    assert.equal(await judge(genuine), 'accepted');
  });

  test('passes a rogue key off where logged keys are not asked for, and not where they are', async () => {
    const rogue = await dressUp();
    tamper = (keys) => [...keys, rogue];
    const token = await mint(thief.privateKey, rogue.kid);
    assert.equal(await judge(token, { keys: 'off' }), 'accepted');
    assert.equal(await judge(token), 'key_unlogged');
    assert.equal(await judge(genuine), 'accepted');
  });

  test('gets no key accepted under the kid and with the receipt of a genuine one', async () => {
    const [kid, shown] = [genuineKid(), await shownKeys()];
    const { itr } = shown.find((key) => key.kid === kid) ?? assert.fail();
    const rogue = await dressUp({ kid, itr });
    tamper = (keys) => keys.map((key) => (key.kid === kid ? rogue : key));
    assert.equal(await judge(await mint(thief.privateKey, kid)), 'key_unlogged');
  });

  test('cannot lengthen the life of a genuine key', async () => {
    tamper = (keys) => keys.map((key) => ({ ...key, exp: key.exp + 86_400 }));
    assert.equal(await judge(genuine, { keys: 'off' }), 'accepted');
    assert.equal(await judge(genuine), 'key_unlogged');
  });

  test('gains the thief of the receipt key, too, no more than the seconds until the audit', async () => {
    const log = stealReceiptKey({
      data: house.data,
      secret: (name) => house.secretFile(name).trim(),
    });
    const forger = { keyId: log.note.id, privateKey: log.privateKey, origin: log.note.name };
    const rogue = await dressUp();
    const issuedMs = Date.now();
    const entry = entryOf(rogue.kid, rogue.exp, issuedMs);
    const itr = Buffer.from(forgeReceipt(forger, entry, { index: 0, issuedMs })).toString(
      'base64url',
    );
    tamper = (keys) => [...keys, { ...rogue, itr }];
    const token = await mint(thief.privateKey, rogue.kid);
    const misled = openMisled();
    try {
      assert.equal(await misled.judge(token, { audience: api }), 'accepted');
      await misled.awaitVerdict('key_unlogged', token, { audience: api });
      assert.deepEqual(
        misled.alarms.map(({ kind, pair }) => [kind, pair?.subject, pair?.kid]),
        [['leaf_mismatch', 'key', rogue.kid]],
      );
    } finally {
      await misled.close();
    }
  });

  async function awaitRogue(reason: string): Promise<Record<string, unknown>> {
    for (const deadlineMs = performance.now() + 60_000; ; await sleep(50)) {
      const { findings } = await house.operate('/findings?limit=100');
      const found = (findings as Record<string, unknown>[]).find(
        (one) => one['class'] === 'rogue' && one['reason'] === reason,
      );
      if (found !== undefined) return found;
      assert.ok(performance.now() < deadlineMs, 'there is no finding');
    }
  }

  test('is told of: the verifier reports, and the house has a finding', async () => {
    const rogue = await dressUp();
    tamper = (keys) => [...keys, rogue];
    const token = await mint(thief.privateKey, rogue.kid);
    assert.equal(await judge(token, { credential: reporter }), 'key_unlogged');
    assert.equal((await awaitRogue('key_unlogged_unproven'))['quarantined'], false);
  });

  test('leaves no mark on the issuer: each of its keys is in the log, and stays so after a kill', async () => {
    tamper = (keys) => keys;
    const before = await shownKeys();
    await house.kill();
    await house.start();
    assert.deepEqual(await shownKeys(), before);
    const [place] = policy.issuers[0]?.receipts.logs ?? [];
    const logs = [
      await openReceiptLog(place?.origin ?? '', parseVerifierKey(place?.receiptKey ?? '')),
    ];
    for (const { itr, kid, exp, ...jwk } of before) {
      const fact = { issuer, kid, thumbprint: keyThumbprint(jwk) ?? '', notAfterSeconds: exp };
      const verdict = await verifyKeyReceipt(decodeBase64url(itr) ?? new Uint8Array(), fact, logs);
      assert.ok(verdict.ok);
      const log = await readLog(house, policy, verdict.index + 1);
      assert.ok(await log.holds(verdict.index, verdict.leafHash));
    }
  });

  test('raises no finding about the keys that the issuer made itself', async () => {
    await untilReconciled(house);
    const { findings } = await house.operate('/findings?limit=1000');
    const rogue = (findings as Record<string, unknown>[]).filter((one) => one['class'] === 'rogue');
    assert.deepEqual(
      rogue.map((one) => one['reason']),
      ['key_unlogged_unproven'],
    );
    const events = await readEvents(house, ['key.published', 'key.activated']);
    const facts = events.map((event) => [event.name, factsOf(event)['kid']].join(' '));
    for (const { kid } of await shownKeys()) assert.ok(facts.includes(`key.published ${kid}`));
    assert.ok(facts.includes(`key.activated ${genuineKid()}`));
    assert.equal(new Set(facts).size, facts.length, 'each event is told of once');
  });

  test('needs the log as well: a rogue key that is logged in our name is found and quarantined', async () => {
    const rogue = await dressUp();
    await house.stop();
    const itr = await logAsThief(rogue);
    await house.start();
    const finding = await awaitRogue('key_logged_but_not_ours');
    assert.equal(finding['kid'], rogue.kid);
    assert.equal(finding['proven'], true);
    assert.equal(finding['quarantined'], true);
    const feed = await (await fetch(policy.feed?.url ?? '')).text();
    assert.ok(feed.includes(rogue.kid));
    // Who does not follow the feed is lost to a thief of both: the log vouches for the key.
    tamper = (keys) => [...keys, { ...rogue, itr }];
    assert.equal(await judge(await mint(thief.privateKey, rogue.kid)), 'accepted');
    const follower = openJudge(atProxy(policy), { feedPollMs: 100 });
    try {
      const token = await mint(thief.privateKey, rogue.kid);
      await follower.awaitVerdict('key_quarantined', token, { audience: api });
    } finally {
      await follower.close();
    }
  });

  /** Who can speak to the notary: here, who opens its log while the house is down. */
  async function logAsThief({ kid, exp }: Jwk): Promise<string> {
    const log = await openLog({
      folder: join(house.data, 'notary'),
      origin: policy.issuers[0]?.receipts.logs[0]?.origin ?? '',
      passphrase: Buffer.from(house.secretFile('key-passphrase').trim()),
      clock: systemClock,
      random: systemRandom,
      onFatal: (error) => assert.fail(String(error)),
    });
    try {
      const receipt = await log.append(entryOf(kid, exp, Date.now()));
      return Buffer.from(receipt).toString('base64url');
    } finally {
      await log.close();
    }
  }
});
