// What the commands about keys do with a server's answers: what they draw, send and end with.

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runCli } from '../testing/run-cli.ts';
import { type AnswerServer, type CannedAnswer, serveAnswers } from '../testing/serve-answers.ts';
import { parseUntil } from './add-pause-command.ts';

const NOW_MS = 1_800_000_000_000;
const DAY_MS = 86_400_000;
const ISSUER = 'http://localhost:4600/acme/customer';
const ROTATOR = { lastTickMs: NOW_MS - 1000, nextTickMs: NOW_MS + 1000, mine: true };

const keyOf = (kid: string, state: string, more: object = {}): object => ({
  ...{ kid, issuer: ISSUER, tenant: 'acme', population: 'customer', alg: 'ES256', state },
  ...{ custody: 'software', signer: '', sinceMs: { planned: NOW_MS, [state]: NOW_MS } },
  ...{ notBeforeSeconds: NOW_MS / 1000, notAfterSeconds: NOW_MS / 1000 + 90 * 86_400 },
  ...{ ageShare: 0.31, counts: { journalled: 1204, made: 1, sinceStart: 1 } },
  ...more,
});
const GOOD = [
  keyOf('active-key-0001', 'active', { nextChange: { to: 'retiring', atMs: NOW_MS + DAY_MS } }),
  keyOf('standby-key-001', 'published', { nextChange: { to: 'active', atMs: NOW_MS + DAY_MS } }),
  keyOf('retired-key-001', 'retired'),
];
const listOf = (keys: readonly object[], rotator: object = ROTATOR): CannedAnswer => ({
  body: JSON.stringify({ atMs: NOW_MS, keys, total: keys.length, next: null, rotator }),
});
const none = { list: [], more: 0 };
const EXPOSURE = {
  ...{ kid: 'active-key-0001', tokens: 1204, live: 37, liveRevoked: 2 },
  ...{ firstIssuedSeconds: NOW_MS / 1000, lastIssuedSeconds: NOW_MS / 1000 },
  ...{ lastExpirySeconds: NOW_MS / 1000 + 900, clients: none, resourceServers: none },
  tenants: { list: [{ name: 'acme', tokens: 1204, live: 37 }], more: 0 },
  audiences: { list: [{ name: 'https://api\u001b[2J', tokens: 1204, live: 37 }], more: 3 },
  subjects: { count: 500_000, atLeast: true },
  sessions: { count: 2, atLeast: false },
  liveSessions: { count: 1, atLeast: false },
  uses: { accepted: 900 },
};

const folder = mkdtempSync(join(tmpdir(), 'countersign-keys-'));
const tokenFile = join(folder, 'operator-token');
writeFileSync(tokenFile, 'operator-token-for-this-test\n');
after(() => rmSync(folder, { recursive: true }));

async function asked(
  answers: Record<string, CannedAnswer>,
  args: readonly string[],
  confirm?: (question: string) => boolean,
) {
  const server: AnswerServer = await serveAnswers(answers);
  try {
    const environment = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN_FILE: tokenFile };
    const run = await runCli(args, {
      environment,
      workingFolder: folder,
      ...(confirm === undefined ? {} : { confirm }),
    });
    const sent = server.requests.map(({ method, url }, at) => [method, url, server.bodies[at]]);
    return { ...run, sent };
  } finally {
    server.close();
  }
}

describe('countersign keys list', () => {
  it('draws each issuer with bars of age, and hides what has ended', async () => {
    const { exitCode, out } = await asked({ '/api/v1/keys': listOf(GOOD) }, ['keys', 'list']);
    assert.equal(exitCode, 0);
    assert.match(out, /acme\/customer/);
    assert.match(out, /active-key-0 +ES256 +active +███░{7} +31 % +1,204 +retiring in 1 d/);
    assert.match(out, /standby-key- +ES256 +standby/);
    assert.match(out, /1 key has ended: a trip-wire/);
    assert.ok(!out.includes('retired-key'));
    const { out: all } = await asked({ '/api/v1/keys': listOf(GOOD) }, ['keys', 'list', '--all']);
    assert.match(all, /retired-key- +ES256 +retired .* trip-wire for ever/);
  });

  const [active, standby, retired] = GOOD as [object, object, object];
  const troubles: [string, RegExp, object[], object?][] = [
    [
      'a key past its alarm age',
      /at 80 % of its longest age/,
      [{ ...active, ageShare: 0.8 }, standby],
    ],
    ['a key past its end', /past its end/, [{ ...active, ageShare: 1 }, standby]],
    [
      'a pause',
      /paused for 1 d \(freeze\)/,
      [{ ...active, paused: { untilMs: NOW_MS + DAY_MS, reason: 'freeze' } }, standby],
    ],
    ['no standby', /nothing to rotate to/, [active, retired]],
    ['no key that signs', /no ES256 key signs/, [standby]],
    ['nothing but revoked keys', /no ES256 key signs/, [{ ...active, state: 'revoked' }]],
    [
      'an active key that is past its end, and nothing after it',
      /no ES256 key signs/,
      [{ ...active, state: 'retired', ageShare: 1 }],
    ],
    [
      'a change that is late',
      /should have changed 1 d ago; it waits\s+for the ledger/,
      [
        {
          ...active,
          nextChange: { to: 'retiring', atMs: NOW_MS - DAY_MS, waitsFor: 'the ledger' },
        },
        standby,
      ],
    ],
    [
      'a signer that is away',
      /Signer second does not answer/,
      [active, standby, { ...standby, kid: 'other-key-00001', signer: 'second', away: true }],
    ],
    [
      'a rotator that is silent',
      /No rotator has taken a turn/,
      GOOD,
      { ...ROTATOR, nextTickMs: NOW_MS - DAY_MS },
    ],
    ['a rotator that fails', /failed: no signer/, GOOD, { ...ROTATOR, failed: 'no signer' }],
  ];
  for (const [name, words, keys, rotator] of troubles) {
    it(`ends with 1 for ${name}, and says so`, async () => {
      const answers = { '/api/v1/keys': listOf(keys, rotator) };
      const { exitCode, out } = await asked(answers, ['keys', 'list']);
      assert.equal(exitCode, 1);
      assert.match(out, words);
      const { exitCode: code, json } = await asked(answers, ['keys', 'list', '--json']);
      assert.equal(code, 1);
      assert.equal((json()['troubles'] as string[]).length, 1, JSON.stringify(json()['troubles']));
    });
  }

  it('is asked for a realm by its short name', async () => {
    const args = ['keys', 'list', '--issuer', 'acme/customer'];
    const { sent } = await asked({ '/api/v1/keys': listOf(GOOD) }, args);
    const [[, url] = []] = sent;
    assert.match(String(url), /issuer=http%3A%2F%2F127\.0\.0\.1%3A\d+%2Facme%2Fcustomer/);
    const { exitCode } = await asked({}, ['keys', 'list', '--issuer', 'nonsense']);
    assert.equal(exitCode, 2);
  });
});

describe('a key that is named by the beginning of its kid', () => {
  const exposure = (kid: string, keys: readonly object[]) =>
    asked(
      {
        '/api/v1/keys': listOf(keys),
        '/api/v1/keys/active-key-0001/exposure': {
          body: JSON.stringify({ key: GOOD[0], exposure: EXPOSURE }),
        },
      },
      ['keys', 'exposure', kid],
    );

  it('is that key when there is one, and its report is drawn', async () => {
    const { exitCode, out } = await exposure('active-k', [GOOD[0] ?? {}]);
    assert.equal(exitCode, 0);
    assert.match(out, /1,204 issued, 37 unexpired \(2 of them revoked\)/);
    assert.match(out, /subjects: at least 500,000; sign-ins: 2, with live tokens: 1/);
    assert.match(out, /900 times, refused 0 times/);
    assert.match(out, /and 3 more/);
    assert.match(out, /Not revoked: a thief of it could sign until 2027-04-15/);
    assert.ok(!out.includes('\u001b'), 'a name moved the cursor');
  });

  it('may begin with a hyphen', async () => {
    const kid = '-VHyphen-key-001';
    const answers = {
      '/api/v1/keys': listOf([keyOf(kid, 'active')]),
      [`/api/v1/keys/${kid}/exposure`]: {
        body: JSON.stringify({ key: keyOf(kid, 'active'), exposure: EXPOSURE }),
      },
    };
    for (const typed of [[kid, '--json'], [kid.slice(0, 8)], ['--json', kid], ['--', kid]]) {
      const { exitCode, sent } = await asked(answers, ['keys', 'exposure', ...typed]);
      assert.equal(exitCode, 0, typed.join(' '));
      assert.match(String(sent[0]?.[1]), /kid=-VHyphen/);
    }
    assert.equal((await asked(answers, ['keys', 'exposure', '--jsn'])).exitCode, 2);
  });

  it('is refused when it could be several, or none, or is too short', async () => {
    const two = [GOOD[0] ?? {}, keyOf('active-key-0002', 'active')];
    const several = await exposure('active-key', two);
    assert.equal(several.exitCode, 2);
    assert.match(several.err, /active-key-0001 of .*, active-key-0002 of /);
    assert.equal((await exposure('active-key-0001', two)).exitCode, 0);
    const nobody = await exposure('active-key', []);
    assert.equal(nobody.exitCode, 2);
    assert.match(nobody.err, /No key begins with "active-key"/);
    const short = await exposure('active-', two);
    assert.deepEqual([short.exitCode, short.sent.length], [2, 0]);
  });
});

describe('countersign keys revoke', () => {
  const answers = (more: Record<string, CannedAnswer> = {}): Record<string, CannedAnswer> => ({
    '/api/v1/keys': listOf([{ ...GOOD[0], issuer: '' }]),
    '/api/v1/keys/active-key-0001/revoke': { body: '{"key":{}}' },
    '/api/v1/keys/active-key-0001/exposure': {
      body: JSON.stringify({ key: keyOf('active-key-0001', 'revoked'), exposure: EXPOSURE }),
    },
    '/api/v1/feed': { body: '{"kid":"active-key-0001"}' },
    ...more,
  });

  /** The key's issuer must be the server that the test starts. */
  async function revoke(more: Record<string, CannedAnswer>, args: string[] = [], yes = true) {
    const all = answers(more);
    const server = await serveAnswers(all);
    const realm = `${server.url}/acme/customer`;
    all['/api/v1/keys'] = listOf([{ ...GOOD[0], issuer: realm }]);
    const questions: string[] = [];
    try {
      const environment = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN_FILE: tokenFile };
      const command = ['keys', 'revoke', 'active-key', '--reason', 'leaked', ...args];
      const run = await runCli(command, {
        environment,
        confirm: (question) => {
          questions.push(question);
          return yes;
        },
      });
      const posted = server.requests.findIndex(({ method }) => method === 'POST');
      return { ...run, questions, posted: posted < 0 ? undefined : server.bodies[posted] };
    } finally {
      server.close();
    }
  }

  it('asks, gives the order, says how fast the key disappeared and what it spoke for', async () => {
    const jwks = { '/acme/customer/jwks': { body: '{"keys":[{"kid":"standby-key-001"}]}' } };
    const run = await revoke(jwks);
    assert.equal(run.exitCode, 0, run.err);
    assert.match(run.questions[0] ?? '', /Revoke key active-key-0001 of .*customer \(active\)\?/);
    assert.deepEqual(JSON.parse(run.posted ?? ''), { reason: 'leaked' });
    assert.match(run.out, /\d\.\d\d s {2}the feed tells verifiers to drop it/);
    assert.match(run.out, /\d\.\d\d s {2}the key set shows it no longer/);
    assert.match(run.out, /1,204 issued/);
    const { json } = await revoke(jwks, ['--json', '--yes']);
    const { ok, seconds, unfinished } = json() as Record<string, Record<string, number>>;
    assert.deepEqual(
      [ok, unfinished, Object.keys(seconds ?? {})],
      [...[true, null, ['answered', 'keySet', 'feed']]],
    );
  });

  it('does nothing without a yes', async () => {
    const run = await revoke({}, [], false);
    assert.deepEqual([run.exitCode, run.posted], [2, undefined]);
    assert.match(run.err, /Nothing was done/);
  });

  it('ends with 1 when something is unfinished, and says what', async () => {
    const run = await revoke({
      '/acme/customer/jwks': { body: '{"keys":[]}' },
      '/api/v1/keys/active-key-0001/revoke': {
        status: 503,
        body: '{"title":"The log could not be told.","code":"key_change_unfinished"}',
      },
    });
    assert.equal(run.exitCode, 1);
    assert.match(run.out, /not finished/);
    assert.doesNotMatch(run.out, /all done/);
    assert.match(run.out, /! The log could not be told\./);
  });

  it('tells of the revocation also when there is no report, and ends at once when refused', async () => {
    const jwks = { '/acme/customer/jwks': { body: '{"keys":[]}' } };
    const busy = { status: 503, body: '{"title":"No room."}' };
    const run = await revoke({ ...jwks, '/api/v1/keys/active-key-0001/exposure': busy });
    assert.equal(run.exitCode, 0);
    assert.match(run.out, /the key set shows it no longer/);
    assert.match(run.out, /cannot be read now: countersign keys exposure active-key-0001/);
    const refused = { status: 403, body: '{"title":"Not you."}' };
    const answer = await revoke({ '/api/v1/keys/active-key-0001/revoke': refused });
    assert.equal(answer.exitCode, 1);
    assert.match(answer.err, /Not you/);
    // A server that says it has begun says so by its code: nothing else is half a revocation.
    const away = {
      status: 503,
      body: '{"title":"The signer is away.","code":"signer_unavailable"}',
    };
    const nothing = await revoke({ '/api/v1/keys/active-key-0001/revoke': away });
    assert.equal(nothing.exitCode, 1);
    assert.match(nothing.err, /may still sign: The signer is away\. Type it again\./);
    assert.equal(nothing.out, '');
  });

  it('needs a reason', async () => {
    const run = await runCli(['keys', 'revoke', 'active-key', '--json']);
    assert.equal(run.exitCode, 2);
    assert.match(JSON.stringify(run.json()), /--reason/);
  });
});

describe('countersign keys pause and operators', () => {
  const PAUSE = {
    ...{ id: 'pause-1', issuer: ISSUER, state: 'proposed', reason: 'freeze', untilMs: NOW_MS },
    ...{ proposedBy: 'alice', proposedMs: NOW_MS, approvedBy: null, fromMs: null },
    ...{ endedBy: null, endedMs: null },
  };

  it('proposes until a moment or for a span, and says what comes next', async () => {
    const answers = { '/api/v1/key-pauses': { status: 201, body: JSON.stringify(PAUSE) } };
    const args = ['keys', 'pause', ISSUER, '--until', '2026-12-31T12:00Z', '--reason', 'freeze'];
    const { exitCode, out, sent } = await asked(answers, args);
    assert.equal(exitCode, 0);
    assert.deepEqual(JSON.parse(String(sent[0]?.[2])), {
      issuer: ISSUER,
      reason: 'freeze',
      untilMs: Date.parse('2026-12-31T12:00Z'),
    });
    assert.match(out, /countersign keys pause approve pause-1/);
    assert.equal(parseUntil('36h', 1000), 1000 + 1.5 * DAY_MS);
    for (const wrong of ['tomorrow', '2026-12-31', '2026-12-31T12:00', '-2d', '1w', '', '2e9d'])
      assert.throws(() => parseUntil(wrong, 0), { code: 'wrong_use' }, wrong);
  });

  it('shows what is agreed to before it is, and nothing happens without a yes', async () => {
    const answers = {
      '/api/v1/key-pauses': { body: JSON.stringify({ pauses: [PAUSE] }) },
      '/api/v1/key-pauses/pause-1/approve': {
        body: JSON.stringify({ ...PAUSE, state: 'running', approvedBy: 'bob', fromMs: NOW_MS }),
      },
    };
    const approve = ['keys', 'pause', 'approve', 'pause-1'];
    const questions: string[] = [];
    const answer = (yes: boolean) => (question: string) => {
      questions.push(question);
      return yes;
    };
    const agreed = await asked(answers, approve, answer(true));
    assert.equal(agreed.exitCode, 0);
    assert.match(questions[0] ?? '', /until 2027-01-15.*"freeze", proposed by alice/);
    assert.match(agreed.out, /approved +bob/);
    const refused = await asked(answers, approve, answer(false));
    assert.equal(refused.exitCode, 2);
    assert.ok(!refused.sent.some(([method]) => method === 'POST'));
    // Nobody agrees to what was not put before them.
    const unseen = { ...answers, '/api/v1/key-pauses': { body: '{"pauses":[]}' } };
    const blind = await asked(unseen, approve, answer(false));
    assert.equal(blind.exitCode, 2);
    assert.match(questions.at(-1) ?? '', /pause-1 is not among the open ones/);
    assert.ok(!blind.sent.some(([method]) => method === 'POST'));
    const list = await asked(answers, ['keys', 'pause', 'list']);
    assert.match(list.out, /pause-1 +proposed .* alice, - /);
  });

  it('writes a credential to a new file of its owner, or makes none', async () => {
    const credential = `cso.${'a'.repeat(22)}.${'b'.repeat(43)}`;
    const made = { name: 'alice', madeBy: 'operator', createdMs: NOW_MS, revokedMs: null };
    const answers = {
      '/api/v1/operators': { status: 201, body: JSON.stringify({ ...made, credential }) },
    };
    const add = ['operators', 'add', 'alice', '--out', 'alice.credential', '--json'];
    const { exitCode, out, json } = await asked(answers, add);
    assert.equal(exitCode, 0);
    assert.ok(!out.includes(credential));
    const file = String(json()['file']);
    assert.equal(readFileSync(file, 'utf8'), `${credential}\n`);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const again = await asked(answers, add);
    assert.deepEqual([again.exitCode, again.sent.length], [2, 0]);
    const refused = await asked(
      { '/api/v1/operators': { status: 409, body: '{"title":"taken"}' } },
      ['operators', 'add', 'alice', '--out', 'other.credential'],
    );
    assert.equal(refused.exitCode, 1);
    assert.ok(!existsSync(join(folder, 'other.credential')));
    const shown = await asked(answers, ['operators', 'add', 'alice']);
    assert.ok(shown.out.includes(credential));
  });
});
