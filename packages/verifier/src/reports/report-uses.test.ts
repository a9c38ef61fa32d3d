import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TokenUse } from '../ports.ts';
import { createUseReporter, type UseReporterOptions } from './report-uses.ts';

interface Sent {
  verifier: { name: string; version: string };
  uses: (TokenUse & { id: string })[];
  dropped?: number;
}

function bench(options: Partial<UseReporterOptions> = {}) {
  const state = { status: 202, down: false };
  const sent: Sent[] = [];
  const delivered: Sent[] = [];
  const headers: Headers[] = [];
  const problems: string[] = [];
  const reporter = createUseReporter({
    url: 'https://id.example/api/v1/uses',
    credential: 'reporter-secret',
    verifier: { name: 'mail-api', version: '1.2.3' },
    clock: { nowMs: () => Date.now() },
    fetch: async (_, init) => {
      if (state.down) throw new Error('down');
      const body = JSON.parse(String(init.body)) as Sent;
      sent.push(body);
      headers.push(new Headers(init.headers));
      if (state.status < 300) delivered.push(body);
      return new Response('{"accepted":1}', { status: state.status });
    },
    onProblem: (code) => problems.push(code),
    delayMs: 1_000_000,
    ...options,
  });
  return { reporter, state, sent, delivered, headers, problems };
}

const use = (number: number, changed: Partial<TokenUse> = {}): TokenUse => ({
  atMs: 1_800_000_000_000 + number,
  decision: 'accepted',
  tokenHash: `hash ${number}`,
  ...changed,
});

const forged = (number: number, code = 'receipt_missing') =>
  use(number, { decision: 'refused', code, evidence: 'a.forged.token' });

async function until(done: () => boolean) {
  for (let tries = 0; tries < 400 && !done(); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(done(), true);
}

describe('the use reporter', () => {
  it('sends what was decided, as who it is, with its credential', async () => {
    const { reporter, sent, headers } = bench();
    reporter.report(use(1, { issuer: 'https://a', audience: ['b'] }));
    await reporter.flush?.();
    const [batch] = sent;
    assert.deepEqual(batch?.verifier, { name: 'mail-api', version: '1.2.3' });
    assert.equal(batch?.uses.length, 1);
    assert.equal(batch?.uses[0]?.tokenHash, 'hash 1');
    assert.match(batch?.uses[0]?.id ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(headers[0]?.get('authorization'), 'Bearer reporter-secret');
    assert.equal(Object.hasOwn(batch ?? {}, 'dropped'), false);
  });

  it('sends at most 500 at a time', async () => {
    const { reporter, delivered } = bench();
    for (let number = 0; number < 1_201; number += 1) reporter.report(use(number));
    await reporter.flush?.();
    assert.deepEqual(
      delivered.map(({ uses }) => uses.length),
      [500, 500, 201],
    );
  });

  it('sends nothing when there is nothing to say', async () => {
    const { reporter, sent } = bench();
    await reporter.flush?.();
    assert.equal(sent.length, 0);
  });

  it('keeps the id of a use over retries, so that it is counted once', async () => {
    const { reporter, state, sent } = bench();
    state.status = 503;
    reporter.report(use(1));
    await reporter.flush?.();
    state.status = 202;
    await reporter.flush?.();
    assert.equal(sent.length, 2);
    assert.equal(sent[0]?.uses[0]?.id, sent[1]?.uses[0]?.id);
  });

  it('sends by itself after its delay', async () => {
    const { reporter, delivered } = bench({ delayMs: 5 });
    reporter.report(use(1));
    await until(() => delivered.length === 1);
    await reporter.close?.();
  });

  it('sends an alarm at once, before what waits', async () => {
    const { reporter, delivered } = bench();
    reporter.report(use(1));
    reporter.report(forged(2));
    await until(() => delivered.length === 1);
    assert.deepEqual(
      delivered[0]?.uses.map(({ tokenHash }) => tokenHash),
      ['hash 2', 'hash 1'],
    );
    assert.equal(delivered[0]?.uses[0]?.evidence, 'a.forged.token');
  });

  it('sends the token as evidence for no other refusal, and never for an accepted one', async () => {
    const { reporter, delivered } = bench();
    for (const code of ['token_expired', 'signature_invalid', 'key_unknown', 'audience_mismatch']) {
      reporter.report(forged(1, code));
    }
    reporter.report(use(2, { evidence: 'a.valid.token', code: 'receipt_missing' }));
    reporter.report(use(3, { decision: 'audit_failed', evidence: 'a.valid.token', code: 'other' }));
    await reporter.flush?.();
    await reporter.flush?.();
    assert.doesNotMatch(JSON.stringify(delivered), /token"|valid\.token|forged\.token/);
    assert.equal(delivered.flatMap(({ uses }) => uses).length, 6);
  });

  it('sends the token of a failed audit, whose receipt is known to be false', async () => {
    const { reporter, delivered } = bench();
    const code = 'receipt_audit_failed';
    reporter.report(use(3, { decision: 'audit_failed', code, evidence: 'a.forged.token' }));
    await until(() => delivered.length === 1);
    assert.equal(delivered[0]?.uses[0]?.evidence, 'a.forged.token');
  });

  it('makes one alarm of a forgery that is shown a thousand times', async () => {
    const { reporter, delivered } = bench();
    for (let showing = 0; showing < 1_000; showing += 1) reporter.report(forged(7));
    await reporter.flush?.();
    await reporter.flush?.();
    const uses = delivered.flatMap(({ uses: some }) => some);
    assert.equal(uses.length, 1_000);
    assert.equal(uses.filter(({ evidence }) => evidence !== undefined).length, 1);
  });

  it('still sends the evidence when an alarm came first without it', async () => {
    const { reporter, delivered } = bench();
    const code = 'receipt_audit_failed';
    reporter.report(use(3, { decision: 'audit_failed', code }));
    reporter.report(use(3, { decision: 'refused', code, evidence: 'a.forged.token' }));
    await reporter.flush?.();
    assert.equal(delivered[0]?.uses[1]?.evidence, 'a.forged.token');
  });

  it('drops the newest when full, counts them, and says so with the next batch', async () => {
    const { reporter, state, delivered } = bench({ maxUses: 10 });
    state.status = 503;
    for (let number = 0; number < 25; number += 1) reporter.report(use(number));
    await reporter.flush?.();
    state.status = 202;
    await reporter.flush?.();
    assert.equal(delivered[0]?.dropped, 15);
    assert.equal(delivered[0]?.uses[0]?.tokenHash, 'hash 0');
    reporter.report(use(99));
    await reporter.flush?.();
    assert.equal(delivered[1]?.dropped, undefined, 'a drop is told once');
  });

  it('keeps room for alarms when ordinary reports have filled theirs', async () => {
    const { reporter, state, delivered } = bench({ maxUses: 10, maxAlarms: 2 });
    state.down = true;
    for (let number = 0; number < 1_000; number += 1) {
      reporter.report(use(number, { decision: 'refused', code: 'signature_invalid' }));
    }
    for (const number of [1, 2, 3]) reporter.report(forged(5_000 + number));
    await reporter.flush?.();
    state.down = false;
    await reporter.flush?.();
    const uses = delivered.flatMap(({ uses: some }) => some);
    assert.equal(uses.filter(({ evidence }) => evidence !== undefined).length, 2);
    assert.equal(delivered[0]?.dropped, 991);
  });

  it('waits longer after each failure, and is prompt again after a success', async () => {
    const { reporter, state, problems, delivered } = bench({ delayMs: 1 });
    state.down = true;
    reporter.report(use(1));
    await until(() => problems.length === 1);
    for (let number = 2; number < 100; number += 1) reporter.report(use(number));
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(problems.length, 1, 'new reports do not shorten the wait');
    state.down = false;
    await until(() => delivered.length === 1);
    reporter.report(use(200));
    await until(() => delivered.length === 2);
    await reporter.close?.();
  });

  it('gives up only the one report that the receiver calls malformed', async () => {
    const delivered: string[] = [];
    const { reporter } = bench({
      fetch: async (_, init) => {
        const { uses } = JSON.parse(String(init.body)) as Sent;
        const bad = uses.some(({ tokenHash }) => tokenHash === 'hash 777');
        if (!bad) delivered.push(...uses.map(({ tokenHash }) => tokenHash));
        return new Response('', { status: bad ? 400 : 202 });
      },
    });
    for (let number = 500; number < 1_000; number += 1) reporter.report(use(number));
    await reporter.flush?.();
    await reporter.flush?.();
    assert.equal(new Set(delivered).size, 499);
    assert.equal(delivered.length, 499);
  });

  it('tells at least of the token when the receiver takes no more about it', async () => {
    const taken: Record<string, unknown>[] = [];
    const { reporter } = bench({
      fetch: async (_, init) => {
        const { uses } = JSON.parse(String(init.body)) as Sent;
        const odd = uses.some(({ subject }) => subject === 'odd');
        if (!odd) taken.push(...uses.map((some) => ({ ...some })));
        return new Response('', { status: odd ? 400 : 202 });
      },
    });
    reporter.report({ ...forged(1), subject: 'odd' });
    reporter.report(use(2));
    await reporter.flush?.();
    assert.deepEqual(
      taken.map(({ tokenHash, evidence, subject }) => [tokenHash, evidence, subject]),
      [
        ['hash 1', 'a.forged.token', undefined],
        ['hash 2', undefined, undefined],
      ],
    );
  });

  it('does not let one report that breaks the receiver hold up the others', async () => {
    const taken = new Set<string>();
    const { reporter } = bench({
      fetch: async (_, init) => {
        const { uses } = JSON.parse(String(init.body)) as Sent;
        const poison = uses.some(({ tokenHash }) => tokenHash === 'hash 3');
        if (!poison) for (const { tokenHash } of uses) taken.add(tokenHash);
        return new Response('', { status: poison ? 500 : 202 });
      },
    });
    for (let number = 0; number < 8; number += 1) reporter.report(use(number));
    for (let round = 0; round < 12; round += 1) await reporter.flush?.();
    assert.equal(taken.size, 7);
  });

  it('cuts what a forger made too long, so that the alarm still arrives', async () => {
    const { reporter, delivered } = bench();
    reporter.report({
      ...forged(1),
      subject: 'a'.repeat(1_024),
      clientId: '\u{1F600}'.repeat(500),
      userAgent: 'b'.repeat(50_000),
      audience: Array.from({ length: 64 }, () => 'c'.repeat(1_024)),
      ip: '',
    });
    reporter.report({ ...forged(2), evidence: 'd'.repeat(16_385) });
    await reporter.flush?.();
    const [long, huge] = delivered.flatMap(({ uses }) => uses);
    assert.equal(long?.subject?.length, 256);
    assert.equal(long?.clientId?.length, 256);
    assert.equal(long?.userAgent?.length, 1_024);
    assert.equal(long?.audience?.length, 16);
    assert.ok(long?.audience?.every((entry) => entry.length === 512));
    assert.equal(long?.ip, undefined);
    assert.equal(long?.evidence, 'a.forged.token');
    assert.equal(huge?.evidence, undefined);
    assert.equal(huge?.code, 'receipt_missing');
  });

  it('keeps everything when its credential is refused', async () => {
    const { reporter, state, delivered, problems } = bench();
    state.status = 401;
    reporter.report(use(1));
    await reporter.flush?.();
    assert.deepEqual(problems, ['status_401']);
    state.status = 202;
    await reporter.flush?.();
    assert.equal(delivered.length, 1);
  });

  it('sends what is left when closed, and takes nothing afterwards', async () => {
    const { reporter, delivered } = bench();
    reporter.report(use(1));
    await reporter.close?.();
    assert.equal(delivered.length, 1);
    reporter.report(use(2));
    await reporter.flush?.();
    assert.equal(delivered.length, 1);
  });

  it('does not send its credential in clear over a network', () => {
    const open = () => bench({ url: 'http://id.example/api/v1/uses' });
    assert.throws(open, { code: 'verifier_misconfigured' });
  });

  it('never names its credential in a problem', async () => {
    const messages: string[] = [];
    const { reporter, state } = bench({ onProblem: (code, text) => messages.push(code, text) });
    state.down = true;
    reporter.report(use(1));
    await reporter.flush?.();
    state.down = false;
    state.status = 500;
    await reporter.flush?.();
    assert.equal(messages.length, 4);
    assert.doesNotMatch(messages.join(' '), /secret/);
  });
});
