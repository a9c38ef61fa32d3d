// What the house knows of networks: the file that comes with the context room, read once, and the lists
// that the settings name. A file that cannot be read is told here and in every score; nothing is refused
// for it.

import { readFileSync } from 'node:fs';
import {
  decodeNetworks,
  describeSurroundings,
  type ListFacts,
  type NetworkTable,
  SHIPPED_NETWORK_DATA,
  type Surroundings,
} from '@countersign/context';
import type { Clock, RequestSurroundings } from '@countersign/vocabulary';
import type { Logger } from 'pino';
import type { ListSettings } from '../settings/read-lists.ts';
import { keepLists } from './keep-lists.ts';

export interface SurroundingsParts {
  lists: readonly ListSettings[];
  clock: Clock;
  log: Pick<Logger, 'error'>;
}

/** What is known, how old it is and whom to thank: to be shown beside what it says. */
export interface NetworkSources {
  networks:
    | { madeMs: number; stale: boolean; packages: string[]; attribution: readonly string[] }
    | undefined;
  lists: ListFacts[];
}

export interface OpenedSurroundings {
  describe(request: RequestSurroundings): Surroundings;
  sources(): NetworkSources;
  close(): void;
}

export function openSurroundings({ lists, clock, log }: SurroundingsParts): OpenedSurroundings {
  const networks = readNetworks(log);
  const kept = keepLists(lists, log);
  const tables = () => ({ networks, lists: kept.now(), nowMs: clock.nowMs() });
  return {
    describe: (request) => describeSurroundings(request, tables()),
    sources: () => ({
      networks: networks === undefined ? undefined : describeNetworks(networks, clock.nowMs()),
      lists: kept.now().describe(clock.nowMs()),
    }),
    close: kept.close,
  };
}

function describeNetworks(networks: NetworkTable, nowMs: number): NetworkSources['networks'] {
  const { madeMs, sources, attribution } = networks;
  const { stale } = describeSurroundings({}, { networks, nowMs }).data;
  const packages = sources.map((source) => `${source.package} ${source.version}`);
  return { madeMs, stale, packages, attribution };
}

function readNetworks(log: Pick<Logger, 'error'>): NetworkTable | undefined {
  try {
    return decodeNetworks(readFileSync(SHIPPED_NETWORK_DATA));
  } catch (err) {
    log.error({ err }, 'the network data cannot be read: nobody knows where addresses are');
    return undefined;
  }
}
