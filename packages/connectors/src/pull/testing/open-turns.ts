// For tests: a source of some kind over a store in memory and a folder with its secret. What a turn
// records is kept by id, so that doubles show.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type LeaseTables,
  openStore,
  type Store,
  storageMigrations,
  takeLease,
} from '@countersign/storage';
import { ManualClock, systemRandom } from '@countersign/vocabulary';
import { Authoriser } from '../authorise.ts';
import type { PullGap } from '../checkpoint.ts';
import { PullSources, type PullSourceView } from '../keep-sources.ts';
import { type PullTables, pullMigrations } from '../source-table.ts';
import { type BehindGap, type TurnOutcome, takeTurn } from '../take-turn.ts';

type Tables = LeaseTables & PullTables;

export interface Turns {
  clock: ManualClock;
  store: Store<Tables>;
  sources: PullSources;
  source: PullSourceView;
  /** Ids in the order in which they came, doubles included. */
  came: string[];
  gaps: (PullGap | BehindGap)[];
  /** Aborted: the server leaves. */
  leaving: AbortController;
  /** Called with each page before it counts as recorded. */
  onRecord: (ids: readonly string[]) => unknown;
  turn(holder?: string): Promise<TurnOutcome>;
  view(): Promise<PullSourceView>;
  writeSecret(secret: object): void;
  close(): Promise<void>;
}

export const NOW_MS = Date.UTC(2024, 2, 4, 12);

export async function openTurns(settings: object, secret: object): Promise<Turns> {
  const clock = new ManualClock(NOW_MS);
  const folder = mkdtempSync(join(tmpdir(), 'countersign-pull-'));
  const store = await openStore<Tables>({
    memory: true,
    migrations: [...storageMigrations, ...pullMigrations],
    clock,
  });
  const parts = { store: store as unknown as Store<PullTables>, clock, random: systemRandom };
  const sources = new PullSources(parts);
  const source = await sources.create(
    { tenant: 'acme', name: 'log', settings: { secret: 'log', ...settings }, by: 'alice' },
    async () => undefined,
  );
  const shared = { settings: source.settings, reach: 'any', clock } as const;
  let authoriser = new Authoriser({ ...shared, secretsFolder: folder });
  const turns: Turns = {
    ...{ clock, store, sources, source, came: [], gaps: [], onRecord: () => undefined },
    leaving: new AbortController(),
    view: () => sources.find(source.id),
    writeSecret: (given) => {
      writeFileSync(join(folder, 'log'), JSON.stringify(given));
      authoriser = new Authoriser({ ...shared, secretsFolder: folder });
    },
    turn: async (holder = 'one') => {
      const request = { name: `pull/${source.id}`, holder, forMs: 60_000 };
      const lease = await takeLease(store, clock, request);
      if (lease === undefined) throw new Error('somebody else holds the lease');
      return await takeTurn({
        ...{ ...shared, ...parts, lease, authoriser, leaving: turns.leaving.signal },
        row: await sources.row(source.id),
        record: async (texts) => {
          const ids = texts.map((text) => String(JSON.parse(text)?.id));
          await turns.onRecord(ids);
          turns.came.push(...ids);
        },
        tellGaps: async (gaps) => void turns.gaps.push(...gaps),
      });
    },
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
  turns.writeSecret(secret);
  return turns;
}
