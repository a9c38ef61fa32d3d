// What a tenant sees of its tokens, and that it sees nothing when the log cannot be proven.

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  createNoteKey,
  dayKey,
  decodeBase64url,
  encodeKeyEntry,
  encodeLeafEntry,
  formatTenantTagKey,
  formatVerifierKey,
  tenantTag,
  userTag,
  utf8,
} from '@countersign/verifier';
import { runCli } from '../testing/run-cli.ts';
import { type ServedLog, serveLog } from '../testing/serve-log.ts';

const DAY = Date.UTC(2026, 10, 21);
const [ours, theirs] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];

function leaf(number: number, key?: Uint8Array, subject = 'ada', issuedMs = DAY + number) {
  const commitment = new Uint8Array(32).fill(number);
  const day = dayKey(key ?? ours, issuedMs);
  const tags = { user: userTag(day, subject), instance: tenantTag(day, 'one', commitment) };
  return encodeLeafEntry({
    type: 'access',
    issuedMs,
    expiresAtSeconds: 1_795_220_000 + number,
    commitment,
    ...(key === undefined ? {} : { tags }),
  });
}

function ed25519Key(): Uint8Array {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  return decodeBase64url(x) ?? assert.fail();
}

const keyEvent = encodeKeyEntry({
  event: 'published',
  atMs: DAY,
  notAfterSeconds: 1_800_000_000,
  issuerHash: new Uint8Array(32),
  thumbprint: new Uint8Array(32),
  kid: 'key-1',
});

const ENTRIES = [
  leaf(0, ours),
  leaf(1, theirs),
  keyEvent,
  leaf(3, ours, 'bob'),
  leaf(4),
  utf8('of a later version'),
  leaf(6, ours, 'ada', DAY - 1),
  leaf(7, ours),
];

describe('countersign log tokens', () => {
  let folder: string;
  let log: ServedLog;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-cli-'));
    log = await serveLog(ENTRIES);
    const key = { tenant: 'acme', keys: [ours], instances: ['one'], logs: [log.origin] };
    writeFileSync(join(folder, 'acme.json'), formatTenantTagKey(key));
    const other = { ...key, logs: ['other.example/log'] };
    writeFileSync(join(folder, 'other.json'), formatTenantTagKey(other));
    writeFileSync(join(folder, 'witnesses'), `log ${log.checkpointKey}\nquorum none\n`);
    const witness = formatVerifierKey(createNoteKey('w.example', 'cosignature', ed25519Key()));
    writeFileSync(join(folder, 'absent'), `witness w1 ${witness}\nquorum w1\n`);
    writeFileSync(join(folder, 'broken'), `witness w1 ${witness}x\nquorum w1\n`);
  });
  after(() => {
    log.close();
    rmSync(folder, { recursive: true });
  });

  function run(...args: string[]) {
    const file = args.includes('--tag-key-file') ? [] : ['--tag-key-file', 'acme.json'];
    const key = args.includes('--checkpoint-key') ? [] : ['--checkpoint-key', log.checkpointKey];
    return runCli(['log', 'tokens', '--log', log.url, ...key, ...file, ...args], {
      workingFolder: folder,
    });
  }

  it('lists the tenant’s tokens and counts everything else', async () => {
    const answer = await run('--json');
    assert.equal(answer.exitCode, 0, answer.out);
    const { tokens, root, url, ...rest } = answer.json();
    assert.deepEqual(rest, {
      command: 'log tokens',
      ok: true,
      log: 'log.example/log',
      pinned: true,
      size: 8,
      witnessedMs: null,
      tenant: 'acme',
      from: 0,
      found: 4,
      passedOver: 0,
      others: 1,
      untagged: 1,
      keyEvents: 1,
      anchors: 0,
      unknown: 1,
      listed: 4,
      file: null,
    });
    assert.match(String(root), /^[0-9a-f]{64}$/);
    assert.equal(url, log.url);
    const [first] = tokens as Record<string, unknown>[];
    const tag = Buffer.from(userTag(dayKey(ours, DAY), 'ada')).toString('hex');
    assert.deepEqual(first, {
      index: 0,
      issuedMs: DAY,
      type: 'access',
      expiresAtSeconds: 1_795_220_000,
      instance: 'one',
      userTag: tag,
    });
  });

  const indexesOf = async (...args: string[]) => {
    const { tokens } = (await run('--json', ...args)).json();
    return (tokens as { index: number }[]).map(({ index }) => index);
  };

  it('lists those of a day, of a person, from an entry on, and the newest of many', async () => {
    assert.deepEqual(await indexesOf(), [0, 3, 6, 7]);
    assert.deepEqual(await indexesOf('--day', '2026-11-21'), [0, 3, 7]);
    assert.deepEqual(await indexesOf('--day', '2026-11-20'), [6]);
    assert.deepEqual(await indexesOf('--user', 'bob'), [3]);
    assert.deepEqual(await indexesOf('--user', 'ada', '--day', '2026-11-21'), [0, 7]);
    assert.deepEqual(await indexesOf('--from', '4'), [6, 7]);
    assert.deepEqual(await indexesOf('--from', '8'), []);
    assert.deepEqual(await indexesOf('--limit', '3'), [3, 6, 7]);
    assert.deepEqual(await indexesOf('--limit', '0'), []);
  });

  it('says in words what was found and what is proven', async () => {
    const { out } = await run('--limit', '2');
    assert.match(out, /7 {2}2026-11-21 00:00:00Z {2}access/);
    assert.match(out, /2 older ones are not shown/);
    assert.match(out, /complete {2}all 8 entries make the root that log\.example\/log signed/);
    const later = (await run('--from', '4')).out;
    assert.match(later, /the 4 entries from 4 on, and the tiles before them, make the root/);
    assert.match(out, /No witness was asked/);
    assert.match((await run('--user', 'bob')).out, /match/);
    assert.match((await run('--user', 'nobody')).out, /No such tokens of acme/);
  });

  it('writes all of them to a file that is there only when the log is proven', async () => {
    const out = join(folder, 'tokens.jsonl');
    const answer = await run('--json', '--limit', '1', '--out', 'tokens.jsonl');
    const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { index: number }).index),
      [0, 3, 6, 7],
    );
    assert.equal(answer.json()['file'], out);
    assert.equal((await run('--json', '--out', 'tokens.jsonl')).exitCode, 2);
    rmSync(out);
    log.entries = log.entries.with(1, leaf(1, ours));
    assert.equal((await run('--json', '--out', 'tokens.jsonl')).exitCode, 1);
    log.entries = [...ENTRIES];
    assert.ok(!existsSync(out));
    assert.ok(readdirSync(folder).every((name) => !name.includes('unproven')));
  });

  it('lists nothing and ends with 1 when an entry was changed, exchanged or left out', async () => {
    const tricks = [
      ENTRIES.with(1, leaf(1, ours)),
      ENTRIES.toReversed(),
      [...ENTRIES.slice(0, 7), ENTRIES[6] ?? keyEvent],
    ];
    for (const entries of tricks) {
      log.entries = entries;
      const answer = await run('--json');
      assert.equal(answer.exitCode, 1);
      assert.equal((answer.json()['error'] as { code: string }).code, 'log_unproven');
      assert.equal(answer.json()['tokens'], undefined);
    }
    log.entries = ENTRIES.slice(1);
    const answer = await run('--json');
    assert.equal(answer.exitCode, 1);
    assert.equal((answer.json()['error'] as { code: string }).code, 'log_answer_malformed');
    log.entries = [...ENTRIES];
  });

  it('believes no checkpoint of another key', async () => {
    const stranger = await serveLog(ENTRIES);
    const answer = await run('--json', '--checkpoint-key', stranger.checkpointKey);
    stranger.close();
    assert.equal(answer.exitCode, 1);
    assert.equal((answer.json()['error'] as { code: string }).code, 'log_unproven');
  });

  it('takes a policy of witnesses, and demands its quorum', async () => {
    assert.equal((await run('--json', '--witnesses', 'witnesses')).exitCode, 0);
    const absent = await run('--json', '--witnesses', 'absent');
    assert.equal(absent.exitCode, 1);
    assert.match(JSON.stringify(absent.json()), /log_unproven.*Too few witnesses/);
    assert.equal((await run('--json', '--witnesses', 'broken')).exitCode, 2);
    assert.equal((await run('--json', '--witnesses', 'nowhere')).exitCode, 2);
  });

  const wrong: [string, string[], RegExp][] = [
    ['a key of another log', ['--tag-key-file', 'other.json'], /not for log\.example/],
    ['no tag key', ['--tag-key-file', 'nowhere.json'], /cannot be read/],
    ['a tag key that is none', ['--tag-key-file', 'broken'], /not JSON/],
    ['a checkpoint key that is none', ['--checkpoint-key', 'x'], /NAME\+ID\+KEY/],
    ['both a server and a log', ['--server', 'http://localhost:1'], /either --server or --log/],
    ['a day that is none', ['--day', '2026-02-30'], /YYYY-MM-DD/],
    ['a day with a time', ['--day', '2026-11-21T10'], /YYYY-MM-DD/],
    ['an index that is none', ['--from', '-1'], /--from/],
    ['an index beyond the log', ['--from', '9'], /8 entries/],
    ['a limit that is none', ['--limit', '1e3'], /--limit/],
    ['a file that cannot be', ['--out', 'nowhere/tokens'], /cannot be written/],
    ['plain http elsewhere', ['--log', 'http://192.0.2.1/log'], /http/],
  ];
  for (const [what, args, message] of wrong) {
    it(`is wrong use with ${what}`, async () => {
      const answer = await run('--json', ...args);
      assert.equal(answer.exitCode, 2, answer.out);
      assert.match((answer.json()['error'] as { message: string }).message, message);
    });
  }
});
