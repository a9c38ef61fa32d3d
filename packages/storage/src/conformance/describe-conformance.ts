// What every storage engine must do, as one suite: run it with a function that opens the engine.
// Not part of the room's door; only tests beside it import this folder.

import { describe, test } from 'node:test';
import type { Store, StoreLimits } from '../store.ts';
import type { NotesTables } from './notes.ts';
import { readyQueryCases } from './ready-query-cases.ts';
import { refusalCases } from './refusal-cases.ts';
import { transactionCases } from './transaction-cases.ts';

export type OpenForConformance = (limits: Partial<StoreLimits>) => Promise<Store<NotesTables>>;

export function describeConformance(engine: string, open: OpenForConformance): void {
  describe(`${engine} keeps the promises of a store`, () => {
    for (const { name, limits = {}, run } of [
      ...transactionCases,
      ...refusalCases,
      ...readyQueryCases,
    ]) {
      test(name, async () => {
        const store = await open(limits);
        try {
          await run(store);
        } finally {
          await store.close();
        }
      });
    }
  });
}
