import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PipeClient } from '@countersign/pipe';
import { CodedError, isCodedError, seededRandom } from '@countersign/vocabulary';
import fc from 'fast-check';
import { SIGNER_OP } from './messages.ts';
import { connectRelay } from './relay-client.ts';
import { decodeTicketed, encodeTicketed, RELAY_OP } from './relay-messages.ts';
import { createSignerRelay } from './relay-requests.ts';

const gone = () => new CodedError('peer_gone', 'gone', { retryAfterSeconds: 1 });
const busy = () => new CodedError('busy', 'busy', { retryAfterSeconds: 1 });
const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (body: Uint8Array): string => Buffer.from(body).toString();

/** Numbers what it signs, as the signer's journal does, and may end before or after that. */
class CountingSigner {
  readonly signed: string[] = [];
  readonly others: number[] = [];
  fates: ('answer' | 'end before' | 'end after' | 'busy')[] = [];

  async request(op: number, body: Uint8Array): Promise<Uint8Array> {
    if (op !== SIGNER_OP.sign) {
      this.others.push(op);
      return bytes('other');
    }
    const fate = this.fates.shift() ?? 'answer';
    if (fate === 'busy') throw busy();
    if (fate === 'end before') throw gone();
    this.signed.push(text(body));
    const answer = bytes(`${text(body)} as ${this.signed.length}`);
    await new Promise((resolve) => setImmediate(resolve));
    if (fate === 'end after') throw gone();
    return answer;
  }
}

type Fate = 'deliver' | 'lose request' | 'lose answer' | 'twice' | 'late' | 'restart' | 'away';

/** A relay behind a connection that loses, doubles and delays, and a host that starts again. */
class Wire implements PipeClient {
  readonly #signer: CountingSigner;
  readonly #window: number;
  #relay: ReturnType<typeof createSignerRelay>;
  fates: Fate[] = [];
  readonly late: (() => Promise<unknown>)[] = [];
  sent = 0;
  connected = true;

  constructor(signer: CountingSigner, window = 16) {
    this.#signer = signer;
    this.#window = window;
    this.#relay = this.#start();
  }

  #start(): ReturnType<typeof createSignerRelay> {
    return createSignerRelay({ signer: this.#signer, window: this.#window, mostSessions: 2 });
  }

  restart(): void {
    this.#relay = this.#start();
  }

  arrive(op: number, body: Uint8Array): Promise<Uint8Array> {
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    this.#relay([{ op, body, reply: resolve, refuse: reject }]);
    return promise;
  }

  async request(op: number, body: Uint8Array): Promise<Uint8Array> {
    this.sent += 1;
    const fate = this.fates.shift() ?? 'deliver';
    if (fate === 'away') {
      this.connected = false;
      setImmediate(() => {
        this.connected = true;
      });
      throw gone();
    }
    if (fate === 'restart') this.restart();
    if (fate === 'lose request') throw gone();
    if (fate === 'late') {
      this.late.push(() => this.arrive(op, body));
      throw gone();
    }
    if (fate === 'twice') void this.arrive(op, body).catch(() => undefined);
    const answer = await this.arrive(op, body);
    if (fate === 'lose answer') throw gone();
    return answer;
  }

  close(): void {
    this.fates = [];
  }
}

const connect = (wire: Wire, deadlineMs = 5000): PipeClient =>
  connectRelay({ peer: wire, deadlineMs, minPauseMs: 1, maxPauseMs: 2 });

function counts(signer: CountingSigner): Map<string, number> {
  const found = new Map<string, number>();
  for (const body of signer.signed) found.set(body, (found.get(body) ?? 0) + 1);
  return found;
}

describe('a signer on another host, behind its relay', () => {
  it('signs each request at most once and answers each, whatever the way to it does', async () => {
    const fate = fc.constantFrom<Fate>(
      ...(['deliver', 'lose request', 'lose answer', 'twice', 'late', 'restart', 'away'] as const),
    );
    const end = fc.constantFrom('answer', 'end before', 'end after', 'busy' as const);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fate, { maxLength: 40 }),
        fc.array(end, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 5 }),
        async (fates, ends, turns) => {
          const signer = new CountingSigner();
          const wire = new Wire(signer);
          wire.fates = fates;
          signer.fates = ends as typeof signer.fates;
          const pipe = connect(wire);
          let next = 0;
          for (const many of turns) {
            const from = next;
            next += many;
            const asked = Array.from({ length: many }, (_, at) => `input ${from + at}`);
            const outcomes = await Promise.allSettled(
              asked.map((input) => pipe.request(SIGNER_OP.sign, bytes(input))),
            );
            outcomes.forEach((outcome, at) => {
              if (outcome.status === 'fulfilled') {
                assert.match(text(outcome.value), new RegExp(`^${asked[at]} as \\d+$`));
              } else {
                // Nobody knows, or there was no room: both pass, and neither is an answer.
                assert.ok(isCodedError(outcome.reason));
                assert.ok(['peer_gone', 'busy'].includes(outcome.reason.code));
                assert.ok(outcome.reason.retryAfterSeconds !== undefined);
              }
            });
            await Promise.allSettled(wire.late.splice(0).map((arrive) => arrive()));
          }
          for (const [input, times] of counts(signer)) assert.equal(times, 1, input);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('answers every one of them while neither the relay nor the signer ends', async () => {
    const fate = fc.constantFrom<Fate>('deliver', 'lose request', 'lose answer', 'twice', 'late');
    await fc.assert(
      fc.asyncProperty(fc.array(fate, { maxLength: 20 }), async (fates) => {
        const signer = new CountingSigner();
        const wire = new Wire(signer);
        wire.fates = fates;
        const pipe = connect(wire);
        const asked = Array.from({ length: 6 }, (_, at) => `input ${at}`);
        const answers = await Promise.all(
          asked.map((input) => pipe.request(SIGNER_OP.sign, bytes(input))),
        );
        assert.deepEqual(
          answers.map((answer) => text(answer).replace(/ as \d+$/, '')),
          asked,
        );
        await Promise.allSettled(wire.late.splice(0).map((arrive) => arrive()));
        assert.equal(signer.signed.length, asked.length);
      }),
      { numRuns: 200 },
    );
  });

  it('has nothing signed again that an earlier relay may have had signed', async () => {
    const signer = new CountingSigner();
    const wire = new Wire(signer);
    const pipe = connect(wire);
    await pipe.request(SIGNER_OP.sign, bytes('before'));
    wire.fates = ['lose answer', 'restart'];
    const reason = { code: 'peer_gone', retryAfterSeconds: 1 };
    await assert.rejects(pipe.request(SIGNER_OP.sign, bytes('in doubt')), reason);
    assert.deepEqual(signer.signed, ['before', 'in doubt']);
    // The next one opens a session with the new relay.
    assert.equal(text(await pipe.request(SIGNER_OP.sign, bytes('after'))), 'after as 3');
  });

  it('goes on after a restart of the relay that met no request', async () => {
    const signer = new CountingSigner();
    const wire = new Wire(signer);
    const pipe = connect(wire);
    await pipe.request(SIGNER_OP.sign, bytes('before'));
    wire.restart();
    assert.equal(text(await pipe.request(SIGNER_OP.sign, bytes('after'))), 'after as 2');
  });

  it('waits for a connection that is away, and sends nothing meanwhile', async () => {
    const signer = new CountingSigner();
    const wire = new Wire(signer);
    wire.connected = false;
    setTimeout(() => {
      wire.connected = true;
    }, 20);
    const answer = await connect(wire).request(SIGNER_OP.sign, bytes('input'));
    assert.equal(text(answer), 'input as 1');
    assert.equal(wire.sent, 2, 'one for the session, one for the signature');
  });

  it('gives up at its deadline', async () => {
    const signer = new CountingSigner();
    const wire = new Wire(signer);
    wire.connected = false;
    const pipe = connect(wire, 30);
    await assert.rejects(pipe.request(SIGNER_OP.sign, bytes('input')), { code: 'peer_gone' });
    assert.equal(wire.sent, 0);
  });

  it('does not ask again for what was refused or is too long to be sent', async () => {
    for (const reason of [
      new CodedError('audience_out_of_scope', 'no'),
      new CodedError('bad_frame', 'too long'),
    ]) {
      const signer = new CountingSigner();
      const wire = new Wire(signer);
      const pipe = connect(wire);
      await pipe.request(SIGNER_OP.sign, bytes('before'));
      const { sent } = wire;
      signer.request = () => Promise.reject(reason);
      if (reason.code === 'bad_frame') wire.arrive = () => Promise.reject(reason);
      await assert.rejects(pipe.request(SIGNER_OP.sign, bytes('input')), { code: reason.code });
      assert.equal(wire.sent, sent + 1);
    }
  });
});

describe('the relay before a signer', () => {
  const open = (wire: Wire) => wire.arrive(RELAY_OP.openSession, new Uint8Array(0));
  const ask = (wire: Wire, session: Uint8Array, sequence: number, input = `${sequence}`) =>
    wire.arrive(RELAY_OP.signOnce, encodeTicketed({ session, sequence }, bytes(input)));

  it('remembers a bounded number of requests, and refuses what it forgot', async () => {
    const signer = new CountingSigner();
    const wire = new Wire(signer, 4);
    const session = await open(wire);
    for (let sequence = 1; sequence <= 6; sequence += 1) await ask(wire, session, sequence);
    assert.equal(text(await ask(wire, session, 3)), '3 as 3');
    for (const forgotten of [1, 2]) {
      await assert.rejects(ask(wire, session, forgotten), { code: 'outcome_unknown' });
    }
    // One that never came is refused too once it is as old, and one far ahead forgets all before.
    await ask(wire, session, 2 ** 48 - 1);
    await assert.rejects(ask(wire, session, 7), { code: 'outcome_unknown' });
    assert.equal(signer.signed.length, 7);
  });

  it('remembers a bounded number of sessions, the one asked last the longest', async () => {
    const wire = new Wire(new CountingSigner());
    const [first, second] = [await open(wire), await open(wire)];
    await ask(wire, first, 1);
    await open(wire);
    assert.equal(text(await ask(wire, first, 1)), '1 as 1');
    await assert.rejects(ask(wire, second, 1), { code: 'session_unknown' });
  });

  it('lets no number be used for two requests', async () => {
    const signer = new CountingSigner();
    const wire = new Wire(signer);
    const session = await open(wire);
    await ask(wire, session, 1, 'this');
    await assert.rejects(ask(wire, session, 1, 'that'), { code: 'request_malformed' });
    assert.deepEqual(signer.signed, ['this']);
  });

  it('signs nothing without a session, and passes everything else on', async () => {
    const signer = new CountingSigner();
    const wire = new Wire(signer);
    await assert.rejects(wire.arrive(SIGNER_OP.sign, bytes('input')), {
      code: 'request_malformed',
    });
    await assert.rejects(wire.arrive(RELAY_OP.signOnce, bytes('short')), {
      code: 'request_malformed',
    });
    const strange = seededRandom(1).bytes(16);
    await assert.rejects(ask(wire, strange, 1), { code: 'session_unknown' });
    await wire.arrive(SIGNER_OP.status, bytes('{}'));
    assert.deepEqual([signer.signed, signer.others], [[], [SIGNER_OP.status]]);
  });

  it('tells the signer whose certificate asks, and lets nobody say so of themselves', async () => {
    const asked: [number, string][] = [];
    const relay = createSignerRelay({
      signer: {
        request: async (op, body) => {
          asked.push([op, text(body)]);
          return bytes('answer');
        },
      },
    });
    const arrive = (op: number, caller: string | undefined): Promise<Uint8Array> =>
      new Promise((reply, refuse) => relay([{ op, body: bytes('{}'), caller, reply, refuse }]));
    await arrive(SIGNER_OP.listKeys, '00ff');
    await assert.rejects(arrive(SIGNER_OP.forCaller, '00ff'), { code: 'request_malformed' });
    await assert.rejects(arrive(SIGNER_OP.forCaller, undefined), { code: 'request_malformed' });
    assert.deepEqual(asked, [[SIGNER_OP.forCaller, '\x03\x10certificate 00ff{}']]);
  });

  it('answers anything with an answer, and signs nothing of it', async () => {
    const signer = new CountingSigner();
    const wire = new Wire(signer);
    const session = await open(wire);
    const tampered = fc.uint8Array({ maxLength: 60 }).map((tail) => Buffer.concat([session, tail]));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(SIGNER_OP.sign, RELAY_OP.signOnce, 66, 255),
        fc.oneof(fc.uint8Array({ maxLength: 60 }), tampered),
        async (op, body) => {
          const ours = op === RELAY_OP.signOnce && body.length > 22;
          fc.pre(!(ours && Buffer.from(body.subarray(0, 16)).equals(session)));
          const outcome = await wire.arrive(op, body).then(
            () => 'answered',
            (error: unknown) => (isCodedError(error) ? error.code : String(error)),
          );
          assert.match(outcome, /^(answered|request_malformed|session_unknown)$/);
        },
      ),
    );
    assert.deepEqual(signer.signed, []);
  });

  it('hands on in one turn what arrived in one turn', async () => {
    const asked: number[] = [];
    let turn = 0;
    const relay = createSignerRelay({
      signer: {
        request: async () => {
          asked.push(turn);
          return bytes('answer');
        },
      },
    });
    const opened = Promise.withResolvers<Uint8Array>();
    const unexpected = (error: unknown): never => assert.fail(String(error));
    relay([
      {
        op: RELAY_OP.openSession,
        body: new Uint8Array(0),
        reply: opened.resolve,
        refuse: unexpected,
      },
    ]);
    const session = await opened.promise;
    const answers = Array.from({ length: 50 }, () => Promise.withResolvers<Uint8Array>());
    setImmediate(() => {
      turn = 1;
    });
    relay(
      answers.map(({ resolve }, at) => ({
        op: RELAY_OP.signOnce,
        body: encodeTicketed({ session, sequence: at + 1 }, bytes(`input ${at}`)),
        reply: resolve,
        refuse: unexpected,
      })),
    );
    await Promise.all(answers.map(({ promise }) => promise));
    assert.deepEqual(new Set(asked), new Set([0]));
    assert.equal(asked.length, 50);
  });

  it('reads tickets as they were written', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.nat(2 ** 31 - 1),
        fc.uint8Array({ minLength: 1 }),
        (session, sequence, request) => {
          const ticket = { session, sequence: sequence * 65_536 };
          const read = decodeTicketed(encodeTicketed(ticket, request));
          assert.deepEqual(Buffer.from(read.session), Buffer.from(session));
          assert.equal(read.sequence, ticket.sequence);
          assert.deepEqual(Buffer.from(read.request), Buffer.from(request));
        },
      ),
    );
  });
});
