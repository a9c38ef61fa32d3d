// The same story with a crash at each step of it: before what the archivist was asked is done, after it
// was done but before anybody heard, and before and after each transaction of the keeper. Whatever the
// moment, a new start ends where the story without a crash ends.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { systemRandom } from '@countersign/vocabulary';
import type { ArchiveClient, ChainedEvent } from '../client/archive-client.ts';
import type { Archivist } from '../inside/archivist.ts';
import { type History, openHistory } from '../testing/open-history.ts';
import type { ArchiveStore } from './archive-room.ts';
import { createArchive } from './create-archive.ts';

const HOUR_MS = 3_600_000;
const STRIDE = Number(process.env['COUNTERSIGN_STRIDE'] ?? 6);

/** Counts steps down; at zero the process "dies": this and everything after it fails. */
class Fate {
  #left: number;
  constructor(steps: number) {
    this.#left = steps;
  }

  get survived(): boolean {
    return this.#left > 0;
  }

  step(): void {
    this.#left -= 1;
    if (this.#left <= 0) throw new Error('crash');
  }
}

const around = async <T>(fate: Fate, job: () => Promise<T>): Promise<T> => {
  fate.step();
  const done = await job();
  fate.step();
  return done;
};

function fatedClient(client: Archivist, fate: Fate): ArchiveClient {
  const fated = new Set<string | symbol>(['follow', 'seal', 'recall', 'rewrite', 'check']);
  return new Proxy(client as ArchiveClient, {
    get(_, name: keyof ArchiveClient) {
      const method = (client[name] as (...given: unknown[]) => Promise<unknown>).bind(client);
      return fated.has(name)
        ? (...given: unknown[]) => around(fate, () => method(...given))
        : method;
    },
  });
}

function fatedStore(store: History['store'], fate: Fate): ArchiveStore {
  return { read: store.read, transaction: (job) => around(fate, () => store.transaction(job)) };
}

interface Outcome {
  survived: boolean;
  events: ChainedEvent[];
  files: string[];
  onRecord: string[];
  hot: number[];
  erasures: (string | null)[];
}

/** @param steps how many are done before the crash */
async function play(steps: number): Promise<Outcome> {
  const history = await openHistory();
  try {
    const fate = new Fate(steps);
    const clock = { now: Date.UTC(2026, 0, 10, 0, 10), nowMs: () => clock.now };
    const said = { turns: 0 };
    const parts = { clock, random: systemRandom, record: async () => [], longestKeyLifeSeconds: 1 };
    const own = { ...parts, folder: history.archiveFolder };
    const archivist = await history.archivist();
    const first = createArchive({
      ...own,
      store: fatedStore(history.store, fate),
      client: fatedClient(archivist, fate),
    });
    await story(first, history, clock, said).catch((error: unknown) => {
      if (!(error instanceof Error) || error.message !== 'crash') throw error;
    });
    const again = await history.archivist();
    const archive = createArchive({ ...own, store: history.store, client: again });
    await story(archive, history, clock, said);
    return { survived: fate.survived, ...(await outcome(history, again)) };
  } finally {
    await history.close();
  }
}

/** Every part of it may be done already. */
async function story(
  archive: ReturnType<typeof createArchive>,
  history: History,
  clock: { now: number },
  said: { turns: number },
): Promise<void> {
  for (const turn of [1, 2]) {
    if (said.turns < turn) {
      said.turns = turn;
      await history.write([
        { tenant: 'acme', person: 'alice', timeMs: turn * 10 },
        { tenant: 'acme', person: 'bob', timeMs: turn * 10 + 1, name: 'session.started' },
        { tenant: 'acme', person: 'alice', timeMs: turn * 10 + 2, name: 'session.started' },
        { timeMs: turn * 10 + 3 },
      ]);
    }
    await archive.tick();
    await archive.sealNow();
    await history.store.transaction((tx) =>
      tx.updateTable('segment').set({ state: 'anchored' }).where('state', '=', 'sealed').execute(),
    );
  }
  if ((await archive.listErasures('acme')).length === 0) {
    const by = { kind: 'operator', id: 'ana' } as const;
    await archive.askErasure({ tenant: 'acme', subject: 'alice', by, reason: 'art. 17' });
  }
  clock.now = Date.UTC(2026, 1, 20) + HOUR_MS;
  await archive.tidy();
}

async function outcome(history: History, archivist: Archivist): Promise<Omit<Outcome, 'survived'>> {
  const { read } = history.store;
  const events = await archivist.readRange({ tenant: 'acme', from: 1, limit: 100 });
  const onRecord = (await read.selectFrom('segment_file').select('file').execute()).map(
    ({ file }) => file,
  );
  for (const file of onRecord) {
    const [tenant = ''] = file.split('/');
    assert.deepEqual(await archivist.check({ tenant, file }), {}, file);
  }
  const files = ['acme', '_installation'].flatMap((tenant) =>
    readdirSync(join(history.archiveFolder, tenant)).map((file) => `${tenant}/${file}`),
  );
  const hot = await read.selectFrom('event').select('sequence').execute();
  const erasures = await read.selectFrom('erasure').select(['state', 'subject']).execute();
  return {
    ...{ events, onRecord: onRecord.sort(), files: files.sort() },
    hot: hot.map(({ sequence }) => Number(sequence)),
    erasures: erasures.flatMap(({ state, subject }) => [state, subject]),
  };
}

describe('a crash at any step', () => {
  it('costs no event, leaves no file behind, and forgets no erasure', async () => {
    // Every moment in a few runs, a share of them in each: a play takes a tenth of a second.
    let steps = 1 + Math.floor(Math.random() * STRIDE);
    for (; ; steps += STRIDE) {
      const { survived, events, files, onRecord, hot, erasures } = await play(steps);
      const label = `after ${steps} steps`;
      assert.deepEqual(
        events.map(({ number, erased }) => [number, erased === true]),
        [
          [1, true],
          [2, false],
          [3, true],
          [4, true],
          [5, false],
          [6, true],
        ],
        label,
      );
      assert.deepEqual(files, onRecord, label);
      assert.deepEqual(hot, [2, 6], label);
      assert.deepEqual(erasures, ['done', null], label);
      if (survived) break;
    }
    assert.ok(steps > 30, `the story has only ${steps} steps`);
  });
});
