import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { decodeReceipt, encodeReceipt, equalBytes } from '@countersign/verifier';
import { CodedError, isCodedError } from '@countersign/vocabulary';
import fc from 'fast-check';
import type { TransparencyLog } from '../log/transparency-log.ts';
import { testEntry } from '../testing/entries.ts';
import { LogFolder } from '../testing/log-folder.ts';
import { createLogSet, type LogSet, type LogSetOptions } from './log-set.ts';

/** What a log does with an append: the first three are certain, after the others it may be logged. */
type Mood = 'works' | 'busy' | 'full' | 'gone' | 'gone-after' | 'late' | 'silent' | 'silent-after';
const MOODS: Mood[] = [
  'works',
  'busy',
  'full',
  'gone',
  'gone-after',
  'late',
  'silent',
  'silent-after',
];
const LATE_MS = 25;

class MoodyLog {
  readonly folder = new LogFolder();
  readonly origin: string;
  mood: Mood = 'works';
  asked = 0;
  sized = 0;
  /** Receipts claim an index so much further on than the true one. */
  lead = 0;
  #log: TransparencyLog | undefined;

  constructor(origin: string) {
    this.origin = origin;
  }

  get log(): TransparencyLog {
    return this.#log ?? assert.fail('not open');
  }

  async open(): Promise<void> {
    this.#log = await this.folder.open({ origin: this.origin });
  }

  get member() {
    const notary = {
      append: (entry: Uint8Array) => this.#append(entry),
      ready: async () => {
        if (this.mood !== 'works') throw refused('peer_gone');
      },
      size: async () => {
        if (this.mood !== 'works') throw refused('peer_gone');
        this.sized += 1;
        const durableSize = this.log.durableSize + this.lead;
        return { durableSize, publishedSize: durableSize };
      },
    };
    return { origin: this.origin, receiptKey: this.log.identity.keys.receipt, notary };
  }

  async #append(entry: Uint8Array): Promise<Uint8Array> {
    this.asked += 1;
    const { mood } = this;
    if (mood === 'busy' || mood === 'full') throw refused(mood === 'busy' ? 'busy' : 'log_full');
    if (mood === 'gone') throw refused('peer_gone');
    if (mood === 'silent') return new Promise(() => undefined);
    const receipt = movedOn(await this.log.append(entry), this.lead);
    if (mood === 'gone-after') throw refused('peer_gone');
    if (mood === 'silent-after') return new Promise(() => undefined);
    if (mood === 'late') await new Promise((resolve) => setTimeout(resolve, LATE_MS));
    return receipt;
  }
}

function refused(code: string): CodedError {
  return new CodedError(code, 'not now', { retryAfterSeconds: 1 });
}

/** What a log says that holds the keys and lies about the place. */
function movedOn(receipt: Uint8Array, lead: number): Uint8Array {
  if (lead === 0) return receipt;
  const said = decodeReceipt(receipt);
  return encodeReceipt({ ...said, index: said.index + lead });
}

const first = new MoodyLog('first.example/log');
const second = new MoodyLog('second.example/log');
const sets: LogSet[] = [];
let counter = 0;

before(async () => {
  await first.open();
  await second.open();
});
afterEach(() => {
  for (const set of sets.splice(0)) set.close();
  for (const log of [first, second])
    Object.assign(log, { mood: 'works', asked: 0, sized: 0, lead: 0 });
});
after(() => {
  for (const { folder } of [first, second]) folder.delete();
});

function open(options: LogSetOptions = {}): LogSet {
  const set = createLogSet([first.member, second.member], {
    ...{ budgetMs: 10_000, patienceMs: 10, minPauseMs: 5 },
    ...options,
  });
  sets.push(set);
  return set;
}

function newEntry(): Uint8Array {
  counter += 1;
  return testEntry(counter, Math.min(first.folder.clock.nowMs(), second.folder.clock.nowMs()));
}

/** The log that a receipt is of, which must hold the entry at the receipt's index. */
async function homeOf(set: LogSet, entry: Uint8Array, receipt: Uint8Array): Promise<MoodyLog> {
  const origin = set.originOf(receipt);
  const home = origin === first.origin ? first : second;
  const [held] = await home.log.readEntries(decodeReceipt(receipt).index, 1);
  assert.ok(held !== undefined && equalBytes(held, entry), 'the receipt is of this very entry');
  return home;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 500; turn += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail('waited 5 s in vain');
}

describe('two logs', () => {
  it('answer with a receipt of the first while it works', async () => {
    // However slow the disk is: the second is asked when the first is late.
    const set = open({ patienceMs: 10_000 });
    const entry = newEntry();
    assert.equal(await homeOf(set, entry, await set.append(entry)), first);
    assert.equal(second.asked, 0);
  });

  for (const mood of MOODS.filter((each) => each !== 'works')) {
    it(`lose nothing when one of them is ${mood}`, async () => {
      const set = open();
      first.mood = mood;
      const entries = Array.from({ length: 20 }, newEntry);
      const receipts = await Promise.all(entries.map((entry) => set.append(entry)));
      for (const [at, receipt] of receipts.entries())
        await homeOf(set, entries[at] as Uint8Array, receipt);
      const asked = first.asked;
      if (mood === 'late') return;
      await set.append(newEntry());
      assert.equal(first.asked, asked, 'a log that failed is left alone');
    });
  }

  it('come back to the first when it says that it works again', async () => {
    const set = open();
    first.mood = 'gone';
    await set.append(newEntry());
    first.mood = 'works';
    await until(async () => {
      const entry = newEntry();
      return (await homeOf(set, entry, await set.append(entry))) === first;
    });
  });

  it('leave a log alone that is known to be away, until it is back', async () => {
    const set = createLogSet([{ ...first.member, away: true }, second.member], { minPauseMs: 5 });
    sets.push(set);
    await set.append(newEntry());
    assert.equal(first.asked, 0);
    await until(async () => {
      await set.append(newEntry());
      return first.asked > 0;
    });
  });

  it('refuse within the budget when neither answers, in a way that may pass', async () => {
    const set = open({ budgetMs: 50 });
    for (const [a, b] of [
      ['silent', 'silent'],
      ['silent', 'gone'],
      ['gone', 'silent-after'],
      ['full', 'busy'],
    ] as const) {
      Object.assign(first, { mood: a });
      Object.assign(second, { mood: b });
      const error: unknown = await set.append(newEntry()).catch((cause: unknown) => cause);
      assert.ok(isCodedError(error) && error.retryAfterSeconds !== undefined, `${a}, ${b}`);
    }
    first.mood = 'works';
    await set.append(newEntry());
  });

  it('refuse for good what no log takes', async () => {
    await assert.rejects(open().append(new Uint8Array(9)), { code: 'entry_malformed' });
  });

  it('answer when either does, and are away when neither does', async () => {
    const set = open();
    first.mood = 'gone';
    await set.ready();
    second.mood = 'gone';
    await assert.rejects(set.ready(), { code: 'peer_gone' });
  });

  it('take no receipt from a log that did not issue it', async () => {
    const swapped = { ...first.member, notary: second.member.notary };
    const set = createLogSet([swapped, second.member], { patienceMs: 10 });
    sets.push(set);
    const entry = newEntry();
    assert.equal(await homeOf(set, entry, await set.append(entry)), second);
    await assert.rejects(
      async () => createLogSet([first.member]).originOf(await set.append(newEntry())),
      {
        code: 'receipt_foreign',
      },
    );
  });

  it('take no receipt from a log that leaps ahead, whose revoked tokens no list could name', async () => {
    const set = open({ minPauseMs: 60_000 });
    await set.append(newEntry());
    first.lead = 2 ** 25;
    const entry = newEntry();
    assert.equal(await homeOf(set, entry, await set.append(entry)), second);
    const asked = first.asked;
    await set.append(newEntry());
    assert.equal(first.asked, asked, 'it is left alone like any that fails');
    Object.assign(second, { mood: 'gone' });
    await assert.rejects(set.append(newEntry()), { retryAfterSeconds: 1 });
  });

  it('know how far a log is before its first receipt, and take every step that is plausible', async () => {
    const set = open();
    await until(() => first.sized > 0);
    first.lead = 2 ** 25;
    const entry = newEntry();
    assert.equal(await homeOf(set, entry, await set.append(entry)), second);
    const further = open();
    await until(() => first.sized > 1);
    first.lead += 2 ** 23;
    const receipt = await further.append(newEntry());
    assert.equal(further.originOf(receipt), first.origin);
  });

  it('take a log at its word that was away at the start, once it is back', async () => {
    first.mood = 'gone';
    const set = open();
    await set.append(newEntry());
    Object.assign(first, { mood: 'works', lead: 2 ** 30 });
    await until(async () => set.originOf(await set.append(newEntry())) === first.origin);
  });
});

describe('two logs in any weather', () => {
  it('give a receipt whenever one of them works, and say of every other leaf that it is in doubt', async () => {
    const weather = fc.array(
      fc.record({
        moods: fc.tuple(fc.constantFrom(...MOODS), fc.constantFrom(...MOODS)),
        appends: fc.integer({ min: 1, max: 8 }),
      }),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(weather, async (steps) => {
        const doubts = new Set<string>();
        const nameOf = (entry: Uint8Array, origin: string) =>
          `${origin} ${Buffer.from(entry).toString('hex')}`;
        const set = open({
          budgetMs: 150,
          onDoubt: (entry, origin) => doubts.add(nameOf(entry, origin)),
        });
        const sizes = new Map([first, second].map((log) => [log, log.log.durableSize]));
        const homes = new Set<string>();
        for (const { moods, appends } of steps) {
          [first.mood, second.mood] = moods;
          const entries = Array.from({ length: appends }, newEntry);
          const outcomes = await Promise.allSettled(entries.map((entry) => set.append(entry)));
          for (const [at, outcome] of outcomes.entries()) {
            const entry = entries[at] as Uint8Array;
            if (outcome.status === 'fulfilled') {
              homes.add(nameOf(entry, (await homeOf(set, entry, outcome.value)).origin));
            } else {
              assert.ok(!moods.includes('works'), `one works: ${outcome.reason}`);
              assert.ok(isCodedError(outcome.reason) && outcome.reason.retryAfterSeconds);
            }
          }
        }
        for (const [{ log, origin }, from] of sizes) {
          for (const leaf of await log.readEntries(from, 4096)) {
            const name = nameOf(leaf, origin);
            assert.ok(homes.has(name) || doubts.has(name), 'a leaf that nobody can explain');
          }
        }
      }),
      { numRuns: 25 },
    );
  });
});
