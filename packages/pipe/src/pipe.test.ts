import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { CodedError } from '@countersign/vocabulary';
import { encodeFrame, MAX_FRAME_BYTES } from './frame.ts';
import { type ConnectPipeOptions, connectPipe } from './pipe-client.ts';
import { type PipeRequest, servePipe } from './serve-pipe.ts';

function pair(
  onBatch: (requests: PipeRequest[]) => void,
  options: Partial<ConnectPipeOptions> = {},
) {
  const there = new PassThrough();
  const back = new PassThrough();
  const ends: unknown[] = [];
  servePipe({ input: there, output: back, onBatch, onEnd: (error) => ends.push(error) });
  const client = connectPipe({ readable: back, writable: there, ...options });
  return { client, there, back, ends };
}

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (body: Uint8Array): string => Buffer.from(body).toString();

describe('a pipe', () => {
  it('answers each request with its own answer, in any order', async () => {
    const { client } = pair((requests) => {
      for (const request of [...requests].reverse())
        request.reply(bytes(`${request.op}:${text(request.body)}`));
    });
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((body, op) => client.request(op, bytes(body))),
    );
    assert.deepEqual(answers.map(text), ['0:a', '1:b', '2:c']);
    client.close();
  });

  it('hands requests of one turn over as one batch', async () => {
    const sizes: number[] = [];
    const { client } = pair((requests) => {
      sizes.push(requests.length);
      for (const request of requests) request.reply(request.body);
    });
    await Promise.all(Array.from({ length: 100 }, () => client.request(1, bytes('x'))));
    assert.deepEqual(sizes, [100]);
    client.close();
  });

  it('lets requests travel together while the other process is busy', async () => {
    const sizes: number[] = [];
    const { promise: busy, resolve: isBusy } = Promise.withResolvers<void>();
    const { client } = pair((requests) => {
      sizes.push(requests.length);
      isBusy();
      for (const request of requests) setTimeout(() => request.reply(request.body), 1);
    });
    const asked = [client.request(1, bytes('first'))];
    await busy;
    for (let turn = 0; turn < 5; turn += 1) asked.push(client.request(1, bytes('later')));
    await Promise.all(asked);
    assert.deepEqual(sizes, [1, 5]);
    client.close();
  });

  it('lets many requests leave, and many answers, before the others of their turn are made', async () => {
    const gone = { requests: 0, answers: 0 };
    const { client, there, back } = pair((requests) => {
      for (const request of requests.slice(0, 70)) request.reply(request.body);
      gone.answers = back.readableLength;
      for (const request of requests.slice(70)) request.reply(request.body);
    });
    for (const end of [there, back]) end.pause();
    const asked = Array.from({ length: 70 }, () => client.request(1, bytes('early')));
    gone.requests = there.readableLength;
    asked.push(...Array.from({ length: 70 }, () => client.request(1, bytes('late'))));
    there.resume();
    const answers = Promise.all(asked);
    for (let turn = 0; turn < 5; turn += 1) await new Promise((next) => setImmediate(next));
    back.resume();
    assert.equal((await answers).length, 140);
    assert.ok(gone.requests > 0, 'requests');
    assert.ok(gone.answers > 0, 'answers');
    client.close();
  });

  it('does not let one slow request stop the others', async () => {
    const { promise: met, resolve: meet } = Promise.withResolvers<PipeRequest>();
    const { client } = pair((requests) => {
      for (const request of requests) {
        if (text(request.body) === 'slow') meet(request);
        else request.reply(request.body);
      }
    });
    const slow = client.request(1, bytes('slow'));
    const waiting = await met;
    assert.equal(text(await client.request(1, bytes('quick'))), 'quick');
    waiting.reply(bytes('slow'));
    assert.equal(text(await slow), 'slow');
    client.close();
  });

  it('takes an answer given long after its batch', async () => {
    const { client } = pair(([request]) => setTimeout(() => request?.reply(bytes('late')), 20));
    assert.equal(text(await client.request(1, bytes(''))), 'late');
    client.close();
  });

  it('carries a refusal with its code, and says whether it may pass', async () => {
    const { client } = pair((requests) => {
      for (const request of requests) {
        if (request.op === 1) request.refuse(new CodedError('key_expired', 'The key is too old.'));
        if (request.op === 2)
          request.refuse(new CodedError('log_full', 'No room.', { retryAfterSeconds: 7 }));
        if (request.op === 3) request.refuse(new Error('secret detail'));
      }
    });
    await assert.rejects(client.request(1, bytes('')), {
      code: 'key_expired',
      retryAfterSeconds: undefined,
    });
    await assert.rejects(client.request(2, bytes('')), { code: 'log_full', retryAfterSeconds: 7 });
    await assert.rejects(client.request(3, bytes('')), (error: CodedError) => {
      assert.equal(error.code, 'internal_error');
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
    client.close();
  });

  it('refuses more than it may have in flight', async () => {
    const { client } = pair(() => undefined, { maxInFlight: 2 });
    const first = [client.request(1, bytes('')), client.request(1, bytes(''))];
    await assert.rejects(client.request(1, bytes('')), { code: 'busy' });
    client.close();
    for (const request of first) await assert.rejects(request, { code: 'peer_gone' });
  });

  it('rejects what is too long for a frame, as it does all else, and goes on', async () => {
    const { client } = pair((requests) => requests[0]?.reply(bytes('here')));
    const asked = client.request(1, new Uint8Array(MAX_FRAME_BYTES));
    await assert.rejects(asked, { code: 'bad_frame' });
    assert.equal(text(await client.request(1, bytes(''))), 'here');
    client.close();
  });

  it('lets an answer that is too long for a frame be refused instead', async () => {
    const { client } = pair(([request]) => {
      try {
        request?.reply(new Uint8Array(MAX_FRAME_BYTES));
      } catch (error) {
        request?.refuse(error);
      }
    });
    await assert.rejects(client.request(1, bytes('x')), { code: 'bad_frame' });
    client.close();
  });

  it('gives up on an answer that does not come', async () => {
    const { client } = pair(() => undefined, { timeoutMs: 10 });
    await assert.rejects(client.request(1, bytes('')), { code: 'peer_timeout' });
    client.close();
  });

  it('fails what is in flight, and what comes after, when the other end goes', async () => {
    const { client, back } = pair(() => undefined);
    const waiting = client.request(1, bytes(''));
    back.end();
    await assert.rejects(waiting, { code: 'peer_gone' });
    await assert.rejects(client.request(1, bytes('')), { code: 'peer_gone' });
  });

  it('ends when the parent breaks the framing, and refuses an answer that breaks it', async () => {
    const { there, ends } = pair(() => undefined);
    there.write(Buffer.from([0, 0, 0, 1]));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal((ends[0] as CodedError).code, 'bad_frame');

    const { client, back } = pair(() => undefined);
    const waiting = client.request(1, bytes(''));
    back.write(Buffer.from([0xff, 0xff, 0xff, 0xff]));
    await assert.rejects(waiting, { code: 'bad_frame' });
  });

  it('ignores an answer to a request nobody waits for', async () => {
    const { client, back } = pair((requests) => requests[0]?.reply(bytes('mine')));
    back.write(encodeFrame({ id: 4_000_000, op: 0, body: bytes('stray') }));
    assert.equal(text(await client.request(1, bytes(''))), 'mine');
    client.close();
  });

  it('treats a second answer to one request as the bug it is', async () => {
    let second: unknown;
    const { client } = pair(([request]) => {
      request?.reply(bytes('one'));
      try {
        request?.reply(bytes('two'));
      } catch (error) {
        second = error;
      }
    });
    assert.equal(text(await client.request(1, bytes(''))), 'one');
    assert.match(String(second), /twice/);
    client.close();
  });
});
