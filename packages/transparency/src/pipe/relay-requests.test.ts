import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { decodeReceipt } from '@countersign/verifier';
import { CodedError } from '@countersign/vocabulary';
import fc from 'fast-check';
import type { TransparencyLog } from '../log/transparency-log.ts';
import { testEntries, testEntry } from '../testing/entries.ts';
import { LogFolder } from '../testing/log-folder.ts';
import { answerRequests } from './answer-requests.ts';
import { NOTARY_OP } from './notary-ops.ts';
import { createRelay } from './relay-requests.ts';

const folder = new LogFolder();
let log: TransparencyLog;
let asked: { op: number; body: Uint8Array }[] = [];
/** Set: what the notary does with a request instead of answering it. */
let instead: ((carryOut: () => Promise<Uint8Array>) => Promise<Uint8Array>) | undefined;

const notary = {
  request(op: number, body: Uint8Array): Promise<Uint8Array> {
    asked.push({ op, body });
    const carryOut = (): Promise<Uint8Array> =>
      new Promise((resolve, reject) => {
        answerRequests(log, [{ op, body, reply: resolve, refuse: reject }]);
      });
    return instead === undefined ? carryOut() : instead(carryOut);
  },
};
type Relay = ReturnType<typeof createRelay>;

function ask(relay: Relay, bodies: readonly Uint8Array[], op = NOTARY_OP.append as number) {
  const answers = bodies.map(() => Promise.withResolvers<Uint8Array>());
  relay(
    bodies.map((body, at) => ({
      op,
      body,
      reply: (answer: Uint8Array) => answers[at]?.resolve(answer),
      refuse: (error: unknown) => answers[at]?.reject(error),
    })),
  );
  return answers.map(({ promise }) => promise);
}

const indexes = (receipts: readonly Uint8Array[]): number[] =>
  receipts.map((receipt) => decodeReceipt(receipt).index);

before(async () => {
  log = await folder.open();
});
after(async () => {
  await log.close();
  folder.delete();
});

describe('the relay before a notary', () => {
  it('sends the appends of one turn as one and gives each its own receipt', async () => {
    asked = [];
    const from = log.durableSize;
    const entries = testEntries(from, 50, folder.clock.nowMs());
    const receipts = await Promise.all(ask(createRelay({ notary }), entries));
    assert.deepEqual(
      indexes(receipts),
      entries.map((_, at) => from + at),
    );
    assert.deepEqual(
      asked.map(({ op }) => op),
      [NOTARY_OP.appendMany],
    );
  });

  it('answers an append that comes again, even at once, with the same index', async () => {
    const relay = createRelay({ notary });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.nat(9), { minLength: 1, maxLength: 12 }), { maxLength: 6 }),
        fc.nat(),
        async (turns, salt) => {
          const nowMs = folder.clock.nowMs();
          const sizeBefore = log.durableSize;
          const found = new Map<number, Set<number>>();
          const all = turns.flatMap((turn) =>
            ask(
              relay,
              turn.map((which) => testEntry(1_000_000 + salt * 10 + which, nowMs)),
            ).map(async (answer, at) => {
              const which = turn[at] as number;
              const { index } = decodeReceipt(await answer);
              found.set(which, (found.get(which) ?? new Set()).add(index));
            }),
          );
          await Promise.all(all);
          for (const [which, places] of found) assert.equal(places.size, 1, `entry ${which}`);
          assert.ok(log.durableSize - sizeBefore <= found.size);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('remembers nothing of what failed', async () => {
    const relay = createRelay({ notary });
    const entry = testEntry(7, folder.clock.nowMs());
    const gone = new CodedError('peer_gone', 'gone', { retryAfterSeconds: 1 });
    for (const batch of [[entry], [entry, testEntry(8, folder.clock.nowMs())]]) {
      instead = () => Promise.reject(gone);
      for (const answer of ask(relay, batch)) await assert.rejects(answer, { code: 'peer_gone' });
      instead = undefined;
    }
    const from = log.durableSize;
    assert.deepEqual(indexes(await Promise.all(ask(relay, [entry]))), [from]);
  });

  it('forgets the oldest first, and an entry that it forgot gets a second place', async () => {
    const relay = createRelay({ notary, mostRemembered: 2 });
    const [a, b, c] = testEntries(log.durableSize, 3, folder.clock.nowMs());
    assert.ok(a && b && c);
    const first = indexes(await Promise.all(ask(relay, [a, b, c])));
    assert.deepEqual(indexes(await Promise.all(ask(relay, [b, c]))), first.slice(1));
    assert.equal(indexes(await Promise.all(ask(relay, [a])))[0], log.durableSize - 1);
  });

  it('lets one malformed entry spoil no other', async () => {
    const relay = createRelay({ notary });
    const good = testEntries(log.durableSize, 2, folder.clock.nowMs());
    const [first, bad, second] = ask(relay, [
      good[0] as Uint8Array,
      Buffer.of(9),
      good[1] as never,
    ]);
    await assert.rejects(bad as Promise<unknown>, { code: 'entry_malformed' });
    assert.equal(indexes([await (first as never), await (second as never)]).length, 2);
  });

  it('is not brought down by an append that no entry can be, nor lets it spoil another', async () => {
    const relay = createRelay({ notary });
    const good = testEntry(log.durableSize, folder.clock.nowMs());
    const huge = Array.from({ length: 90 }, (_, at) => new Uint8Array(65_000 + at * 100));
    const [logged, ...refused] = ask(relay, [good, ...huge]);
    const outcomes = await Promise.allSettled(refused);
    for (const outcome of outcomes) {
      assert.equal(outcome.status === 'rejected' && outcome.reason.code, 'entry_malformed');
    }
    assert.equal(indexes([await (logged as Promise<Uint8Array>)]).length, 1);
  });

  it('passes every other request and its refusal through', async () => {
    const relay = createRelay({ notary });
    const [size] = ask(relay, [new Uint8Array(0)], NOTARY_OP.size);
    assert.equal((await (size as Promise<Uint8Array>)).length, 12);
    const [unknown] = ask(relay, [new Uint8Array(0)], 99);
    await assert.rejects(unknown as Promise<unknown>, { code: 'request_malformed' });
  });
});
