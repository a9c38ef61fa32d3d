import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PublicKeyRecord, SignatureAlg } from '@countersign/keys';
import { ManualClock } from '@countersign/vocabulary';
import { RealmKeys, type RealmKeysOptions } from './realm-keys.ts';

const ISSUER = 'https://id.example/acme/workforce';

function record(kid: string, alg: SignatureAlg, notAfterSeconds: number, issuer = ISSUER) {
  const publicJwk = { kid, alg, exp: notAfterSeconds };
  return { kid, alg, scope: { issuer, notAfterSeconds }, publicJwk } as PublicKeyRecord;
}

const receiptOf = (text: string) => Buffer.from(text).toString('base64url');
/** Its receipts name what was logged. */
const openLog: RealmKeysOptions['keyLog'] = {
  ensure: async (event, { kid }) => Buffer.from(`${event} ${kid}`),
};

function keysOf(
  signer: RealmKeysOptions['signer'],
  clock: ManualClock,
  keyLog = openLog,
): RealmKeys {
  return new RealmKeys({
    signer,
    keyLog,
    realm: { tenant: 'acme', population: 'workforce' },
    issuer: ISSUER,
    longestLifetimeSeconds: 600,
    receiptKey: 'receipt-key',
    clock,
    freshnessMs: 30_000,
  });
}

describe('the keys of a realm', () => {
  const later = (clock: ManualClock, seconds: number) => clock.nowMs() / 1000 + seconds;

  test('are asked for with the narrowest scope this realm can have', async () => {
    const clock = new ManualClock();
    const asked: unknown[] = [];
    const keys = keysOf(
      {
        ensureKey: async (alg, scope) => {
          asked.push(scope);
          return record(alg, alg, later(clock, 100));
        },
        listKeys: async () => [],
      },
      clock,
    );
    await keys.signingKey('ES256');
    assert.equal(asked.length, 3);
    assert.deepEqual(asked[0], {
      issuer: ISSUER,
      tenant: 'acme',
      population: 'workforce',
      audiences: '*',
      tokenTypes: ['at+jwt', 'JWT', 'logout+jwt'],
      longestLifetimeSeconds: 600,
      notBeforeSeconds: later(clock, -60),
      notAfterSeconds: later(clock, 90 * 86_400),
      requireReceiptFrom: 'receipt-key',
    });
  });

  test('of other issuers, and of the past, are never published', async () => {
    const clock = new ManualClock();
    const mine = record('mine', 'ES256', later(clock, 100));
    const kept = [
      mine,
      record('over', 'ES256', later(clock, -1)),
      record('foreign', 'ES256', later(clock, 100), `${ISSUER}2`),
    ];
    const keys = keysOf(
      {
        ensureKey: async () => mine,
        listKeys: async () => kept,
      },
      clock,
    );
    assert.deepEqual(
      (await keys.publishedKeys()).map(({ kid }) => kid),
      ['mine'],
    );
    clock.advanceMs(29_000);
    assert.equal((await keys.publishedKeys()).length, 1);
    clock.advanceMs(72_000);
    assert.equal((await keys.publishedKeys()).length, 0);
  });

  test('are read again when they are no longer fresh, by one request for all', async () => {
    const clock = new ManualClock();
    let reads = 0;
    const keys = keysOf(
      {
        ensureKey: async (alg) => record(`${alg}-${reads}`, alg, later(clock, 1e6)),
        listKeys: async () => {
          reads += 1;
          return [];
        },
      },
      clock,
    );
    await Promise.all([keys.signingKey('ES256'), keys.signingKey('RS256'), keys.publishedKeys()]);
    assert.equal(reads, 1);
    clock.advanceMs(30_000);
    assert.equal((await keys.signingKey('ES256')).kid, 'ES256-1');
    assert.equal(reads, 2);
  });

  test('stay published while the signer is away, but none are made up', async () => {
    const clock = new ManualClock();
    let away = true;
    const keys = keysOf(
      {
        ensureKey: async (alg) => {
          if (away) throw new Error('signer away');
          return record(alg, alg, later(clock, 1e6));
        },
        listKeys: async () => [record('mine', 'ES256', later(clock, 1e6))],
      },
      clock,
    );
    await assert.rejects(keys.publishedKeys(), /signer away/);
    away = false;
    const before = (await keys.publishedKeys()).length;
    assert.equal(before, 4);
    away = true;
    clock.advanceMs(60_000);
    assert.equal((await keys.publishedKeys()).length, before);
  });

  test('are shown with the receipt of their publication, and sign only once that is logged', async () => {
    const clock = new ManualClock();
    const logged: string[] = [];
    const keyLog: RealmKeysOptions['keyLog'] = {
      ensure: async (event, key) => {
        logged.push(`${event} ${key.kid}`);
        return openLog.ensure(event, key);
      },
    };
    const signer: RealmKeysOptions['signer'] = {
      ensureKey: async (alg) => record(alg, alg, later(clock, 1e6)),
      listKeys: async () => [],
    };
    const keys = keysOf(signer, clock, keyLog);
    const shown = await keys.publishedKeys();
    assert.deepEqual(
      shown.map(({ itr }) => itr),
      ['ES256', 'EdDSA', 'RS256'].map((kid) => receiptOf(`published ${kid}`)),
    );
    assert.equal(logged.filter((line) => line.startsWith('activated')).length, 0);
    await keys.signingKey('ES256');
    await keys.signingKey('ES256');
    assert.deepEqual(logged.slice(3), ['activated ES256']);
  });

  test('that the log has not seen are not shown and do not sign; those before them do', async () => {
    const clock = new ManualClock();
    let generation = 1;
    let open = true;
    const keyLog: RealmKeysOptions['keyLog'] = {
      ensure: async (event, key) => {
        if (!open && key.kid.endsWith('2')) throw new Error('log away');
        return openLog.ensure(event, key);
      },
    };
    const made = new Map<string, PublicKeyRecord>();
    const signer: RealmKeysOptions['signer'] = {
      ensureKey: async (alg) => {
        const key = record(`${alg}-${generation}`, alg, later(clock, 1e6));
        made.set(key.kid, key);
        return key;
      },
      listKeys: async () => [...made.values()],
    };
    const keys = keysOf(signer, clock, keyLog);
    assert.equal((await keys.signingKey('ES256')).kid, 'ES256-1');
    generation = 2;
    open = false;
    clock.advanceMs(60_000);
    assert.equal((await keys.signingKey('ES256')).kid, 'ES256-1');
    assert.equal((await keys.publishedKeys()).length, 3);
    open = true;
    clock.advanceMs(1_000);
    assert.equal((await keys.signingKey('ES256')).kid, 'ES256-2');
    assert.equal((await keys.publishedKeys()).length, 6);
  });

  test('show none and sign nothing while the log has seen none', async () => {
    const clock = new ManualClock();
    const keyLog = { ensure: () => Promise.reject(new Error('log away')) };
    const signer: RealmKeysOptions['signer'] = {
      ensureKey: async (alg) => record(alg, alg, later(clock, 1e6)),
      listKeys: async () => [record('ES256', 'ES256', later(clock, 1e6))],
    };
    const keys = keysOf(signer, clock, keyLog);
    await assert.rejects(keys.publishedKeys(), /log away/);
    await assert.rejects(keys.signingKey('ES256'), /log away/);
  });

  test('that alone the log has not seen yet are asked for again shortly, not a fault of ours', async () => {
    const clock = new ManualClock();
    const keyLog: RealmKeysOptions['keyLog'] = {
      ensure: async (event, key) => {
        if (key.alg === 'ES256') throw new Error('log away');
        return openLog.ensure(event, key);
      },
    };
    const signer: RealmKeysOptions['signer'] = {
      ensureKey: async (alg) => record(alg, alg, later(clock, 1e6)),
      listKeys: async () => [],
    };
    const keys = keysOf(signer, clock, keyLog);
    assert.equal((await keys.publishedKeys()).length, 2);
    await assert.rejects(keys.signingKey('ES256'), { code: 'issuance_unavailable' });
    assert.equal((await keys.signingKey('RS256')).kid, 'RS256');
  });

  test('do not sign while the log cannot be told that they begin to', async () => {
    const clock = new ManualClock();
    const keyLog: RealmKeysOptions['keyLog'] = {
      ensure: async (event, key) => {
        if (event === 'activated') throw new Error('log away');
        return openLog.ensure(event, key);
      },
    };
    const signer: RealmKeysOptions['signer'] = {
      ensureKey: async (alg) => record(alg, alg, later(clock, 1e6)),
      listKeys: async () => [],
    };
    const keys = keysOf(signer, clock, keyLog);
    assert.equal((await keys.publishedKeys()).length, 3);
    await assert.rejects(keys.signingKey('ES256'), { code: 'issuance_unavailable' });
  });
});
