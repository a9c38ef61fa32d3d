import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pushError } from './push-error.ts';
import type { SinkAnswer, Transport } from './pushed-event.ts';
import { retryDelayMs } from './retry-delay.ts';
import { eventAt, PushHouse } from './testing/push-house.ts';

const KEY = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

/** What a sink does with one batch; `lost` took all of it, and its answer did not arrive. */
const manner = fc.constantFrom('take', 'take', 'fail', 'throttle', 'lost', 'half', 'crash');

test('whatever a sink does, every event reaches it or is set aside, and none before those in front of it', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(manner, { maxLength: 25 }),
      fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 3 }),
      async (manners, poison) => {
        const house = await PushHouse.open();
        house.log.push(...Array.from({ length: 60 }, (_, n) => eventAt(n + 1)));
        const reached = new Set<number>();
        let furthest = 0;
        house.transport = () =>
          misbehaving(manners, new Set(poison), (position) => {
            assert.ok(
              position <= furthest + 1 || poison.includes(furthest + 1) || poison.length > 1,
            );
            furthest = Math.max(furthest, position);
            reached.add(position);
          });
        const id = await house.make({ kind: 'webhook', url: 'https://sink.example' }, { key: KEY });
        await house.run(24 * 60 * 60_000, 60);
        const { position, setAside, failures } = await house.sinks.find(id);
        assert.deepEqual([position, failures], [60, 0]);
        assert.equal(reached.size, 60 - poison.length);
        assert.equal(setAside, poison.length);
        assert.deepEqual(house.failed, []);
        await house.close();
      },
    ),
    { numRuns: 15 },
  ));

function misbehaving(
  manners: string[],
  poison: ReadonlySet<number>,
  reach: (position: number) => void,
): Transport {
  return {
    async send(events): Promise<SinkAnswer> {
      const does = manners.shift() ?? 'take';
      if (does === 'fail') throw pushError('sink_unreachable', 'away');
      if (does === 'crash') throw new TypeError('a bug');
      if (does === 'throttle') throw pushError('sink_throttled', 'later', { retryAfterSeconds: 3 });
      const good = events.filter(({ position }) => !poison.has(position));
      const some = does === 'half' ? good.slice(0, Math.ceil(good.length / 2)) : good;
      for (const { position } of some) reach(position);
      if (does === 'lost') throw pushError('sink_unreachable', 'cut');
      return {
        taken: some.map(({ position }) => position),
        refused: events
          .filter(({ position }) => poison.has(position))
          .map(({ position }) => ({ position, reason: 'bad' })),
        again: good.slice(some.length).map(({ position }) => position),
      };
    },
  };
}

test('secrets are in no answer, leave with the sink, and bad settings are told of without their value', async () => {
  const house = await PushHouse.open();
  const settings = { kind: 'webhook', url: 'https://sink.example/in' };
  const made = await house.sinks.create(
    { tenant: 'acme', name: 'siem', settings, position: 0, by: 'op' },
    async () => undefined,
  );
  assert.match(made.webhookKey ?? '', /^whsec_[A-Za-z0-9+/]{43}=$/);
  assert.equal(house.secrets.size, 1);
  assert.doesNotMatch(JSON.stringify(await house.sinks.list()), /whsec_/);
  const bad: [object, object | undefined, RegExp][] = [
    [{ kind: 'webhook', url: 'ftp://x' }, undefined, /^url: /],
    [settings, { key: 'hunter2-hunter2' }, /^key: /],
    [{ kind: 'splunk', url: 'https://x.example' }, { token: 'two\nlines' }, /^token: /],
    [{ kind: 'splunk', url: 'https://x.example' }, undefined, /./],
    [{ kind: 'fax' }, undefined, /^kind: /],
  ];
  for (const [given, secret, message] of bad) {
    await assert.rejects(house.make(given, secret, 'bad'), (error: Error) => {
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /hunter2|two/);
      return true;
    });
  }
  await assert.rejects(house.make(settings, { key: KEY }), { code: 'sink_exists' });
  assert.equal(house.secrets.size, 1);
  await house.sinks.remove(made.sink.id, async () => undefined);
  assert.equal(house.secrets.size, 0);
  await assert.rejects(house.sinks.find(made.sink.id), { code: 'sink_unknown' });
  await house.close();
});

test('a sink that is paused gets nothing, and goes on where it was', async () => {
  const house = await PushHouse.open();
  house.log.push(eventAt(1));
  const got: number[] = [];
  house.transport = () => ({
    send: async (events) => {
      got.push(...events.map(({ position }) => position));
      return { taken: got, refused: [], again: [] };
    },
  });
  const id = await house.make({ kind: 'webhook', url: 'https://sink.example' }, { key: KEY });
  await house.run();
  await house.sinks.change(id, { enabled: false }, async () => undefined);
  house.log.push(eventAt(2));
  await house.run(60_000);
  assert.deepEqual(got, [1]);
  await house.sinks.change(id, { enabled: true }, async () => undefined);
  await house.run();
  assert.deepEqual(got, [1, 2]);
  await house.close();
});

test('waiting doubles up to five minutes, is scattered, and heeds what was asked for up to an hour', () => {
  const low = { bytes: (count: number) => new Uint8Array(count) };
  const high = { bytes: (count: number) => new Uint8Array(count).fill(255) };
  assert.deepEqual(
    [1, 2, 3, 30].map((n) => retryDelayMs(n, low)),
    [500, 1000, 2000, 150_000],
  );
  assert.deepEqual(
    [1, 30].map((n) => retryDelayMs(n, high)),
    [1000, 299_998],
  );
  assert.deepEqual(
    [60, 999_999].map((s) => retryDelayMs(1, low, s)),
    [60_000, 3_600_000],
  );
});

test('a sink that is paused while it is served is sent no other batch', async () => {
  const house = await PushHouse.open();
  house.log.push(...Array.from({ length: 3000 }, (_, n) => eventAt(n + 1)));
  let sent = 0;
  let id = '';
  house.transport = () => ({
    async send(events) {
      sent += 1;
      await house.sinks.change(id, { enabled: false }, async () => undefined);
      return { taken: events.map(({ position }) => position), refused: [], again: [] };
    },
  });
  id = await house.make({ kind: 'webhook', url: 'https://sink.example' }, { key: KEY });
  await house.run(60_000);
  const { position, enabled } = await house.sinks.find(id);
  assert.deepEqual([sent, position, enabled], [1, 1000, false]);
  await house.close();
});

test('an event that alone fills a batch and is refused holds up none of those behind it', async () => {
  const house = await PushHouse.open();
  const filler = 'x'.repeat(1_800_000);
  const large = (n: number) => eventAt(n, { ocsf: JSON.stringify({ n, filler }) });
  house.log.push(large(1), large(2), eventAt(3), large(4), large(5));
  const taken = new Set<number>();
  house.transport = () => ({
    async send(events) {
      if (events.some(({ ocsf }) => ocsf.length > 1_000_000))
        throw pushError('batch_rejected', 'It answered 413');
      for (const { position } of events) taken.add(position);
      return { taken: events.map(({ position }) => position), refused: [], again: [] };
    },
  });
  const id = await house.make({ kind: 'webhook', url: 'https://sink.example' }, { key: KEY });
  await house.run(60 * 60_000, 3);
  const stood = await house.sinks.find(id);
  assert.deepEqual([stood.position, stood.setAside, [...taken]], [3, 2, [3]]);
  // Nothing shows yet that it is those two, and not the sink.
  await house.run(60_000);
  assert.equal((await house.sinks.find(id)).position, 3);
  house.log.push(eventAt(6));
  await house.run(60 * 60_000, 6);
  const { position, setAside } = await house.sinks.find(id);
  assert.deepEqual([position, setAside, [...taken]], [6, 4, [3, 6]]);
  await house.close();
});
