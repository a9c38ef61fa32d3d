// The sinks of this server: kept in its store, served while it runs, each with a secret of its own.

import { join } from 'node:path';
import type { ArchiveClient } from '@countersign/archive';
import type { Audit } from '@countersign/audit';
import { openTransport, PushSinks, type PushTables, SinkRunner } from '@countersign/connectors';
import type { Store } from '@countersign/storage';
import type { Clock, Random } from '@countersign/vocabulary';
import type { Logger } from 'pino';
import type { DataFolder } from '../settings/open-data-folder.ts';
import { feedFromArchive, type HouseFeed } from './feed-from-archive.ts';
import { keepSecretFiles } from './keep-secret-files.ts';
import { noteSinks } from './note-sinks.ts';

export interface HouseSinks {
  list: PushSinks;
  newest: HouseFeed['newest'];
  stop(): Promise<void>;
}

export interface SinksParts {
  /** Where this server is reached: on loopback, sinks may be there as well. */
  settings: { url: string };
  data: Pick<DataFolder, 'path'>;
  store: Store<PushTables>;
  archive: Pick<ArchiveClient, 'followed' | 'readRange'>;
  audit: Pick<Audit, 'record' | 'noteGaps'>;
  clock: Clock;
  random: Random;
  log: Pick<Logger, 'info' | 'warn' | 'error'>;
}

const LOOK_MS = 1000;
const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

export function openSinks(parts: SinksParts): HouseSinks {
  const { settings, data, store, archive, audit, clock, random, log } = parts;
  const { hostname } = new URL(settings.url);
  const secrets = keepSecretFiles(join(data.path, 'secrets', 'sinks'));
  const list = new PushSinks({ store, clock, random, secrets });
  // Somebody trying this out has the other side on the same machine; nobody else may name it.
  const reach = LOOPBACK.includes(hostname) ? 'any' : 'public';
  const feed = feedFromArchive(archive);
  const runner = new SinkRunner({
    ...{ store, clock, random, feed, sinks: list, notes: noteSinks(audit, clock, log) },
    open: (sink) => openTransport({ sink, secret: secrets.read(sink.id), clock, reach, hostname }),
    onFailure: (err) => log.error({ err }, 'a sink could not be served; it is tried again'),
  });
  const onFailure = (err: unknown): void =>
    log.error({ err }, 'which sinks are due could not be read');
  const timer = setInterval(() => void runner.tick().catch(onFailure), LOOK_MS);
  timer.unref();
  return {
    list,
    newest: feed.newest,
    stop: async () => {
      clearInterval(timer);
      await runner.close();
    },
  };
}
