// CloudTrail digests, signed by a key of the test and tampered with in every way: what was done is named.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  type DigestFolder,
  type DigestReport,
  readPublicKeys,
  verifyDigests,
} from '@countersign/sources';
import { type SignedTrail, signTrail, writeTrail } from './sign-trail.ts';

function folderOf({ files }: SignedTrail): DigestFolder {
  return {
    paths: [...files.keys()].sort(),
    async *open(path) {
      yield files.get(path)!;
    },
    signatureOf: async (path) => {
      const kept = files.get(`${path}.metadata.json`);
      return kept === undefined ? undefined : JSON.parse(kept.toString()).Metadata.signature;
    },
  };
}

const verified = (trail: SignedTrail, bounds = {}): Promise<DigestReport> =>
  verifyDigests(folderOf(trail), { keys: readPublicKeys(trail.publicPem), ...bounds });

/** `invalid log file`, `missing digest`, … without doubles. */
const told = ({ findings }: DigestReport): string[] => [
  ...new Set(findings.map(({ code, what }) => `${code} ${what}`)),
];

function rewrite(trail: SignedTrail, path: string, change: (text: string) => string): void {
  const text = gunzipSync(trail.files.get(path)!).toString('utf8');
  trail.files.set(path, gzipSync(change(text)));
}

describe('digests of CloudTrail', () => {
  it('of an untouched trail are all valid, by PEM and by the list that AWS answers', async () => {
    const trail = signTrail({ hours: 6, newestSignatureOnly: true });
    for (const keys of [trail.publicPem, trail.keyList]) {
      const report = await verifyDigests(folderOf(trail), { keys: readPublicKeys(keys) });
      assert.deepEqual([report.ok, report.findings, report.unlisted], [true, [], []]);
      const [chain] = report.chains;
      assert.equal(chain?.validDigests, 6);
      assert.equal(chain?.validLogFiles, 12);
      assert.equal(chain?.goesFurtherBack, false);
    }
  });

  it('are verified the same after recompression: the content is what is hashed', async () => {
    const trail = signTrail({ hours: 2 });
    for (const path of [...trail.digests, ...trail.logs]) rewrite(trail, path, (text) => text);
    assert.equal((await verified(trail)).ok, true);
  });

  const tampering: [string, string[], (trail: SignedTrail) => void][] = [
    [
      'a log file was changed',
      ['invalid log file'],
      (trail) => rewrite(trail, trail.logs[3]!, (text) => text.replace('part1', 'partX')),
    ],
    [
      'a log file was taken away',
      ['missing log file'],
      (trail) => trail.files.delete(trail.logs[3]!),
    ],
    [
      'a log file was cut short',
      ['invalid log file'],
      (trail) => trail.files.set(trail.logs[3]!, trail.files.get(trail.logs[3]!)!.subarray(0, 40)),
    ],
    [
      'two log files were exchanged',
      ['invalid log file'],
      ({ files, logs }) => {
        const [one, other] = [files.get(logs[0]!)!, files.get(logs[1]!)!];
        files.set(logs[0]!, other).set(logs[1]!, one);
      },
    ],
    [
      'a digest was changed',
      ['invalid digest'],
      (trail) => rewrite(trail, trail.digests[2]!, (text) => text.replace('SHA-256', 'sha-256')),
    ],
    [
      'a file was struck from a digest',
      ['invalid digest'],
      (trail) =>
        rewrite(trail, trail.digests[2]!, (text) =>
          JSON.stringify({ ...JSON.parse(text), logFiles: [] }),
        ),
    ],
    [
      'the newest digest was changed',
      ['invalid digest'],
      (trail) =>
        rewrite(trail, trail.digests.at(-1)!, (text) => text.replace('SHA-256', 'sha-256')),
    ],
    [
      'a digest was taken away',
      ['missing digest'],
      (trail) => trail.files.delete(trail.digests[2]!),
    ],
    [
      'a digest is rubbish',
      ['invalid digest', 'missing digest'],
      (trail) => trail.files.set(trail.digests[2]!, Buffer.from('rubbish')),
    ],
    [
      'a digest was moved',
      ['invalid digest'],
      ({ files, digests }) => {
        files.set(digests[2]!.replace('/01/', '/02/'), files.get(digests[2]!)!);
        files.delete(digests[2]!);
      },
    ],
    [
      'the newest signature was not kept',
      ['missing signature'],
      (trail) => trail.files.delete(`${trail.digests.at(-1)!}.metadata.json`),
    ],
    [
      'the newest signature is another’s',
      ['invalid digest'],
      (trail) =>
        trail.files.set(
          `${trail.digests.at(-1)!}.metadata.json`,
          Buffer.from(JSON.stringify({ Metadata: { signature: 'ab'.repeat(256) } })),
        ),
    ],
  ];
  for (const [what, expected, tamper] of tampering) {
    it(`tell that ${what}, and nothing else`, async () => {
      const trail = signTrail({ hours: 5 });
      tamper(trail);
      const report = await verified(trail);
      assert.equal(report.ok, false);
      assert.deepEqual(told(report), expected, JSON.stringify(report.findings, null, 1));
    });
  }

  it('still vouch for every file that was not touched', async () => {
    const trail = signTrail({ hours: 8 });
    trail.files.delete(trail.digests[3]!);
    rewrite(trail, trail.logs[0]!, (text) => `${text} `);
    const report = await verified(trail);
    const [chain] = report.chains;
    // The two files of the missing hour are promised by nobody.
    assert.deepEqual([chain?.validDigests, chain?.logFiles, chain?.validLogFiles], [7, 14, 13]);
    assert.deepEqual(told(report), ['missing digest', 'invalid log file']);
    assert.equal(report.unlisted.length, 2);
  });

  it('tell a time without digests apart from one that is missing', async () => {
    const report = await verified(signTrail({ hours: 6, begins: [3] }));
    assert.deepEqual(told(report), ['gap period']);
    const unproven = signTrail({ hours: 6, begins: [3], newestSignatureOnly: true });
    assert.deepEqual(told(await verified(unproven)), ['gap period', 'missing signature']);
  });

  it('that are not linked were slipped in', async () => {
    const trail = signTrail({ hours: 4 });
    const fork = signTrail({ hours: 4, begins: [2] });
    const name = trail.digests[2]!.replace('030000Z', '023000Z');
    trail.files.set(name, fork.files.get(fork.digests[2]!)!);
    const report = await verified(trail);
    assert.ok(report.findings.every(({ code, what }) => code === 'invalid' && what === 'digest'));
    assert.equal(report.ok, false);
  });

  it('for late files are a chain of their own', async () => {
    const report = await verified(signTrail({ hours: 3, backfill: true }));
    assert.deepEqual([report.ok, report.findings], [true, []]);
    assert.deepEqual(
      report.chains.map(({ backfill, validLogFiles }) => [backfill, validLogFiles]),
      [
        [false, 6],
        [true, 1],
      ],
    );
  });

  it('that are cut off at an end are missing where the time is named', async () => {
    const trail = signTrail({ hours: 6 });
    const bounds = { fromMs: Date.UTC(2026, 10, 1), untilMs: Date.UTC(2026, 10, 1, 6) };
    assert.equal((await verified(trail, bounds)).ok, true);
    trail.files.delete(trail.digests[0]!);
    const cut = await verified(trail, bounds);
    assert.deepEqual(told(cut), ['missing period']);
    assert.equal(cut.chains[0]?.goesFurtherBack, true);
    assert.deepEqual(told(await verified(trail)), [], 'without a time nobody can know');
  });

  it('of another key are invalid, and keys too short to trust are none', async () => {
    const trail = signTrail({ hours: 2 });
    const list = trail.keyList.replace('31e8', '31e9');
    const report = await verifyDigests(folderOf(trail), { keys: readPublicKeys(list) });
    assert.deepEqual(told(report), ['invalid digest']);
    assert.deepEqual(
      readPublicKeys('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----'),
      [],
    );
    assert.deepEqual(readPublicKeys('{"PublicKeyList":[{"Value":"AAAA"}]}'), []);
  });

  it('are checked by one command, offline', async () => {
    const trail = signTrail({ hours: 3 });
    const folder = mkdtempSync(join(tmpdir(), 'countersign-digest-'));
    try {
      writeTrail(join(folder, 'bucket'), trail);
      writeFileSync(join(folder, 'key.pem'), trail.publicPem);
      const good = await run(folder, 'bucket');
      assert.equal(good.code, 0, good.out);
      assert.deepEqual(JSON.parse(good.out).counts, { invalid: 0, missing: 0, gap: 0 });
      writeFileSync(join(folder, 'bucket', trail.logs[0]!), gzipSync('{"Records":[]}'));
      const bad = await run(folder, 'bucket');
      assert.equal(bad.code, 1);
      assert.equal(JSON.parse(bad.out).findings[0].file, trail.logs[0]);
      assert.equal((await run(folder, '.', '--until', 'yesterday')).code, 2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

const main = join(import.meta.dirname, '../../apps/cli/src/main.ts');

function run(
  cwd: string,
  folder: string,
  ...more: string[]
): Promise<{ code: number; out: string }> {
  const args = [main, 'audit', 'cloudtrail-digest', folder, '--key', 'key.pem', '--json', ...more];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd }, (error, out) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out }),
    );
  });
}
