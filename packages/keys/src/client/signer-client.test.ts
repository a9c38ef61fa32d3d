import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, describe, it } from 'node:test';
import { connectPipe } from '@countersign/pipe';
import { type CodedError, isCodedError, ManualClock } from '@countersign/vocabulary';
import fc from 'fast-check';
import type { KeyState } from '../life/key-life.ts';
import { Signer } from '../signing/signer.ts';
import { makeActive } from '../testing/signer-world.ts';
import { makeInput, makePayload, makeScope, NOW_MS } from '../testing/token-fixture.ts';
import { connectLocalSigner } from './local-signer.ts';
import {
  decodeSignAnswer,
  decodeSignRequest,
  encodeForCaller,
  encodeJson,
  encodeSignAnswer,
  encodeSignRequest,
  SIGNER_OP,
} from './messages.ts';
import { serveSigner } from './serve-signer.ts';
import { createSignerClient } from './signer-client.ts';

const folders: string[] = [];
const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-client-'));
  folders.push(folder);
  return folder;
};
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});
const passphrase = Buffer.from('correct horse battery staple');
const clock = new ManualClock(NOW_MS);
const connect = () => connectLocalSigner({ folder: newFolder(), passphrase, clock });

describe('the signer client', () => {
  it('signs, lists and reads through the pipe', async () => {
    const client = await connect();
    await client.ready();
    const key = await makeActive(client, makeScope(), 'RS256');
    const input = makeInput({ alg: 'RS256', kid: key.kid, typ: 'JWT' }, makePayload());
    const answers = await Promise.all(Array.from({ length: 5 }, () => client.sign(key.kid, input)));
    assert.deepEqual(
      answers.map(({ journalNumber, keyNumber }) => [journalNumber, keyNumber]),
      [1, 2, 3, 4, 5].map((number) => [number, number]),
    );
    for (const { signature } of answers) assert.equal(signature.length, 256);
    const counts = { journalled: 5, sinceStart: 5, made: 5, failed: 0 };
    assert.deepEqual(await client.listKeys(), [{ ...key, counts }]);
    const { entries, lastNumber } = await client.readJournal(2, 3);
    assert.deepEqual([lastNumber, entries.map(({ number }) => number)], [5, [2, 3, 4]]);
    assert.equal((await client.status()).keys, 1);
    client.close();
  });

  it('hears each refusal by its code', async () => {
    const client = await connect();
    const key = await makeActive(client, makeScope(), 'ES256');
    const input = makeInput({ alg: 'ES256', kid: key.kid, typ: 'JWT' }, makePayload({ aud: 'x' }));
    await assert.rejects(client.sign(key.kid, input), { code: 'audience_out_of_scope' });
    await assert.rejects(client.sign('nobody', input), { code: 'unknown_key' });
    await assert.rejects(client.sign('é'.repeat(20), input), { code: 'unknown_key' });
    const noTenant = { ...makeScope(), tenant: '' };
    await assert.rejects(makeActive(client, noTenant, 'ES256'), { code: 'scope_malformed' });
    assert.deepEqual((await client.status()).refusals, {
      audience_out_of_scope: 1,
      unknown_key: 2,
    });
    client.close();
  });

  it('lists more keys than one answer holds', async () => {
    const client = await connect();
    const audiences = Array.from({ length: 256 }, (_, n) => `https://${n}.${'x'.repeat(490)}`);
    for (let population = 0; population < 12; population += 1) {
      const issuer = `https://id.example/${population}`;
      await makeActive(client, makeScope({ issuer, audiences }), 'EdDSA');
    }
    const keys = await client.listKeys();
    assert.equal(new Set(keys.map(({ kid }) => kid)).size, 12);
    const [only, ...others] = await client.listKeys('https://id.example/7');
    assert.deepEqual([only?.scope.issuer, others], ['https://id.example/7', []]);
    assert.deepEqual(await client.listKeys('https://id.example/none'), []);
    client.close();
  });

  it('hears that the signer is gone as a refusal that may pass', async () => {
    const client = await connect();
    client.close();
    const gone = { code: 'signer_unavailable' };
    await assert.rejects(client.sign('k', new Uint8Array(1)), (error) => {
      assert.ok(isCodedError(error) && error.retryAfterSeconds !== undefined);
      return error.code === gone.code;
    });
    await assert.rejects(client.ready(), gone);
  });
});

const codeOf = ({ code }: CodedError): string => code;

describe('the signer behind a pipe', () => {
  const serve = async (
    prepare: (signer: Signer) => Signer = (signer) => signer,
    timeoutMs = 300,
  ) => {
    const [there, back] = [new PassThrough(), new PassThrough()];
    const fatal: unknown[] = [];
    const pipe = connectPipe({ readable: back, writable: there, timeoutMs });
    const signer = prepare(await Signer.open({ folder: newFolder(), passphrase, clock }));
    const onFatal = (error: unknown): void => void fatal.push(error);
    serveSigner({ input: there, output: back, signer, onEnd: () => undefined, onFatal });
    return { pipe, signer, fatal, client: createSignerClient(pipe) };
  };

  it('answers anything with an answer', async () => {
    // On a busy machine an answer takes longer than it may where none is expected.
    const { pipe, signer } = await serve(undefined, 30_000);
    await fc.assert(
      fc.asyncProperty(fc.nat(255), fc.uint8Array({ maxLength: 80 }), async (op, body) => {
        fc.pre(op !== SIGNER_OP.status);
        await assert.rejects(pipe.request(op, body), ({ code }: CodedError) =>
          ['request_malformed', 'unknown_key'].includes(code),
        );
      }),
    );
    pipe.close();
    signer.close();
  });

  it('writes down who asks, when the door before it says for whom it asks', async () => {
    const { pipe, signer } = await serve();
    const ask = (op: number, caller: string, value: unknown = {}) =>
      pipe.request(SIGNER_OP.forCaller, encodeForCaller({ op, caller, body: encodeJson(value) }));
    await ask(SIGNER_OP.listKeys, 'certificate 00ff', { from: 0 });
    await assert.rejects(ask(SIGNER_OP.changeKey, 'another', { kid: 'none', to: 'revoked' }), {
      code: 'unknown_key',
    });
    const told = signer.readAccess(0, 10).entries.map(({ what, caller }) => `${what} ${caller}`);
    assert.deepEqual(told.slice(1), ['list certificate 00ff', 'change another']);
    const malformed = { code: 'request_malformed' };
    for (const caller of ['', 'two\nlines', 'x'.repeat(101)]) {
      await assert.rejects(ask(SIGNER_OP.status, caller), malformed);
    }
    await assert.rejects(ask(SIGNER_OP.forCaller, 'twice'), malformed);
    await assert.rejects(pipe.request(SIGNER_OP.forCaller, Buffer.of(3, 9, 65)), malformed);
    pipe.close();
    signer.close();
  });

  it('ends when the record of lives breaks over a request to sign: nobody knows what it holds', async () => {
    const folder = newFolder();
    const own = new ManualClock(NOW_MS);
    const earlier = await Signer.open({ folder, passphrase, clock: own });
    const { kid } = await makeActive(earlier);
    earlier.close();
    const opened = await Signer.open({ folder, passphrase, clock: own });
    const { client, fatal } = await serve(() => opened);
    rmSync(join(folder, 'lives'), { recursive: true });
    own.advanceMs((makeScope().notAfterSeconds + 1) * 1000 - NOW_MS);
    const input = makeInput({ alg: 'ES256', kid, typ: 'JWT' }, makePayload());
    await assert.rejects(client.sign(kid, input));
    assert.deepEqual(fatal, [opened.broken]);
    assert.notEqual(opened.broken, undefined);
    client.close();
    opened.close();
  });

  it('lets a key that changes in between sign before, and not after, in one batch', async () => {
    const { client, signer } = await serve();
    const { kid } = await client.makeKey('EdDSA', makeScope());
    const input = makeInput({ alg: 'EdDSA', kid, typ: 'JWT' }, makePayload());
    const sign = () => client.sign(kid, input).then(() => 'signed', codeOf);
    const change = (to: KeyState) =>
      client.changeKey(kid, to).then(({ life }) => life.state, codeOf);
    const asked = [
      ...[sign(), change('published'), sign(), change('active'), sign(), sign()],
      ...[change('revoked'), sign(), change('active'), client.status(), sign()],
    ];
    const status = { lastNumber: 2 };
    const heard = (await Promise.all(asked)).map((one) =>
      typeof one === 'string' ? one : { lastNumber: one.lastNumber },
    );
    assert.deepEqual(heard, [
      ...['key_not_active', 'published', 'key_not_active', 'active', 'signed', 'signed'],
      ...['revoked', 'key_revoked', 'life_conflict', status, 'key_revoked'],
    ]);
    client.close();
    signer.close();
  });

  it('tells who touched the keys, in one line whatever was given', async () => {
    const { client, signer, pipe } = await serve();
    const by = 'op_7';
    const { kid } = await client.makeKey('EdDSA', makeScope(), { by, reason: 'first key' });
    const reason = `a\ndrill ${'x'.repeat(300)}`;
    const { life } = await client.changeKey(kid, 'revoked', { by, reason });
    assert.equal(life.reason, `a drill ${'x'.repeat(192)}`);
    const body = encodeJson({ kid, to: 'revoked', by: 'a\nb' });
    const refused = { code: 'request_malformed' };
    await assert.rejects(pipe.request(SIGNER_OP.changeKey, body), refused);
    const { entries, lastNumber } = await client.readAccess(2, 10);
    assert.equal(lastNumber, 3);
    assert.deepEqual(
      entries.map(({ number, what, by: who, reason, caller }) => [
        number,
        what,
        who,
        reason,
        caller,
      ]),
      [
        [2, 'make', by, 'first key', 'parent'],
        [3, 'change', by, life.reason, 'parent'],
      ],
    );
    client.close();
    signer.close();
  });

  it('gives up, without an answer, when nobody knows what its journal holds', async () => {
    const { client, signer, fatal } = await serve((opened) => {
      opened.signEach = () => {
        throw Object.assign(new Error('EIO'), { code: 'EIO' });
      };
      return opened;
    });
    await assert.rejects(client.sign('k', new Uint8Array(1)), { code: 'signer_unavailable' });
    assert.equal(fatal.length, 1);
    client.close();
    signer.close();
  });
});

describe('the messages of signing', () => {
  it('come out as they went in', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 43 }), fc.uint8Array({ minLength: 1 }), (text, input) => {
        const kid = Buffer.from(text).toString('base64url');
        const asked = decodeSignRequest(encodeSignRequest(kid, input));
        assert.equal(asked.kid, kid);
        assert.deepEqual(Buffer.from(asked.input), Buffer.from(input));
        const answer = { signature: input, journalNumber: 2 ** 40, keyNumber: 7 };
        assert.deepEqual(decodeSignAnswer(encodeSignAnswer(answer)), answer);
      }),
    );
  });

  it('are refused when they end early', () => {
    const refused = { code: 'request_malformed' };
    for (const body of [[], [0], [3, 65, 66], [2, 65, 66]]) {
      assert.throws(() => decodeSignRequest(Uint8Array.from(body)), refused);
    }
    assert.throws(() => decodeSignAnswer(new Uint8Array(12)), refused);
    assert.throws(() => encodeSignRequest('x'.repeat(256), new Uint8Array(1)), refused);
  });
});
