import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { signWebhook } from './send-webhook.ts';
import { eventAt, PushHouse } from './testing/push-house.ts';
import { type Heard, type Said, SinkStandIn } from './testing/sink-stand-in.ts';

let house: PushHouse;
let sink: SinkStandIn;
beforeEach(async () => {
  house = await PushHouse.open();
  sink = await SinkStandIn.open();
});
afterEach(async () => {
  sink.close();
  await house.close();
  assert.deepEqual(house.failed, []);
});

const KEY = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const numbers = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, n) => first + n);
const fill = (last: number) => house.log.push(...numbers(1, last).map((n) => eventAt(n)));
const dataOf = ({ body }: Heard): number[] =>
  (JSON.parse(body.toString()).data as { n: number }[]).map(({ n }) => n);

async function state(id: string) {
  const { position, delivered, setAside, failures, enabled, error } = await house.sinks.find(id);
  return { position, delivered, setAside, failures, enabled, code: error?.code };
}
const good = { failures: 0, setAside: 0, enabled: true, code: undefined };

describe('a webhook', () => {
  const make = () => house.make({ kind: 'webhook', url: `${sink.url}/in` }, { key: KEY });

  test('gets every event in order, signed over id, time and body', async () => {
    fill(1200);
    const id = await make();
    await house.run();
    assert.deepEqual(sink.heard.flatMap(dataOf), numbers(1, 1200));
    assert.deepEqual(await state(id), { ...good, position: 1200, delivered: 1200 });
    for (const { headers, body } of sink.heard) {
      const { 'webhook-id': name, 'webhook-timestamp': at } = headers as Record<string, string>;
      const expected = signWebhook(KEY, name ?? '', Number(at), body.toString());
      assert.equal(headers['webhook-signature'], expected);
    }
    // The vector of the specification's own libraries.
    assert.equal(
      signWebhook(
        'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        'msg_p5jXN8AQM9LWM0D4loKWxJek',
        1_614_265_330,
        '{"test": 2432232314}',
      ),
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });

  test('that fails, throttles, hangs and breaks off gets the same batch under the same id until it takes it', async () => {
    fill(3);
    const id = await make();
    sink.next.push(
      () => ({ status: 500 }),
      () => ({ status: 429, headers: { 'retry-after': '7' } }),
      () => 'hang',
      () => 'cut',
    );
    const startMs = house.clock.nowMs();
    await house.run(120_000);
    assert.deepEqual(await state(id), { ...good, position: 3, delivered: 3 });
    assert.equal(new Set(sink.heard.map(({ headers }) => headers['webhook-id'])).size, 1);
    assert.deepEqual(sink.heard.map(dataOf), Array(5).fill([1, 2, 3]));
    assert.ok(house.clock.nowMs() - startMs >= 7000);
  });

  test('that is away for long is told of once, events are said to wait, and nothing is lost', async () => {
    fill(2);
    const id = await make();
    sink.always = () => ({ status: 500, body: 'no\u001b[2J\nroom' });
    await house.run(20 * 60_000);
    const { failures, code } = await state(id);
    assert.ok(failures > 5);
    assert.equal(code, 'sink_unreachable');
    assert.equal(house.told.filter((line) => line === 'siem failing').length, 1);
    assert.ok(house.told.includes('siem behind 2'));
    const { error } = await house.sinks.find(id);
    assert.equal(error?.message, 'It answered 500: no [2J room');
    sink.always = () => ({ status: 204 });
    await house.run(20 * 60_000);
    assert.deepEqual(await state(id), { ...good, position: 2, delivered: 2 });
    assert.equal(house.told.at(-1), 'siem recovered');
  });

  test('that wants no more is paused; one that refuses the credential is tried again', async () => {
    fill(1);
    const id = await make();
    sink.next.push(() => ({ status: 401 }));
    await house.run();
    assert.deepEqual((await state(id)).code, 'sink_refused');
    sink.always = () => ({ status: 410 });
    await house.run(60_000);
    assert.deepEqual(await state(id), {
      ...{ position: 0, delivered: 0, setAside: 0, failures: 2, enabled: false, code: 'sink_gone' },
    });
  });

  test('that chokes on one event gets all others, and the one is set aside and told of', async () => {
    fill(300);
    const id = await make();
    const taken: number[] = [];
    sink.always = (heard) => {
      const data = dataOf(heard);
      if (data.includes(77)) return { status: 400, body: 'field n is 77' };
      taken.push(...data);
      return { status: 200 };
    };
    await house.run();
    assert.deepEqual(
      taken,
      numbers(1, 300).filter((n) => n !== 77),
    );
    assert.deepEqual(await state(id), { ...good, position: 300, delivered: 299, setAside: 1 });
    assert.deepEqual(house.told, ['siem set aside uid-000077']);
    const [aside] = await house.sinks.listSetAside(id);
    assert.equal(aside?.reason, 'It answered 400: field n is 77');
  });

  test('that takes no event at all is broken, and no event is set aside', async () => {
    fill(3);
    const id = await make();
    sink.always = () => ({ status: 422 });
    await house.run(60_000);
    const { position, setAside, code } = await state(id);
    assert.deepEqual([position, setAside, code], [0, 0, 'batch_rejected']);
  });
});

describe('Elasticsearch', () => {
  const items = (heard: Heard) =>
    heard.body
      .toString()
      .trimEnd()
      .split('\n')
      .filter((_, at) => at % 2 === 0)
      .map((line) => (JSON.parse(line) as { create: { _id: string } }).create._id);
  const answer = (heard: Heard, statusOf: (id: string) => number): Said => ({
    status: 200,
    body: {
      errors: true,
      items: items(heard).map((_id) => ({
        create: { _id, status: statusOf(_id), error: { type: 'mapper', reason: 'bad field' } },
      })),
    },
  });
  const make = () =>
    house.make({ kind: 'elastic', url: sink.url, index: 'audit' }, { apiKey: 'a2V5' });

  test('takes some, refuses some and puts some off: each is treated as what it is', async () => {
    fill(10);
    const id = await make();
    const kept = new Set<string>();
    let busy = true;
    sink.always = (heard) =>
      answer(heard, (uid) => {
        if (uid === 'uid-000004') return 400;
        if (uid === 'uid-000008' && busy) return 429;
        if (kept.has(uid)) return 409;
        kept.add(uid);
        return 201;
      });
    await house.run();
    assert.deepEqual(await state(id), {
      ...{ position: 7, delivered: 6, setAside: 1, failures: 1, enabled: true },
      code: 'sink_throttled',
    });
    busy = false;
    await house.run(60_000);
    assert.deepEqual(await state(id), { ...good, position: 10, delivered: 9, setAside: 1 });
    assert.equal(kept.size, 9);
    assert.equal(sink.heard[0]?.headers.authorization, 'ApiKey a2V5');
    const [, document = ''] = sink.heard[0]?.body.toString().split('\n') ?? [];
    const { '@timestamp': at, ...event } = JSON.parse(document);
    assert.deepEqual(event, JSON.parse(house.log[0]?.ocsf ?? ''));
    assert.equal(Date.parse(at), house.log[0]?.timeMs);
  });

  test('that does not say what became of each event took none', async () => {
    fill(2);
    const id = await make();
    sink.always = () => ({ status: 200, body: { items: [] } });
    await house.run();
    assert.deepEqual((await state(id)).position, 0);
  });
});

describe('Splunk', () => {
  const make = (acknowledged = false) =>
    house.make({ kind: 'splunk', url: sink.url, index: 'sec', acknowledged }, { token: 'tok' });
  const eventsOf = ({ body }: Heard) =>
    body
      .toString()
      .split('\n')
      .map((line) => JSON.parse(line) as { time: number; index: string; event: { n: number } });

  test('gets events with their time and index, by token', async () => {
    fill(2);
    const id = await make();
    sink.always = () => ({ status: 200, body: { text: 'Success', code: 0 } });
    await house.run();
    const [heard] = sink.heard as [Heard];
    assert.equal(heard.headers.authorization, 'Splunk tok');
    assert.deepEqual(
      eventsOf(heard).map(({ time, index, event }) => [time, index, event.n]),
      house.log.map(({ timeMs, position }) => [timeMs / 1000, 'sec', position]),
    );
    assert.equal((await state(id)).position, 2);
  });

  test('that acknowledges counts when it has indexed, not when it has heard', async () => {
    fill(1);
    const id = await make(true);
    const acks = [false, true];
    sink.always = ({ path }) =>
      path.startsWith('/services/collector/ack?channel=')
        ? { status: 200, body: { acks: { '5': acks.shift() } } }
        : { status: 200, body: { text: 'Success', code: 0, ackId: 5 } };
    await house.run();
    assert.equal(acks.length, 0);
    assert.equal((await state(id)).position, 1);
  });

  test('that names the event it chokes on gets the others', async () => {
    fill(6);
    const id = await make();
    const taken: number[] = [];
    sink.always = (heard) => {
      const all = eventsOf(heard).map(({ event }) => event.n);
      const bad = all.indexOf(3);
      taken.push(...(bad === -1 ? all : all.slice(0, bad)));
      return bad === -1
        ? { status: 200, body: { code: 0 } }
        : { status: 400, body: { code: 6, 'invalid-event-number': bad } };
    };
    await house.run(60_000);
    assert.deepEqual(taken, [1, 2, 4, 5, 6]);
    assert.deepEqual(await state(id), { ...good, position: 6, delivered: 5, setAside: 1 });
  });

  test('that chokes on the first event, or on two beside each other, gets the others', async () => {
    fill(6);
    const id = await make();
    const taken = new Set<number>();
    sink.always = (heard) => {
      const all = eventsOf(heard).map(({ event }) => event.n);
      const bad = all.findIndex((n) => [1, 3, 4].includes(n));
      for (const n of bad === -1 ? all : all.slice(0, bad)) taken.add(n);
      return bad === -1
        ? { status: 200, body: { code: 0 } }
        : { status: 400, body: { code: 6, 'invalid-event-number': bad } };
    };
    await house.run(60_000);
    assert.deepEqual([...taken], [2, 5, 6]);
    assert.deepEqual(await state(id), { ...good, position: 6, delivered: 3, setAside: 3 });
  });

  test('that acknowledges is believed about the events before a bad one only when it has indexed them', async () => {
    fill(4);
    const id = await make(true);
    const indexed = new Map<number, number[]>();
    sink.always = (heard) => {
      if (heard.path.startsWith('/services/collector/ack?')) {
        const [ackId] = (JSON.parse(heard.body.toString()) as { acks: number[] }).acks;
        return { status: 200, body: { acks: { [String(ackId)]: true } } };
      }
      const all = eventsOf(heard).map(({ event }) => event.n);
      // What stood before the bad one was heard, and is lost before it is indexed.
      if (all.includes(3))
        return { status: 400, body: { code: 6, 'invalid-event-number': all.indexOf(3) } };
      indexed.set(indexed.size + 1, all);
      return { status: 200, body: { code: 0, ackId: indexed.size } };
    };
    await house.run(60_000);
    assert.deepEqual([...indexed.values()].flat(), [1, 2, 4]);
    assert.deepEqual(await state(id), { ...good, position: 4, delivered: 3, setAside: 1 });
  });
});

describe('S3', () => {
  const secret = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
  const make = () =>
    house.make({ kind: 's3', endpoint: sink.url, bucket: 'trail', prefix: 'log/' }, secret);

  test('gets a gzipped object a batch, and the same object when a batch is sent again', async () => {
    fill(3);
    const id = await make();
    sink.next.push(() => ({ status: 503, body: '<Error><Code>SlowDown</Code></Error>' }));
    sink.always = () => ({ status: 200, body: '' });
    await house.run(60_000);
    const paths = sink.heard.map(({ path }) => path.split('?')[0]);
    const [path = ''] = paths;
    assert.match(
      path,
      /^\/trail\/log\/acme\/2026\/09\/21\/000000000001-000000000003-[0-9a-f]{16}\.ndjson\.gz$/,
    );
    assert.deepEqual(paths, [path, path]);
    const body = sink.heard[1]?.body ?? Buffer.alloc(0);
    const at = body.indexOf(Buffer.from([0x1f, 0x8b]));
    const lines = gunzipSync(body.subarray(at)).toString();
    assert.equal(lines, house.log.map(({ ocsf }) => `${ocsf}\n`).join(''));
    assert.deepEqual(await state(id), { ...good, position: 3, delivered: 3 });
  });

  test('holds what two houses with a tenant of the same name put into one bucket', async () => {
    const other = await PushHouse.open();
    fill(3);
    const alike = [1, 2, 3].map((n) => eventAt(n, { uid: `other-${n}` }));
    other.log.push(...alike);
    sink.always = () => ({ status: 200, body: '' });
    const settings = { kind: 's3', endpoint: sink.url, bucket: 'trail', prefix: 'log/' };
    await make();
    await other.make(settings, secret);
    await house.run();
    await other.run();
    await other.close();
    assert.equal(new Set(sink.heard.map(({ path }) => path)).size, 2);
  });

  test('that refuses the key is tried again, and sets nothing aside', async () => {
    fill(1);
    const id = await make();
    sink.always = () => ({ status: 403, body: '<Error><Code>AccessDenied</Code></Error>' });
    await house.run();
    const { position, setAside, code } = await state(id);
    assert.deepEqual([position, setAside, code], [0, 0, 'sink_refused']);
  });
});

test('nothing is sent to this machine or its network unless the operator lets it be', async () => {
  fill(1);
  house.reach = 'public';
  const { port } = new URL(sink.url);
  const made = [
    await house.make({ kind: 'webhook', url: sink.url }, { key: KEY }, 'a'),
    await house.make({ kind: 'webhook', url: `https://localhost:${port}` }, { key: KEY }, 'b'),
    await house.make(
      { kind: 'elastic', url: `https://[::1]:${port}`, index: 'i' },
      { apiKey: 'k' },
      'c',
    ),
    await house.make({ kind: 'splunk', url: `https://2130706433:${port}` }, { token: 't' }, 'd'),
    await house.make({ kind: 'syslog', host: '127.0.0.1', port: Number(port) }, undefined, 'e'),
    await house.make({ kind: 'syslog', host: 'localhost', port: Number(port) }, undefined, 'f'),
    await house.make(
      { kind: 's3', endpoint: `https://localhost:${port}`, bucket: 'trail' },
      { accessKeyId: 'k', secretAccessKey: 's' },
      'g',
    ),
  ];
  await house.run();
  for (const id of made) assert.equal((await state(id)).code, 'sink_refused', id);
  assert.equal(sink.heard.length, 0);
});

test('a sink that hangs keeps no other waiting', async () => {
  fill(2);
  const other = await SinkStandIn.open();
  sink.always = () => 'hang';
  house.timeoutMs = 20_000;
  const stuck = await house.make({ kind: 'webhook', url: sink.url }, { key: KEY }, 'stuck');
  const free = await house.make({ kind: 'webhook', url: other.url }, { key: KEY }, 'free');
  await house.runner.tick();
  while ((await state(free)).position !== 2) await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await state(stuck)).position, 0);
  other.close();
  sink.close();
});
