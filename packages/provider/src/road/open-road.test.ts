import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeReceipt } from '@countersign/verifier';
import { type CountersignEvent, ManualClock } from '@countersign/vocabulary';
import { defaultLimits } from '../limits.ts';
import { type Abandoned, openRoad, type RoadParties } from './open-road.ts';

function partiesThat(changes: Partial<RoadParties> = {}): RoadParties {
  const answers = { ready: async () => undefined };
  return {
    notary: { ...answers, append: async () => new Uint8Array() },
    signer: { ...answers, sign: () => assert.fail('not asked') },
    audit: {
      expectBuild: () => undefined,
      record: async () => [],
      recordIssued: async () => undefined,
    },
    tagger: { tag: () => assert.fail('not asked') },
    auditReady: async () => undefined,
    clock: new ManualClock(),
    limits: { ...defaultLimits, readinessTimeoutMs: 20, mostPendingAbandoned: 3 },
    ...changes,
  };
}

function build(index: number): Abandoned {
  return {
    draft: {
      realm: 'acme/workforce',
      kind: 'access',
      typ: 'at+jwt',
      key: { kid: 'kid', alg: 'ES256' },
      claims: { iss: 'i', sub: 's', aud: 'a', exp: 2, iat: 1, jti: `j${index}` },
      clientId: 'c',
      request: {},
    } as unknown as Abandoned['draft'],
    leafHash: 'ab'.repeat(32),
    receipt: encodeReceipt({
      keyId: new Uint8Array(4),
      index,
      issuedMs: 1000,
      tags: undefined,
      log2Span: 0,
      proof: [],
      signature: new Uint8Array(64),
    }),
  };
}

describe('the parties of the road', () => {
  test('are asked whether they are there once for many requests, and again after a while', async () => {
    const clock = new ManualClock();
    let asked = 0;
    const road = openRoad(
      partiesThat({
        clock,
        auditReady: async () => {
          asked += 1;
        },
      }),
    );
    await Promise.all([road.ready(), road.ready(), road.ready()]);
    assert.equal(asked, 1);
    assert.equal(road.ready(), undefined);
    clock.advanceMs(defaultLimits.readinessFreshnessMs);
    await road.ready();
    assert.equal(asked, 2);
    clock.advanceMs(-10_000);
    await road.ready();
    assert.equal(asked, 3);
  });

  test('are asked anew after a failure, so that the next code is not used up in vain', async () => {
    let asked = 0;
    const auditReady = async () => {
      asked += 1;
    };
    const append = async () => assert.fail('the log is away');
    const road = openRoad(partiesThat({ auditReady, notary: { ready: auditReady, append } }));
    for (const fail of [
      () => road.append(new Uint8Array(44)),
      () => road.abandon(build(1), null),
    ]) {
      await road.ready();
      assert.equal(road.ready(), undefined);
      asked = 0;
      await Promise.allSettled([fail()]);
      await road.ready();
      assert.equal(asked, 2);
    }
  });

  test('that are away are asked again at once, and one that hangs is away', async () => {
    let answer: () => Promise<void> = () => Promise.reject(new Error('away'));
    const road = openRoad(partiesThat({ auditReady: () => answer() }));
    const unavailable = { code: 'issuance_unavailable' };
    await assert.rejects(async () => road.ready(), unavailable);
    answer = () => new Promise(() => undefined);
    await assert.rejects(async () => road.ready(), unavailable);
    answer = async () => undefined;
    await road.ready();
  });

  test('remember abandoned leaves while the audit store is away, a bounded number, each once', async () => {
    const recorded: CountersignEvent[] = [];
    let away = true;
    const road = openRoad(
      partiesThat({
        audit: {
          expectBuild: () => undefined,
          recordIssued: async () => undefined,
          record: async (events) => {
            await new Promise((resolve) => setImmediate(resolve));
            if (away) throw new Error('away');
            recorded.push(...events);
            return [];
          },
        },
      }),
    );
    await Promise.all([0, 1, 2, 3, 4].map((index) => road.abandon(build(index), new Error('x'))));
    away = false;
    await road.abandon(build(5), new Error('x'));
    await road.ready();
    const indexes = recorded.map(({ token }) => token?.logIndex);
    assert.equal(new Set(indexes).size, indexes.length, 'none twice');
    assert.ok(indexes.includes(5));
    assert.ok(indexes.length <= 4);
    assert.ok(recorded.every(({ name }) => name === 'token.abandoned'));
    assert.ok(recorded.every(({ token }) => token?.leafHash === 'ab'.repeat(32)));
  });
});
