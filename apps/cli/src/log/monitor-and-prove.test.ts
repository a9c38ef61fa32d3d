// What the commands that watch a log say of an honest one and of a lying one, and with which code.

import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import {
  dayKey,
  encodeBase64url,
  encodeHex,
  encodeKeyEntry,
  encodeLeafEntry,
  formatTenantTagKey,
  hashIssuer,
  hashLeaf,
  parseVerifierKey,
  tenantTag,
  userTag,
  utf8,
  verifyTlogProof,
} from '@countersign/verifier';
import { runCli } from '../testing/run-cli.ts';
import { type ServedLog, serveLog } from '../testing/serve-log.ts';

const ISSUER = 'https://id.example/acme/workforce';
const DAY = Date.UTC(2026, 10, 21);
const TAG_KEY = new Uint8Array(32).fill(1);

function leaf(number: number, tagged: boolean): Uint8Array {
  const commitment = new Uint8Array(32).fill(number);
  const day = dayKey(TAG_KEY, DAY + number);
  const tags = { user: userTag(day, 'ada'), instance: tenantTag(day, 'one', commitment) };
  return encodeLeafEntry({
    type: 'access',
    issuedMs: DAY + number,
    expiresAtSeconds: 1_795_220_000,
    commitment,
    ...(tagged ? { tags } : {}),
  });
}

const keyEntry = encodeKeyEntry({
  event: 'published',
  atMs: DAY,
  notAfterSeconds: 1_800_000_000,
  issuerHash: hashIssuer(ISSUER),
  thumbprint: new Uint8Array(32).fill(9),
  kid: 'key-9',
});
const ENTRIES = [leaf(0, true), leaf(1, false), keyEntry, leaf(3, true), utf8('something else')];

const folder = mkdtempSync(join(tmpdir(), 'countersign-cli-'));
let log: ServedLog;
let state = 0;
beforeEach(async () => {
  log?.close();
  log = await serveLog(ENTRIES);
  state += 1;
});
after(() => {
  log.close();
  rmSync(folder, { recursive: true });
});

const at = () => ['--log', log.url, '--key', log.checkpointKey];
const run = (...args: string[]) => runCli(args, { workingFolder: folder });
const monitor = (...more: string[]) =>
  run('log', 'monitor', ...at(), '--state', `watch-${state}`, ...more);
const file = (name: string, lines: readonly object[]) => {
  writeFileSync(join(folder, name), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return name;
};

describe('countersign log monitor', () => {
  it('finds an honest log consistent, and reads only what is new', async () => {
    const first = (await monitor('--json')).json();
    assert.deepEqual(
      [first['command'], first['ok'], first['log'], first['size'], first['newEntries']],
      ['log monitor', true, log.origin, 5, 5],
    );
    assert.equal((first['keys'] as { kid: string }[])[0]?.kid, 'key-9');
    log.publish([...ENTRIES, leaf(6, false)]);
    const second = await monitor('--json');
    assert.equal(second.exitCode, 0);
    assert.deepEqual([second.json()['newEntries'], second.json()['readEntries']], [1, 6]);
    assert.match((await monitor()).out, /consistent.*6 entries/);
  });

  it('ends with 1 on a fork, now and later, and leaves evidence that verify-evidence proves', async () => {
    await monitor();
    log.publish([...ENTRIES.slice(0, 3), leaf(7, false), leaf(8, false), leaf(9, false)]);
    const forked = await monitor('--json');
    assert.equal(forked.exitCode, 1);
    const [alarm] = forked.json()['alarms'] as { code: string; facts: { evidence: string } }[];
    assert.equal(alarm?.code, 'log_forked');
    const evidence = join(`watch-${state}`, alarm?.facts.evidence ?? '');
    const proven = await run(
      'log',
      'verify-evidence',
      evidence,
      '--key',
      log.checkpointKey,
      '--json',
    );
    assert.equal(proven.exitCode, 0);
    assert.deepEqual(proven.json()['first'], {
      size: 5,
      root: (proven.json()['first'] as { root: string }).root,
    });
    assert.match((await run('log', 'verify-evidence', evidence)).out, /compare it with the log/);
    log.publish(ENTRIES);
    const later = await monitor();
    assert.equal(later.exitCode, 1);
    assert.match(later.out, /log_forked/);
  });

  it('ends with 1 on whatever cannot be, and says which', async () => {
    log.entries[1] = utf8('altered');
    const altered = await monitor('--json');
    assert.equal(altered.exitCode, 1);
    const codes = (altered.json()['alarms'] as { code: string }[]).map(({ code }) => code);
    assert.deepEqual(codes, ['entry_differs']);
    log.close();
    const gone = await monitor('--json');
    assert.equal(gone.exitCode, 1);
    assert.match(gone.out, /log_unreachable/);
  });

  it('holds a tenant’s leaves against its records, and keys against the known', async () => {
    const tag = { tenant: 'acme', keys: [TAG_KEY], instances: ['one'], logs: [log.origin] };
    writeFileSync(join(folder, 'acme.json'), formatTenantTagKey(tag));
    const record = (index: number) => ({
      index,
      leafHash: encodeHex(hashLeaf(ENTRIES[index] ?? new Uint8Array(0))),
    });
    const known = { issuer: ISSUER, thumbprint: encodeBase64url(new Uint8Array(32).fill(9)) };
    const args = ['--tag-key-file', 'acme.json'];
    const good = await monitor(
      ...args,
      ...['--records', file('all.ndjson', [record(0), record(3)])],
      ...['--known-keys', file('keys.ndjson', [known])],
    );
    assert.equal(good.exitCode, 0, good.out);
    state += 1;
    // The owner is just adding a line.
    const growing = file('growing.ndjson', [record(0), record(3)]);
    appendFileSync(join(folder, growing), JSON.stringify(record(1)).slice(0, 20));
    assert.equal((await monitor(...args, '--records', growing)).exitCode, 0);
    state += 1;
    const other = { ...known, thumbprint: encodeBase64url(new Uint8Array(32)) };
    const bad = await monitor(
      ...args,
      ...['--records', file('wrong.ndjson', [{ ...record(0), index: 3 }])],
      ...['--known-keys', file('others.ndjson', [other])],
    );
    assert.equal(bad.exitCode, 1);
    assert.match(bad.out, /key_unknown/);
    assert.match(bad.out, /record_differs/);
  });

  it('goes round and round until it is told to stop, one line of JSON a round', async () => {
    let stop = (): void => {};
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    let rounds = 0;
    const args = ['log', 'monitor', ...at(), '--state', `watch-${state}`, '--every', '0.01'];
    const { exitCode, out } = await runCli([...args, '--json'], {
      workingFolder: folder,
      stopped,
      onOut: () => {
        rounds += 1;
        if (rounds === 2) log.publish([...ENTRIES, leaf(6, false)]);
        if (rounds === 4) stop();
      },
    });
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.equal(exitCode, 0);
    assert.deepEqual(lines.at(-1), {
      command: 'log monitor',
      ok: true,
      stopped: true,
      rounds: lines.length - 1,
      alarmed: 0,
    });
    assert.deepEqual([lines[0]?.['size'], lines.at(-2)?.['size']], [5, 6]);
  });

  it('ends with 2 when it is asked wrongly', async () => {
    await monitor();
    const stranger = await serveLog([]);
    stranger.close();
    const wrong = [
      ['--every', '0'],
      ['--every', 'often'],
      ['--once', '--every', '1'],
      ['--max-age', '-1'],
      ['--witnesses', 'none.txt'],
      ['--records', 'none.ndjson'],
      ['--records', file('odd.ndjson', [{ index: 1 }])],
      ['--known-keys', file('odd-keys.ndjson', [{ issuer: ISSUER, thumbprint: 'x' }])],
      ['--tag-key-file', 'acme.json'],
      ['--key', 'no key'],
      ['--key', stranger.checkpointKey],
      ['--log', 'http://log.example/log', '--server', 'http://localhost'],
    ];
    for (const args of wrong) {
      const { exitCode } = await monitor(...args);
      assert.equal(exitCode, 2, args.join(' '));
    }
    const unknown = await run(
      'log',
      'monitor',
      '--log',
      log.url,
      '--state',
      join(folder, 'unknown'),
    );
    assert.equal(unknown.exitCode, 2, 'nobody says by which key the log is known');
  });
});

describe('countersign log prove', () => {
  it('prints a proof that anybody can check, and the entry that it is about', async () => {
    const { exitCode, out } = await run('log', 'prove', '3', ...at());
    assert.equal(exitCode, 0);
    const logKey = parseVerifierKey(log.checkpointKey);
    const request = { origin: log.origin, logKey };
    const entry = ENTRIES[3] ?? assert.fail();
    assert.equal((await verifyTlogProof(out, entry, request)).index, 3);
    await assert.rejects(verifyTlogProof(out, leaf(1, false), request));
    const files = ['--out', `p-${state}`, '--entry-out', `e-${state}`];
    const json = (await run('log', 'prove', '3', ...at(), ...files, '--json')).json();
    assert.equal(json['proof'], out);
    assert.equal(json['leafHash'], encodeHex(hashLeaf(entry)));
    assert.equal(readFileSync(join(folder, `p-${state}`), 'utf8'), out);
    assert.deepEqual(Uint8Array.from(readFileSync(join(folder, `e-${state}`))), entry);
    assert.equal((await run('log', 'prove', '3', ...at(), ...files)).exitCode, 2);
  });

  it('ends with 1 when the log cannot prove it, with 2 for an index that is none', async () => {
    log.entries[3] = utf8('altered');
    const { exitCode, err } = await run('log', 'prove', '3', ...at());
    assert.equal(exitCode, 1);
    assert.match(err, /cannot prove its entry 3/);
    for (const index of ['5', '-1', 'x', '1.5', '99999999999999999']) {
      assert.equal((await run('log', 'prove', ...at(), '--', index)).exitCode, 2, index);
    }
  });
});

describe('countersign log verify-evidence', () => {
  it('ends with 1 for what proves nothing, with 2 for what cannot be read', async () => {
    writeFileSync(join(folder, 'no-evidence.txt'), 'trust me\n');
    const { exitCode, out } = await run('log', 'verify-evidence', 'no-evidence.txt', '--json');
    assert.equal(exitCode, 1);
    assert.match(out, /evidence_malformed/);
    assert.equal((await run('log', 'verify-evidence', 'none.txt')).exitCode, 2);
    assert.equal(
      (await run('log', 'verify-evidence', 'no-evidence.txt', '--key', 'x')).exitCode,
      2,
    );
  });
});
