// For tests: sinks over a real store in memory, a log that is an array, and a clock that is moved by hand.

import { openStore, type Store } from '@countersign/storage';
import { ManualClock, seededRandom } from '@countersign/vocabulary';
import type { Reach } from '../../outbound/send-request.ts';
import { PushSinks, type PushSinkView } from '../keep-sinks.ts';
import { openTransport } from '../open-transport.ts';
import type { EventFeed, PushedEvent, Transport } from '../pushed-event.ts';
import { SinkRunner } from '../sink-runner.ts';
import { type PushTables, pushMigrations } from '../sink-table.ts';

export function eventAt(position: number, more: Partial<PushedEvent> = {}): PushedEvent {
  const uid = `uid-${String(position).padStart(6, '0')}`;
  const timeMs = 1_790_000_000_000 + position;
  const ocsf = JSON.stringify({ metadata: { uid }, time: timeMs, n: position });
  return { position, uid, timeMs, name: 'token.issued', severityId: 1, ocsf, ...more };
}

export class PushHouse {
  readonly clock = new ManualClock();
  readonly log: PushedEvent[] = [];
  readonly told: string[] = [];
  readonly failed: unknown[] = [];
  readonly secrets = new Map<string, unknown>();
  readonly sinks: PushSinks;
  readonly runner: SinkRunner;
  readonly store: Store<PushTables>;
  /** Takes the place of what the settings say. */
  transport: ((sink: PushSinkView) => Transport) | undefined;
  reach: Reach = 'any';
  timeoutMs = 400;

  constructor(store: Store<PushTables>) {
    this.store = store;
    const { clock } = this;
    const random = seededRandom(7);
    this.sinks = new PushSinks({
      ...{ store, clock, random },
      secrets: {
        keep: (id, secret) => void this.secrets.set(id, secret),
        read: (id) => this.secrets.get(id),
        remove: (id) => void this.secrets.delete(id),
      },
    });
    this.runner = new SinkRunner({
      ...{ store, clock, random, sinks: this.sinks, feed: this.feed },
      open: (sink) => this.#open(sink),
      onFailure: (error) => this.failed.push(error),
      notes: {
        onSetAside: async (sink, events) =>
          this.told.push(`${sink.name} set aside ${events.map(({ uid }) => uid).join()}`),
        onFailing: async (sink) => this.told.push(`${sink.name} failing`),
        onRecovered: async (sink) => this.told.push(`${sink.name} recovered`),
        onBehind: async (sink, { count }) => this.told.push(`${sink.name} behind ${count}`),
      },
    });
  }

  static async open(): Promise<PushHouse> {
    const clock = new ManualClock();
    return new PushHouse(
      await openStore<PushTables>({ memory: true, migrations: pushMigrations, clock }),
    );
  }

  get feed(): EventFeed {
    return {
      readAfter: async (_tenant, position, limit) => {
        const events = this.log.filter((event) => event.position > position).slice(0, limit);
        const newest = this.log.at(-1)?.position ?? 0;
        return { events, through: events.at(-1)?.position ?? newest, newest };
      },
    };
  }

  async make(settings: object, secret?: object, name = 'siem'): Promise<string> {
    const wanted = { tenant: 'acme', name, settings, position: 0, by: 'op' };
    const { sink } = await this.sinks.create({ ...wanted, secret }, async () => undefined);
    return sink.id;
  }

  /**
   * Turns until nothing is due within `forMs`, or all sinks stand at `through`; time jumps to the next
   * due moment.
   */
  async run(forMs = 0, through = Number.POSITIVE_INFINITY): Promise<void> {
    const endMs = this.clock.nowMs() + forMs;
    for (;;) {
      await this.runner.tick();
      await this.runner.settled();
      if ((await this.sinks.list()).every(({ position }) => position >= through)) return;
      const [row] = await this.store.read
        .selectFrom('push_sink')
        .select('next_ms')
        .where('enabled', '=', 1)
        .orderBy('next_ms')
        .limit(1)
        .execute();
      // A sink that has everything stays due: nobody looks more often than once a second.
      const nextMs = Math.max(row?.next_ms ?? Number.POSITIVE_INFINITY, this.clock.nowMs() + 1000);
      if (nextMs > endMs) return;
      this.clock.advanceMs(nextMs - this.clock.nowMs());
    }
  }

  async close(): Promise<void> {
    await this.runner.close();
    await this.store.close();
  }

  #open(sink: PushSinkView): Transport {
    if (this.transport !== undefined) return this.transport(sink);
    const { clock, reach, timeoutMs } = this;
    const secret = this.secrets.get(sink.id);
    return openTransport({ sink, secret, clock, reach, timeoutMs, hostname: 'id.example' });
  }
}
