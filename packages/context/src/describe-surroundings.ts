// From what a request shows to what is known about it. Never throws: what is missing, malformed or
// contradicts itself is said, and judged by whoever asked.

import type { RequestSurroundings } from '@countersign/vocabulary';
import type { NetworkLists } from './lists/network-lists.ts';
import type { NetworkTable } from './networks/network-table.ts';
import type { Surroundings } from './surroundings.ts';

export interface SurroundingTables {
  networks?: NetworkTable;
  lists?: NetworkLists;
  nowMs: number;
}

export function describeSurroundings(
  _request: RequestSurroundings,
  _tables: SurroundingTables,
): Surroundings {
  return { implausible: [], missing: ['no_address'], data: { stale: false } };
}
