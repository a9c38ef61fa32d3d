// The sources of this server: kept in its store, read while it runs, each with a secret of its own in
// DATA/secrets/sources.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Audit } from '@countersign/audit';
import { PullSources, type PullTables } from '@countersign/connectors';
import type { LeaseTables, Store } from '@countersign/storage';
import type { Clock, Random } from '@countersign/vocabulary';
import type { Logger } from 'pino';
import type { DataFolder } from '../settings/open-data-folder.ts';
import { type RunningSources, runSources } from './run-sources.ts';

export interface HouseSources extends RunningSources {
  list: PullSources;
}

export interface SourcesParts {
  /** Where this server is reached: on loopback, sources may be there as well. */
  settings: { url: string };
  data: Pick<DataFolder, 'path' | 'instanceId'>;
  store: Store<LeaseTables & PullTables>;
  audit: Audit;
  clock: Clock;
  random: Random;
  log: Logger;
}

const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

export function openSources(parts: SourcesParts): HouseSources {
  const { settings, data, store, audit, clock, random, log } = parts;
  const secretsFolder = join(data.path, 'secrets', 'sources');
  mkdirSync(secretsFolder, { recursive: true, mode: 0o700 });
  const own = store as unknown as Store<PullTables>;
  const list = new PullSources({ store: own, clock, random });
  // Somebody trying this out has the other side on the same machine; nobody else may name it.
  const reach = LOOPBACK.includes(new URL(settings.url).hostname) ? 'any' : 'public';
  const holder = data.instanceId;
  const running = runSources({
    ...{ sources: list, store, audit, clock, reach, secretsFolder, holder, log },
  });
  return { list, ...running };
}
