import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, it } from 'node:test';
import { deflateSync } from 'node:zlib';
import { formatNote } from '../note/parse-note.ts';
import { createNoteKey, formatVerifierKey } from '../note/verifier-key.ts';
import { createFeedSource, type FeedSourceOptions } from './poll-feed.ts';

const ORIGIN = 'id.example/log';
const ISSUER = 'https://id.example/acme/workforce';
const START_MS = 1_800_000_000_000;

interface Body {
  number: number;
  issuedMs: number;
  quarantined: unknown;
  revoked: unknown;
}

const pair = generateKeyPairSync('ed25519');
const raw = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
const feedKey = createNoteKey(`${ORIGIN}/feed`, 'ed25519', new Uint8Array(raw));

function bitmap(bytes: number[]): string {
  return deflateSync(Buffer.from(bytes)).toString('base64url');
}

function signed(text: string, key = pair.privateKey): string {
  const blob = new Uint8Array(sign(null, Buffer.from(text), key));
  return formatNote({ text, signatures: [{ name: feedKey.name, id: feedKey.id, blob }] });
}

function bench(options: Partial<FeedSourceOptions> = {}) {
  let nowMs = START_MS;
  const problems: string[] = [];
  const numbers: number[] = [];
  const state = { body: '' as string | Uint8Array<ArrayBuffer>, down: false, asked: 0 };
  const publish = (body: Partial<Body> = {}) => {
    const whole = {
      number: 1,
      issuedMs: nowMs,
      quarantined: [],
      revoked: { firstIndex: 0, lst: bitmap([]) },
      ...body,
    };
    state.body = signed(`countersign/feed/v1\n${ORIGIN}\n${JSON.stringify(whole)}\n`);
  };
  const feed = createFeedSource({
    url: 'https://id.example/api/v1/feed',
    key: formatVerifierKey(feedKey),
    maxStaleSeconds: 60,
    clock: { nowMs: () => nowMs },
    fetch: async () => {
      state.asked += 1;
      if (state.down) throw new Error('down');
      return new Response(state.body);
    },
    onProblem: (code) => problems.push(code),
    onNumber: (number) => numbers.push(number),
    ...options,
  });
  /** Moves the clock and lets the feed be fetched. */
  const pass = async (stepMs: number) => {
    nowMs += stepMs;
    await feed.ready?.();
  };
  return { feed, state, problems, numbers, publish, pass, now: () => nowMs };
}

const quarantine = (kid: string) => ({ issuer: ISSUER, kid, sinceMs: START_MS, reason: 'forged' });

describe('the feed source', () => {
  it('is not fresh before it has a feed, and is once it is ready', async () => {
    const { feed, publish, now } = bench();
    publish();
    assert.equal(feed.fresh(now()), false);
    await feed.ready?.();
    assert.equal(feed.fresh(now()), true);
  });

  it('quarantines exactly the keys it names', async () => {
    const { feed, publish, pass } = bench();
    publish({ quarantined: [quarantine('k1')] });
    await pass(0);
    assert.equal(feed.quarantined(ISSUER, 'k1'), true);
    assert.equal(feed.quarantined(ISSUER, 'k2'), false);
    assert.equal(feed.quarantined('https://id.example/acme/customer', 'k1'), false);
  });

  it('revokes exactly the indexes whose bit is set, least significant first', async () => {
    const { feed, publish, pass } = bench();
    const firstIndex = 2 ** 40;
    publish({ revoked: { firstIndex, lst: bitmap([0b1000_0001, 0, 0b10]) } });
    await pass(0);
    const revoked = Array.from({ length: 40 }, (_, at) => firstIndex - 8 + at).filter((index) =>
      feed.revoked(index, ORIGIN),
    );
    assert.deepEqual(
      revoked.map((index) => index - firstIndex),
      [0, 7, 17],
    );
    assert.equal(feed.revoked(firstIndex, 'other.example/log'), false);
    assert.equal(feed.revoked(Number.NaN, ORIGIN), false);
  });

  it('grows its generation with each feed that says something else, and only then', async () => {
    const { feed, publish, pass, numbers } = bench();
    publish();
    await pass(0);
    const first = feed.generation;
    publish({ number: 1, issuedMs: START_MS + 5_000 });
    await pass(5_000);
    assert.equal(feed.generation, first);
    publish({ number: 2, issuedMs: START_MS + 10_000, quarantined: [quarantine('k1')] });
    await pass(5_000);
    assert.ok(feed.generation > first);
    assert.deepEqual(numbers, [1, 2]);
  });

  it('follows the list from feed to feed, also when only its place changes', async () => {
    const { feed, publish, pass, now } = bench();
    const lst = bitmap([1]);
    const revokedNow = () => [0, 8, 9].filter((index) => feed.revoked(index, ORIGIN));
    const steps: [number, string, number[]][] = [
      [0, lst, [0]],
      [0, lst, [0]],
      [8, lst, [8]],
      [8, bitmap([2]), [9]],
      [8, bitmap([]), []],
    ];
    for (const [at, [firstIndex, list, expected]] of steps.entries()) {
      publish({ number: at + 1, issuedMs: now() + 5_000, revoked: { firstIndex, lst: list } });
      await pass(5_000);
      assert.deepEqual(revokedNow(), expected);
    }
  });

  it('stays fresh while it is signed anew, and is stale when it is not', async () => {
    const { feed, publish, pass, now } = bench();
    publish();
    await pass(0);
    await pass(60_000);
    assert.equal(feed.fresh(now()), true);
    await pass(1);
    assert.equal(feed.fresh(now()), false);
    publish({ issuedMs: now() });
    await pass(5_000);
    assert.equal(feed.fresh(now()), true);
  });

  it('is stale when the server is away for too long, whatever it remembers', async () => {
    const { feed, state, publish, pass, now } = bench();
    publish();
    await pass(0);
    state.down = true;
    await pass(60_001);
    assert.equal(feed.fresh(now()), false);
  });

  it('asks at most once per poll interval, however often it is consulted', async () => {
    const { feed, state, publish, pass, now } = bench();
    publish();
    for (let step = 0; step < 1_000; step += 1) {
      await pass(10);
      feed.fresh(now());
    }
    assert.equal(state.asked, 2);
  });

  it('never goes back to an older number or an older date', async () => {
    const { feed, publish, pass, problems, now } = bench();
    publish({ number: 5, quarantined: [quarantine('k1')] });
    await pass(0);
    publish({ number: 4, issuedMs: now() + 5_000 });
    await pass(5_000);
    publish({ number: 6, issuedMs: START_MS - 1 });
    await pass(5_000);
    assert.deepEqual(problems, ['feed_rolled_back', 'feed_rolled_back']);
    assert.equal(feed.quarantined(ISSUER, 'k1'), true);
  });

  it('does not start below the number its host remembers', async () => {
    const { feed, publish, pass, problems, now } = bench({ leastNumber: 7 });
    publish({ number: 6 });
    await pass(0);
    assert.deepEqual(problems, ['feed_rolled_back']);
    assert.equal(feed.fresh(now()), false);
  });

  it('refuses two different feeds of one number', async () => {
    const { feed, publish, pass, problems } = bench();
    publish({ quarantined: [quarantine('k1')] });
    await pass(0);
    publish({ quarantined: [], issuedMs: START_MS + 5_000 });
    await pass(5_000);
    assert.deepEqual(problems, ['feed_equivocates']);
    assert.equal(feed.quarantined(ISSUER, 'k1'), true);
  });

  it('refuses a feed dated more than a minute ahead', async () => {
    const { feed, publish, pass, problems, now } = bench();
    publish({ issuedMs: START_MS + 60_001 });
    await pass(0);
    assert.deepEqual(problems, ['feed_from_future']);
    assert.equal(feed.fresh(now()), false);
  });

  it('refuses what another key signed, and what nobody signed', async () => {
    const { state, pass, problems } = bench();
    const text = `countersign/feed/v1\n${ORIGIN}\n{}\n`;
    state.body = signed(text, generateKeyPairSync('ed25519').privateKey);
    await pass(0);
    state.body = text;
    await pass(5_000);
    assert.deepEqual(problems, ['note_signature_invalid', 'note_malformed']);
  });

  it('refuses a body that is not exactly as decided', async () => {
    const good = { number: 1, issuedMs: START_MS, quarantined: [] };
    const revoked = { firstIndex: 0, lst: bitmap([]) };
    const json = JSON.stringify({ ...good, revoked });
    const wrong: [string, string][] = [
      [`countersign/feed/v2\n${ORIGIN}\n${json}\n`, 'feed_malformed'],
      [`countersign/feed/v1\nother.example/log\n${json}\n`, 'feed_of_other_log'],
      [`countersign/feed/v1\n${ORIGIN}\n${json}\nmore\n`, 'feed_malformed'],
      [`countersign/feed/v1\n${ORIGIN}\n`, 'feed_malformed'],
    ];
    for (const body of [
      [],
      { ...good },
      { ...good, revoked, permitted: [] },
      { ...good, revoked, number: '1' },
      { ...good, revoked, number: -1 },
      { ...good, revoked, issuedMs: 1.5 },
      { ...good, revoked, quarantined: {} },
      { ...good, revoked, quarantined: [{ issuer: ISSUER, kid: 'k' }] },
      { ...good, revoked, quarantined: [{ ...quarantine('k'), more: 1 }] },
      { ...good, revoked, quarantined: [{ ...quarantine('k'), kid: 7 }] },
      { ...good, revoked, quarantined: ['k'] },
      { ...good, revoked, quarantined: Array.from({ length: 4 }, () => quarantine('k')) },
      { ...good, revoked: { ...revoked, more: 1 } },
      { ...good, revoked: { ...revoked, firstIndex: -1 } },
      { ...good, revoked: { ...revoked, lst: 7 } },
      { ...good, revoked: { ...revoked, lst: 'a' } },
      { ...good, revoked: { ...revoked, lst: 'AAAA' } },
      { ...good, revoked: { ...revoked, lst: bitmap([1, 2, 3]).slice(0, -4) } },
    ]) {
      wrong.push([`countersign/feed/v1\n${ORIGIN}\n${JSON.stringify(body)}\n`, 'feed_malformed']);
    }
    wrong.push([
      `countersign/feed/v1\n${ORIGIN}\n${json.replace('{', '{"number":1,')}\n`,
      'feed_malformed',
    ]);
    const { state, pass, problems, feed } = bench({ limits: { maxQuarantined: 3 } });
    for (const [text, code] of wrong) {
      state.body = signed(text);
      await pass(5_000);
      assert.equal(problems.pop(), code, text);
    }
    assert.equal(feed.generation, 0);
  });

  it('does not inflate a list beyond its bound', async () => {
    const bomb = deflateSync(Buffer.alloc(4 * 1024 * 1024)).toString('base64url');
    const { publish, pass, problems } = bench({ limits: { maxBitmapBytes: 1024 * 1024 } });
    publish({ revoked: { firstIndex: 0, lst: bomb } });
    await pass(0);
    assert.deepEqual(problems, ['feed_malformed']);
  });

  it('takes a list of exactly its bound', async () => {
    const { feed, publish, pass, problems } = bench({ limits: { maxBitmapBytes: 3 } });
    publish({ revoked: { firstIndex: 0, lst: bitmap([0, 0, 128]) } });
    await pass(0);
    assert.deepEqual(problems, []);
    assert.equal(feed.revoked(23, ORIGIN), true);
  });

  it('refuses an answer that is too large or has another status', async () => {
    const { state, pass, problems } = bench({ limits: { maxBytes: 100 } });
    state.body = 'x'.repeat(101);
    await pass(0);
    const other = bench({ fetch: async () => new Response('', { status: 503 }) });
    await other.pass(0);
    assert.deepEqual([...problems, ...other.problems], ['too_large', 'feed_unavailable']);
  });

  it('goes on polling after the clock stepped back', async () => {
    const { feed, publish, pass, now } = bench();
    publish();
    await pass(0);
    await pass(-3_600_000);
    assert.equal(feed.fresh(now()), false, 'a feed from an hour ahead is not believed');
    publish({ number: 2, issuedMs: START_MS });
    await pass(3_600_000);
    assert.equal(feed.fresh(now()), true);
  });

  it('refuses a key that is not a feed key', () => {
    const receipt = createNoteKey(`${ORIGIN}/feed`, 'receipt', feedKey.publicKey);
    const checkpoint = createNoteKey(ORIGIN, 'ed25519', feedKey.publicKey);
    for (const key of [receipt, checkpoint]) {
      assert.throws(() => bench({ key: formatVerifierKey(key) }), { code: 'vkey_malformed' });
    }
  });

  it('stops when closed', async () => {
    const { feed, problems } = bench({
      fetch: async (_, init) => {
        init.signal?.throwIfAborted();
        return new Response('');
      },
    });
    await feed.close?.();
    await feed.ready?.();
    assert.deepEqual(problems, ['unreachable']);
  });
});

describe('a feed about two logs', () => {
  const OTHER = 'second.example/log';
  const otherPair = generateKeyPairSync('ed25519');
  const otherRaw = otherPair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const otherKey = createNoteKey(`${OTHER}/feed`, 'ed25519', new Uint8Array(otherRaw));
  const otherKeys = [formatVerifierKey(otherKey)];
  const list = (firstIndex: number, byte: number) => ({ firstIndex, lst: bitmap([byte]) });
  const whole = (members: object) =>
    JSON.stringify({ number: 1, issuedMs: START_MS, quarantined: [], ...members });

  function signedByOther(origin: string, json: string): string {
    const text = `countersign/feed/v1\n${origin}\n${json}\n`;
    const blob = new Uint8Array(sign(null, Buffer.from(text), otherPair.privateKey));
    return formatNote({ text, signatures: [{ name: otherKey.name, id: otherKey.id, blob }] });
  }

  it('revokes in each of them what it says of it', async () => {
    const { feed, state, pass } = bench({ otherKeys });
    const revokedIn = [{ origin: OTHER, ...list(8, 0b10) }];
    state.body = signed(
      `countersign/feed/v1\n${ORIGIN}\n${whole({ revoked: list(0, 0b1), revokedIn })}\n`,
    );
    await pass(0);
    const places = [ORIGIN, OTHER].flatMap((log) => [0, 9].map((index) => [log, index] as const));
    assert.deepEqual(
      places.filter(([log, index]) => feed.revoked(index, log)),
      [
        [ORIGIN, 0],
        [OTHER, 9],
      ],
    );
  });

  it('refuses every token of a log whose revoked tokens are too many to name, and of no other', async () => {
    for (const [revoked, other] of [
      [{ all: true }, list(8, 0b10)],
      [list(8, 0b10), { all: true }],
    ] as const) {
      const { feed, state, problems, pass, now } = bench({ otherKeys });
      const revokedIn = [{ origin: OTHER, ...other }];
      state.body = signed(`countersign/feed/v1\n${ORIGIN}\n${whole({ revoked, revokedIn })}\n`);
      await pass(0);
      assert.deepEqual([problems, feed.fresh(now())], [[], true]);
      const [closed, open] = 'all' in revoked ? [ORIGIN, OTHER] : [OTHER, ORIGIN];
      for (const index of [0, 9, 2 ** 47, Number.NaN]) assert.ok(feed.revoked(index, closed));
      assert.deepEqual([feed.revoked(0, open), feed.revoked(9, open)], [false, true]);
      // It can be told again: the list counts from then on.
      const later = { revoked: list(8, 0b10), revokedIn: [{ origin: OTHER, ...list(8, 0b10) }] };
      const json = JSON.stringify({
        ...{ number: 2, issuedMs: START_MS, quarantined: [] },
        ...later,
      });
      state.body = signed(`countersign/feed/v1\n${ORIGIN}\n${json}\n`);
      await pass(5_000);
      assert.deepEqual([feed.revoked(8, closed), feed.revoked(9, closed)], [false, true]);
    }
  });

  it('counts by whichever log it is signed, and says the same', async () => {
    const { feed, state, problems, pass, now } = bench({ otherKeys });
    const [a, b] = [list(0, 0b1), list(8, 0b10)];
    state.body = signed(
      `countersign/feed/v1\n${ORIGIN}\n${whole({ revoked: a, revokedIn: [{ origin: OTHER, ...b }] })}\n`,
    );
    await pass(0);
    const { generation } = feed;
    state.body = signedByOther(OTHER, whole({ revoked: b, revokedIn: [{ origin: ORIGIN, ...a }] }));
    await pass(5_000);
    assert.deepEqual([problems, feed.generation, feed.fresh(now())], [[], generation, true]);
  });

  it('is refused when the key of one log signs for the other, or one that is not pinned signs', async () => {
    const foreign = bench({ otherKeys });
    foreign.state.body = signedByOther(ORIGIN, whole({ revoked: list(0, 1) }));
    await foreign.pass(0);
    assert.deepEqual(foreign.problems, ['feed_of_other_log']);
    const unpinned = bench();
    unpinned.state.body = signedByOther(OTHER, whole({ revoked: list(0, 1) }));
    await unpinned.pass(0);
    assert.deepEqual(unpinned.problems, ['note_unsigned']);
  });

  it('is refused when its further lists are malformed, repeated or too large together', async () => {
    const large = deflateSync(Buffer.alloc(600)).toString('base64url');
    const wrong: unknown[] = [
      {},
      [{}],
      [{ origin: OTHER, ...list(0, 1), more: 1 }],
      [{ origin: OTHER, ...list(0, 1), all: true }],
      [{ origin: OTHER, all: false }],
      [{ origin: ORIGIN, ...list(0, 1) }],
      [1, 2].map(() => ({ origin: OTHER, ...list(0, 1) })),
      Array.from({ length: 32 }, (_, at) => ({ origin: `${at}`, ...list(0, 1) })),
      [1, 2].map((at) => ({ origin: `${at}`, firstIndex: 0, lst: large })),
    ];
    for (const revokedIn of wrong) {
      const { feed, state, problems, pass, now } = bench({ limits: { maxBitmapBytes: 1000 } });
      const json = whole({ revoked: list(0, 1), revokedIn });
      state.body = signed(`countersign/feed/v1\n${ORIGIN}\n${json}\n`);
      await pass(0);
      assert.deepEqual(problems, ['feed_malformed'], JSON.stringify(revokedIn));
      assert.equal(feed.fresh(now()), false);
    }
  });
});
