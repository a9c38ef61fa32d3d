import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PublicKeyRecord, SignatureAlg } from '@countersign/keys';
import { ManualClock } from '@countersign/vocabulary';
import { RealmKeys, type RealmKeysOptions } from './realm-keys.ts';

const ISSUER = 'https://id.example/acme/workforce';

function record(kid: string, alg: SignatureAlg, notAfterSeconds: number, issuer = ISSUER) {
  return { kid, alg, scope: { issuer, notAfterSeconds } } as PublicKeyRecord;
}

function keysOf(signer: RealmKeysOptions['signer'], clock: ManualClock): RealmKeys {
  return new RealmKeys({
    signer,
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
    const kept = [
      record('mine', 'ES256', later(clock, 100)),
      record('over', 'ES256', later(clock, -1)),
      record('foreign', 'ES256', later(clock, 100), `${ISSUER}2`),
    ];
    const keys = keysOf(
      {
        ensureKey: async (alg) => record(`now-${alg}`, alg, later(clock, 100)),
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
    assert.equal((await keys.publishedKeys()).length, 1);
    away = true;
    clock.advanceMs(60_000);
    assert.equal((await keys.publishedKeys()).length, 1);
  });
});
