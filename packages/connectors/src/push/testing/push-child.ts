// A process that serves one sink from a store on disk until it is killed: `push-child.ts DATABASE URL
// EVENTS`. The log is the same at every start.

import { openStore } from '@countersign/storage';
import { systemClock, systemRandom } from '@countersign/vocabulary';
import { PushSinks } from '../keep-sinks.ts';
import { openTransport } from '../open-transport.ts';
import { SinkRunner } from '../sink-runner.ts';
import { type PushTables, pushMigrations } from '../sink-table.ts';
import { eventAt } from './push-house.ts';

const [path = '', url = '', count = '0'] = process.argv.slice(2);
const log = Array.from({ length: Number(count) }, (_, n) => eventAt(n + 1));
const clock = systemClock;
const store = await openStore<PushTables>({ path, migrations: pushMigrations, clock });
const secret = { key: `whsec_${Buffer.alloc(32, 7).toString('base64')}` };
const secrets = { keep: () => undefined, read: () => secret, remove: () => undefined };
const sinks = new PushSinks({ store, clock, random: systemRandom, secrets });
if ((await sinks.list()).length === 0) {
  const settings = { kind: 'webhook', url };
  const wanted = { tenant: 'acme', name: 'siem', settings, secret, position: 0, by: 'op' };
  await sinks.create(wanted, async () => undefined);
}
const nothing = async (): Promise<void> => undefined;
const runner = new SinkRunner({
  ...{ store, clock, random: systemRandom, sinks },
  feed: {
    readAfter: async (_tenant, position, limit) => {
      // In tenths, so that there is much to be killed in.
      const events = log.slice(position, position + Math.min(limit, 50));
      const through = events.at(-1)?.position ?? log.length;
      return { events, through, newest: log.length };
    },
  },
  notes: { onSetAside: nothing, onFailing: nothing, onRecovered: nothing, onBehind: nothing },
  open: (sink) =>
    openTransport({ sink, secret, clock, reach: 'any', hostname: 'id.example', timeoutMs: 5000 }),
  onFailure: (error) => console.error(error),
});
setInterval(() => void runner.tick(), 5);
