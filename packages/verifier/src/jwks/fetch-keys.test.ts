import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { IssuerKey } from '../ports.ts';
import { createJwksKeySource, type JwksKeySourceOptions } from './fetch-keys.ts';

const ISSUER = 'https://id.example/acme/workforce';
const URL_OF_SET = 'https://id.example/acme/workforce/jwks';

const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
const keyNamed = (kid: string, extra: object = {}) => ({
  ...jwk,
  kid,
  alg: 'ES256',
  iss: ISSUER,
  ...extra,
});

function bench(options: Partial<JwksKeySourceOptions> = {}) {
  let nowMs = 1_800_000_000_000;
  const state = { keys: [keyNamed('k1')] as object[], down: false, asked: 0, body: '' };
  const problems: string[] = [];
  const source = createJwksKeySource({
    issuers: [{ issuer: ISSUER, jwksUri: URL_OF_SET }],
    clock: { nowMs: () => nowMs },
    fetch: async (url) => {
      assert.equal(url, URL_OF_SET);
      state.asked += 1;
      if (state.down) throw new Error('down');
      return new Response(state.body || JSON.stringify({ keys: state.keys }));
    },
    onProblem: ({ code }) => problems.push(code),
    ...options,
  });
  const advance = (stepMs: number) => {
    nowMs += stepMs;
  };
  const key = async (kid = 'k1') => source.key(ISSUER, kid);
  return { source, state, problems, advance, key };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('the key source', () => {
  it('fetches once, then answers at once with the same object', async () => {
    const { source, state } = bench();
    const first = await source.key(ISSUER, 'k1');
    assert.equal(first?.kid, 'k1');
    assert.equal(first?.issuer, ISSUER);
    assert.equal(source.key(ISSUER, 'k1'), first);
    assert.equal(state.asked, 1);
  });

  it('fetches once however many ask at the same time', async () => {
    const { state, key } = bench();
    const keys = await Promise.all(Array.from({ length: 50 }, () => key()));
    assert.ok(keys.every((found) => found === keys[0]));
    assert.equal(state.asked, 1);
  });

  it('cannot be made to hammer the issuer with unknown kids', async () => {
    const { state, key, advance } = bench();
    await key();
    const askFor = async (seconds: number): Promise<number> => {
      const before = state.asked;
      for (let attempt = 0; attempt < seconds * 20; attempt += 1) {
        assert.equal(await key(`made-up-${attempt}`), undefined);
        advance(50);
      }
      return state.asked - before;
    };
    // After 1, 2, 4, 8, 16 seconds, and then one look per cool-down of 30.
    assert.ok((await askFor(60)) <= 6);
    assert.equal(await askFor(300), 10);
  });

  it('finds a key that was just made within a second, again and again', async () => {
    const { state, key, advance } = bench();
    await key();
    for (let made = 2; made < 12; made += 1) {
      advance(1_000);
      state.keys = [keyNamed(`k${made}`), keyNamed('k1')];
      assert.equal((await key(`k${made}`))?.kid, `k${made}`);
    }
  });

  it('forgets in time that somebody made up kids', async () => {
    const { state, key, advance } = bench();
    await key();
    for (let attempt = 0; attempt < 2_000; attempt += 1) {
      await key(`made-up-${attempt}`);
      advance(50);
    }
    for (let minute = 0; minute < 6; minute += 1) {
      advance(60_000);
      await key();
      await settle();
    }
    advance(1_000);
    state.keys.push(keyNamed('k2'));
    assert.equal((await key('k2'))?.kid, 'k2');
  });

  it('finds a new key within the cool-down of the last fetch', async () => {
    const { state, key, advance } = bench();
    await key();
    state.keys.push(keyNamed('k2'));
    advance(30_000);
    assert.equal((await key('k2'))?.kid, 'k2');
  });

  it('serves the cached key while it refreshes behind', async () => {
    const { source, state, key, advance } = bench();
    const before = await key();
    advance(60_000);
    assert.equal(source.key(ISSUER, 'k1'), before);
    await settle();
    assert.equal(state.asked, 2);
    assert.equal(source.key(ISSUER, 'k1'), before, 'unchanged facts keep the same object');
  });

  it('drops a withdrawn key with the next refresh', async () => {
    const { source, state, key, advance } = bench();
    await key();
    const { generation } = source;
    state.keys = [keyNamed('k2')];
    advance(60_000);
    await key();
    await settle();
    assert.equal(await key(), undefined);
    assert.ok(source.generation > generation);
  });

  it('remembers the public half of a withdrawn key, and forgets it when the key comes back', async () => {
    const { source, state, key, advance } = bench();
    const withdrawn = () => source.withdrawn?.(ISSUER, 'k1');
    const before = await key();
    assert.equal(withdrawn(), undefined);
    state.keys = [keyNamed('k2')];
    advance(60_000);
    await key();
    await settle();
    assert.equal(withdrawn(), before);
    assert.equal(await key(), undefined, 'what is remembered is not accepted');
    assert.equal(source.withdrawn?.('https://id.example/acme/customer', 'k1'), undefined);
    state.keys = [keyNamed('k1')];
    advance(60_000);
    await key();
    await settle();
    assert.equal((await key())?.kid, 'k1');
    assert.equal(withdrawn(), undefined);
  });

  it('knows a withdrawn key again after the set was dropped meanwhile', async () => {
    const { source, state, key, advance } = bench();
    const before = await key();
    state.down = true;
    advance(300_000);
    await assert.rejects(key(), { code: 'keys_unavailable' });
    Object.assign(state, { down: false, keys: [keyNamed('k2')] });
    advance(1_000);
    assert.equal(await key(), undefined);
    assert.equal(source.withdrawn?.(ISSUER, 'k1'), before);
  });

  it('remembers a bounded number of withdrawn keys, the last ones', async () => {
    const { source, state, key, advance } = bench();
    for (let turn = 0; turn < 12; turn += 1) {
      state.keys = Array.from({ length: 32 }, (_, at) => keyNamed(`k${turn * 32 + at}`));
      advance(60_000);
      await key(`k${turn * 32}`);
      await settle();
    }
    const remembered = Array.from({ length: 12 * 32 }, (_, at) => `k${at}`).filter(
      (kid) => source.withdrawn?.(ISSUER, kid) !== undefined,
    );
    assert.equal(remembered.length, 256);
    assert.equal(remembered.at(-1), `k${11 * 32 - 1}`);
  });

  it('replaces a key whose published facts changed', async () => {
    const { source, state, key, advance } = bench();
    const before = await key();
    const { generation } = source;
    state.keys = [keyNamed('k1', { exp: 5 })];
    advance(60_000);
    await key();
    await settle();
    const after = await key();
    assert.notEqual(after, before);
    assert.equal(after?.notAfterSeconds, 5);
    assert.ok(source.generation > generation);
    assert.equal(after?.firstSeenMs, before?.firstSeenMs, 'its age is that of its kid');
  });

  it('lets every key die at the hard maximum age when the issuer is away', async () => {
    const { source, state, problems, key, advance } = bench();
    const first = await key();
    const { generation } = source;
    state.down = true;
    advance(299_999);
    assert.equal(await key(), first);
    await settle();
    advance(1);
    await assert.rejects(key(), { code: 'keys_unavailable', status: 503 });
    assert.ok(source.generation > generation);
    assert.ok(problems.includes('key_set_dead'));
  });

  it('grows its generation when keys die, although nobody asked for one', async () => {
    const { source, key, advance } = bench();
    await key();
    const { generation } = source;
    advance(300_000);
    assert.ok(source.generation > generation);
  });

  it('is back as soon as the issuer is, and keys are as old as they were', async () => {
    const { state, key, advance } = bench();
    const first = await key();
    state.down = true;
    advance(300_000);
    await assert.rejects(key(), { code: 'keys_unavailable' });
    state.down = false;
    advance(1_000);
    assert.equal((await key())?.firstSeenMs, first?.firstSeenMs);
  });

  it('asks a dead issuer ever more rarely', async () => {
    const { state, key, advance } = bench();
    state.down = true;
    for (let second = 0; second < 120; second += 1) {
      await assert.rejects(key(), { code: 'keys_unavailable' });
      advance(1_000);
    }
    assert.ok(state.asked >= 6 && state.asked <= 10, `${state.asked} requests in two minutes`);
  });

  it('keeps the last good set when the next one is refused', async () => {
    const { source, state, problems, key, advance } = bench();
    const before = await key();
    for (const [bad, code] of [
      ['{"keys":7}', 'key_set_malformed'],
      [JSON.stringify({ keys: [keyNamed('k1', { d: 'private' })] }), 'key_set_private_member'],
      [JSON.stringify({ keys: [keyNamed('k1'), keyNamed('k1')] }), 'key_set_duplicate_kid'],
      [' '.repeat(65_537), 'too_large'],
    ] as const) {
      state.body = bad;
      advance(60_000);
      assert.equal(await key(), before);
      await settle();
      assert.equal(problems.at(-1), code);
      assert.equal(source.key(ISSUER, 'k1'), before);
    }
  });

  it('takes only an answer with status 200', async () => {
    const body = JSON.stringify({ keys: [keyNamed('k1')] });
    for (const status of [201, 404, 500]) {
      const { key } = bench({ fetch: async () => new Response(body, { status }) });
      await assert.rejects(key(), { code: 'keys_unavailable' }, String(status));
    }
  });

  it('keeps a key without alg or iss, with nothing to verify with', async () => {
    const { state, key } = bench();
    state.keys = [keyNamed('k1', { alg: undefined, iss: undefined })];
    const found = await key();
    assert.deepEqual([found?.alg, found?.issuer, found?.handle], [undefined, undefined, undefined]);
  });

  it('does not know a key that is unsound for its own alg', async () => {
    const { state, key } = bench();
    state.keys = [keyNamed('k1', { x: 'AAAA' }), keyNamed('k2', { alg: 'RS256' }), keyNamed('k3')];
    assert.equal(await key('k1'), undefined);
    assert.equal(await key('k2'), undefined);
    assert.equal((await key('k3'))?.kid, 'k3');
  });

  it('refuses an issuer it was not given', () => {
    const { source } = bench();
    assert.throws(() => source.key('https://evil.example', 'k1'), { code: 'issuer_unknown' });
  });

  it('never takes a key of one issuer for another', async () => {
    const other = 'https://id.example/acme/customer';
    const { source } = bench({
      issuers: [
        { issuer: ISSUER, jwksUri: URL_OF_SET },
        { issuer: other, jwksUri: `${URL_OF_SET}2` },
      ],
      fetch: async (url) =>
        new Response(JSON.stringify({ keys: [keyNamed(url === URL_OF_SET ? 'k1' : 'k2')] })),
    });
    assert.equal((await source.key(ISSUER, 'k1'))?.kid, 'k1');
    assert.equal(await source.key(other, 'k1'), undefined);
  });

  it('does not fetch in clear over a network', async () => {
    const { key, problems } = bench({
      issuers: [{ issuer: ISSUER, jwksUri: 'http://id.example/jwks' }],
    });
    await assert.rejects(key(), { code: 'keys_unavailable' });
    assert.deepEqual(problems, ['url_not_allowed']);
  });

  it('drops its keys when the clock steps back, and recovers at once', async () => {
    const { state, key, advance } = bench();
    await key();
    advance(-3_600_000);
    assert.equal((await key())?.kid, 'k1');
    assert.equal(state.asked, 2);
  });

  it('does not wait for ever on a fetch that never ends', async () => {
    let hang = true;
    const { key, advance } = bench({
      fetch: () =>
        hang
          ? new Promise(() => undefined)
          : Promise.resolve(new Response(JSON.stringify({ keys: [keyNamed('k1')] }))),
    });
    void key().catch(() => undefined);
    hang = false;
    advance(31_000);
    assert.equal((await key())?.kid, 'k1');
  });

  it('stops fetching when closed', async () => {
    const { source, key } = bench({
      fetch: async (_, init) => {
        init.signal?.throwIfAborted();
        return new Response('{}');
      },
    });
    await source.close?.();
    await assert.rejects(key(), { code: 'keys_unavailable' });
  });

  it('never serves a key that has not been seen within the hard maximum age', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            stepMs: fc.integer({ min: 0, max: 120_000 }),
            published: fc.boolean(),
            down: fc.boolean(),
          }),
          { maxLength: 30 },
        ),
        async (steps) => {
          const { state, key, advance } = bench();
          let unseenMs = 0;
          for (const { stepMs, published, down } of steps) {
            advance(stepMs);
            unseenMs = published && !down ? 0 : unseenMs + stepMs;
            state.keys = published ? [keyNamed('k1')] : [keyNamed('k9')];
            state.down = down;
            const found: IssuerKey | undefined | 'unavailable' = await key().catch(
              () => 'unavailable' as const,
            );
            await settle();
            if (unseenMs >= 300_000) assert.notEqual(typeof found, 'object');
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
