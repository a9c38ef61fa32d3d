import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { inflateSync } from 'node:zlib';
import type { RevocationBitmap } from '@countersign/audit';
import { ManualClock } from '@countersign/vocabulary';
import { publishFeed } from './publish-feed.ts';

const FIRST = 'id.example/log';
const SECOND = 'second.example/log';

function parts() {
  const clock = new ManualClock();
  const signed: {
    origin: string;
    number: number;
    quarantined: unknown[];
    revoked: { firstIndex: number; lst: string };
    revokedIn: { origin: string; firstIndex: number }[];
  }[] = [];
  const state = {
    quarantined: [] as { issuer: string; kid: string; sinceMs: number; reason: string }[],
    failing: false,
    away: [] as string[],
    /** What the second log says of itself. */
    second: { firstIndex: 16, bitmap: Uint8Array.of(1), count: 1 } as Omit<
      RevocationBitmap,
      'origin'
    >,
    closed: [] as string[][],
  };
  return {
    clock,
    signed,
    state,
    audit: {
      listQuarantined: async () => [...state.quarantined],
      revocationBitmaps: async () => [
        { origin: FIRST, firstIndex: 8, bitmap: Uint8Array.of(0b101), count: 2 },
        { origin: SECOND, ...state.second },
      ],
    },
    signers: [FIRST, SECOND].map((origin) => ({
      origin,
      notary: {
        signFeed: async (json: string) => {
          if (state.failing || state.away.includes(origin)) throw new Error('the notary is away');
          signed.push({ origin, ...JSON.parse(json) });
          return `note ${signed.length}`;
        },
      },
    })),
    onFailure: () => undefined,
    onClosed: (origins: readonly string[]) => state.closed.push([...origins]),
  };
}

describe('the verifier feed', () => {
  it('is there before the first request', async () => {
    const given = parts();
    const feed = await publishFeed(given);
    assert.equal(feed.current(), 'note 1');
    const { revoked } = given.signed[0] ?? { revoked: { firstIndex: -1, lst: '' } };
    assert.equal(revoked.firstIndex, 8);
    assert.deepEqual([...inflateSync(Buffer.from(revoked.lst, 'base64url'))], [0b101]);
    feed.stop();
  });

  it('is signed by another log when the first is away, and then says the same of both', async () => {
    const given = parts();
    const feed = await publishFeed(given);
    given.state.away = [FIRST];
    await feed.refresh();
    const told = given.signed.map(({ origin, revoked, revokedIn }) => [
      [origin, revoked.firstIndex],
      ...revokedIn.map((list) => [list.origin, list.firstIndex]),
    ]);
    const lists = [
      [FIRST, 8],
      [SECOND, 16],
    ];
    assert.deepEqual(told, [lists, lists.toReversed()]);
    given.state.away = [FIRST, SECOND];
    await assert.rejects(feed.refresh(), /away/);
    feed.stop();
  });

  it('closes a log whose revoked tokens cannot be told, says so once, and stops for nobody', async () => {
    const given = parts();
    const feed = await publishFeed(given);
    const few = given.state.second;
    const wide = { firstIndex: 0, bitmap: new Uint8Array(0), count: 2, all: true } as const;
    const dense = { firstIndex: 0, bitmap: randomBytes(1_700_000), count: 6_000_000 };
    for (const second of [wide, dense, few]) {
      given.state.second = second;
      await feed.refresh();
    }
    assert.deepEqual(
      given.signed.slice(1).map(({ revoked, revokedIn }) => [revoked.firstIndex, revokedIn[0]]),
      [
        [8, { origin: SECOND, all: true }],
        [8, { origin: SECOND, all: true }],
        [8, given.signed[0]?.revokedIn[0]],
      ],
    );
    assert.deepEqual(given.state.closed, [[SECOND], []]);
    feed.stop();
  });

  it('never repeats or lowers its number, even when the clock goes back', async () => {
    const given = parts();
    const feed = await publishFeed(given);
    given.clock.advanceMs(-60_000);
    await feed.refresh();
    await feed.refresh();
    const numbers = given.signed.map(({ number }) => number);
    assert.deepEqual(
      numbers,
      [...numbers].sort((a, b) => a - b),
    );
    assert.equal(new Set(numbers).size, 3);
    feed.stop();
  });

  it('says what changed while an earlier renewal was under way', async () => {
    const given = parts();
    const feed = await publishFeed(given);
    const early = feed.refresh();
    given.state.quarantined.push({
      issuer: 'https://id.example/a/workforce',
      kid: 'k',
      sinceMs: 1,
      reason: 'forged',
    });
    await feed.refresh();
    await early;
    assert.equal(given.signed.at(-1)?.quarantined.length, 1);
    feed.stop();
  });

  it('is not handed out once it is too old to be believed', async () => {
    const given = parts();
    const feed = await publishFeed(given);
    given.state.failing = true;
    await assert.rejects(feed.refresh(), /away/);
    given.clock.advanceMs(59_000);
    assert.equal(feed.current(), 'note 1');
    given.clock.advanceMs(2_000);
    assert.throws(() => feed.current(), { code: 'feed_unavailable' });
    feed.stop();
  });
});
