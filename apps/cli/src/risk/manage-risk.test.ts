// What the commands about risk and passkeys do with a server's answers: what they draw, send and end with.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { defaultPolicy, simulatePolicy } from '@countersign/risk';
import { runCli } from '../testing/run-cli.ts';
import { type CannedAnswer, serveAnswers } from '../testing/serve-answers.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-risk-'));
writeFileSync(join(folder, 'token'), 'reader-credential-of-this-test\n');
writeFileSync(join(folder, 'policy.json'), JSON.stringify(defaultPolicy));
after(() => rmSync(folder, { recursive: true }));

const json = (body: object): CannedAnswer => ({ body: JSON.stringify(body) });

async function asked(
  answers: Record<string, CannedAnswer>,
  args: readonly string[],
  confirm?: (question: string) => boolean,
) {
  const server = await serveAnswers(answers);
  try {
    const environment = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN_FILE: 'token' };
    const run = await runCli(args, {
      ...{ environment, workingFolder: folder },
      ...(confirm === undefined ? {} : { confirm }),
    });
    const sent = server.requests.map(({ method, url }, at) => [method, url, server.bodies[at]]);
    return { ...run, sent };
  } finally {
    server.close();
  }
}

describe('countersign risk feedback', () => {
  const effect = { believed: true, teaches: false, rollsBack: false, endsSessions: false };
  const about = { realm: 'acme/workforce', subject: 'p-1' };
  const feedback = (more: object, now: object) => ({
    '/api/v1/risk/feedback': json({ ...about, effect: { ...effect, ...more }, now }),
  });

  it('keeps three verbs apart, and says what the server says that it changed', async () => {
    const low = { score: 0, level: 'low' };
    const said: [string, string, object, object, RegExp][] = [
      [
        ...(['compromised', 'confirm_compromised'] as const),
        { standing: 'high', rollsBack: true, endsSessions: true },
        { score: 100, level: 'high' },
        /high, 100 of 100, until it is cleared.*sign-ins end.*taken back/s,
      ],
      ['safe', 'confirm_safe', { standing: 'clear', teaches: true }, low, /familiar of them/],
      ['dismiss', 'dismiss', { standing: 'clear' }, low, /flagged again/],
    ];
    for (const [verb, sends, more, now, says] of said) {
      const run = await asked(feedback(more, now), ['risk', 'feedback', 'ra-1', '--verb', verb]);
      assert.equal(run.exitCode, 0, run.err);
      assert.deepEqual(JSON.parse(run.sent[0]?.[2] ?? ''), { assessment: 'ra-1', verb: sends });
      assert.match(run.out, says);
    }
  });

  it('asks before sign-ins end, and ends with 1 when nothing followed', async () => {
    const args = ['risk', 'feedback', 'ra-1', '--verb', 'compromised'];
    const no = await asked(feedback({}, {}), args, () => false);
    assert.deepEqual([no.exitCode, no.sent], [2, []]);
    const unheard = feedback({ believed: false, why: 'not_theirs_to_say' }, {});
    const run = await asked(unheard, args);
    assert.equal(run.exitCode, 1);
    assert.match(run.out, /nothing followed: this credential is of a person/);
    const unknown = await asked({}, ['risk', 'feedback', 'x', '--verb', 'safe']);
    assert.match(unknown.err, /404.*countersign risk score/);
  });
});

describe('countersign risk people and person', () => {
  const why = { confirmed: true, timeMs: 0, sentence: 'Seen\u001b[2J abroad.' };
  const standing = { realm: 'acme/customer', subject: '-Ab3defgh', score: 100, level: 'high', why };

  it('lists who is at risk with the reason, and ends with 1 while somebody is at high', async () => {
    const answers = { '/api/v1/risk/standings': json({ standings: [standing] }) };
    const run = await asked(answers, ['risk', 'people']);
    assert.equal(run.exitCode, 1);
    assert.match(run.out, /acme\/customer\n.*high +100 +-Ab3defgh +Confirmed as an attack. Seen/s);
    assert.ok(!run.out.includes('\u001b'));
    assert.doesNotMatch(run.sent[0]?.[1] ?? '', /tenant=/);
    const none = { '/api/v1/risk/standings': json({ standings: [] }) };
    assert.equal((await asked(none, ['risk', 'people', '--tenant', 'acme'])).exitCode, 0);
    assert.equal((await asked(none, ['risk', 'people', '--limit', '501'])).exitCode, 2);
  });

  it('writes what is remembered to a file of its owner alone, once, and forgets after asking', async () => {
    const path = '/api/v1/risk/people/acme/customer/-Ab3defgh';
    const answers = { [path]: json({ ...standing, profile: { acts: 0, usual: {} }, acts: 3 }) };
    const words = ['risk', 'person', 'acme/customer', '-Ab3defgh'];
    const refused = await asked(answers, [...words, '--erase', '--export', 'no.json'], () => false);
    assert.deepEqual([refused.exitCode, refused.sent], [2, []]);
    assert.equal(existsSync(join(folder, 'no.json')), false);
    const run = await asked(answers, [...words, '--erase', '--export', 'ana.json', '--yes']);
    assert.deepEqual(
      run.sent.map(([method]) => method),
      ['GET', 'DELETE'],
    );
    assert.equal(statSync(join(folder, 'ana.json')).mode & 0o777, 0o600);
    assert.match(readFileSync(join(folder, 'ana.json'), 'utf8'), /"profile"/);
    const again = await asked(answers, [...words, '--erase', '--export', 'ana.json', '--yes']);
    assert.equal(again.exitCode, 2, 'the file is there already');
    assert.equal(again.sent.length, 1, 'and nothing was forgotten');
    assert.equal((await asked(answers, ['risk', 'person', 'acme', 'x'])).exitCode, 2);
  });
});

describe('countersign risk policy put', () => {
  const inForce = { tenant: 'acme', from: 'default', policy: defaultPolicy, dryRun: true };
  const answers = {
    '/api/v1/risk/policy': json(inForce),
    '/api/v1/risk/simulations': json({ simulation: simulatePolicy(defaultPolicy, []) }),
  };
  const put = ['risk', 'policy', 'put', 'policy.json'];

  it('shows what it would have done, and puts nothing in force without --yes', async () => {
    const dry = await asked(answers, put);
    assert.equal(dry.exitCode, 0, dry.err);
    assert.deepEqual(
      dry.sent.map(([method, url]) => `${method} ${url}`),
      ['PUT /api/v1/risk/policy?dryRun=true', 'POST /api/v1/risk/simulations'],
    );
    assert.match(dry.out, /Nothing was changed. With --yes/);
    const real = await asked(answers, [...put, '--yes']);
    assert.deepEqual(real.sent.at(-1)?.slice(0, 2), ['PUT', '/api/v1/risk/policy']);
    assert.match(real.out, /In force/);
  });

  it('ends with the words of a server that refuses, and with what is no simulation', async () => {
    const title = 'The risk policy is refused: none of gone can sign in.';
    const refusing = { ...answers, '/api/v1/risk/policy': { ...json({ title }), status: 400 } };
    const refused = await asked(refusing, [...put, '--yes']);
    assert.deepEqual([refused.exitCode, refused.sent.length], [1, 1]);
    assert.match(refused.err, /none of gone can sign in/);
    const nonsense = {
      ...answers,
      '/api/v1/risk/simulations': json({ simulation: { acts: 'x' } }),
    };
    const told = await asked(nonsense, [...put, '--yes']);
    assert.equal(told.exitCode, 1);
    assert.match(told.err, /no simulation \(people: missing\)/);
    assert.ok(told.sent.every(([, url]) => url !== '/api/v1/risk/policy'));
  });
});

describe('countersign passkeys remove', () => {
  const base = '/api/v1/people/acme/workforce/ada/passkeys';
  const passkeys = ['-Ab3defghijk', 'Zb3defghijk'].map((id) => ({ id, name: `Key ${id}` }));
  const person = { realm: 'acme/workforce', id: 'p-1', username: 'ada' };
  const answers = {
    [base]: json({ person, passkeys }),
    [`${base}/-Ab3defghijk`]: json({ person, removed: '-Ab3defghijk', left: 1 }),
  };

  it('removes the one that is named, and nothing that could be two or none', async () => {
    const words = ['passkeys', 'remove', 'acme/workforce', 'ada'];
    let question = '';
    const run = await asked(answers, [...words, '-Ab3defg'], (text) => {
      question = text;
      return true;
    });
    assert.equal(run.exitCode, 0, run.err);
    assert.match(question, /Key -Ab3defghijk/);
    assert.match(run.out, /who has 1 left/);
    for (const id of ['Zb3', 'nobodys-passkey']) {
      const wrong = await asked(answers, [...words, id]);
      assert.deepEqual([wrong.exitCode, wrong.sent.length], [2, 1]);
    }
  });
});
