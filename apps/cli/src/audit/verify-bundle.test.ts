import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runCli } from '../testing/run-cli.ts';
import { serveAnswers } from '../testing/serve-answers.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const BUNDLE = readFileSync(join(FIXTURES, 'acme.evidence'), 'utf8');
const POLICY = join(FIXTURES, 'policy.txt');
const PIN = join(FIXTURES, 'acme-earlier.anchor');
const folder = mkdtempSync(join(tmpdir(), 'countersign-verify-'));
after(() => rmSync(folder, { recursive: true }));

const verify = (...args: string[]) =>
  runCli(['audit', 'verify', ...args], { workingFolder: FIXTURES });

/** The problems of a changed bundle, as `fault alteration level numbers`. */
async function problemsOf(text: string): Promise<[number, string, string[]]> {
  const file = join(folder, 'changed.evidence');
  writeFileSync(file, text);
  const run = await verify(file, '--policy', POLICY, '--json');
  const { verdict, problems } = run.json() as {
    verdict: string;
    problems: Record<string, unknown>[];
  };
  const named = problems.map(({ fault, alteration, level, first, last }) =>
    [fault, alteration, level, first, last].filter((part) => part !== undefined).join(' '),
  );
  return [run.exitCode, verdict, named];
}

describe('countersign audit verify', () => {
  it('finds a sound bundle sound, with its gap, and proven by the log of the policy', async () => {
    const run = await verify('acme.evidence', '--policy', POLICY, '--pin', PIN, '--json');
    assert.equal(run.exitCode, 0);
    const { anchor, gaps, ...rest } = run.json();
    assert.deepEqual(rest, {
      ...{ command: 'audit verify', ok: true, verdict: 'gap', proven: true, strict: false },
      ...{ instance: 'house-1', tenant: 'acme', count: 13, segments: 2, events: 12, erased: 1 },
      ...{ withheld: 0, deleted: 0, problems: [], problemsLeftOut: 0, gapsLeftOut: 0 },
      pins: [{ anchor: 1, count: 8, state: 'kept' }],
    });
    assert.equal((anchor as Record<string, unknown>)['signed'], true);
    assert.deepEqual(
      (gaps as Record<string, unknown>[]).map(({ number, reason }) => [number, reason]),
      [[9, 'throttled']],
    );
  });

  it('says in words what it found, and that nobody’s signature was believed', async () => {
    const run = await verify('acme.evidence');
    assert.equal(run.exitCode, 0);
    assert.match(run.out, /gap {2}acme {2}12 of 13 events, 2 segments, 1 erased/);
    assert.match(run.out, /of the installation house-1/);
    assert.match(run.out, /nobody’s signature was believed/);
    assert.match(run.out, /gap {2}number 9 {2}throttled/);
  });

  it('takes a gap for a failure when it is told to', async () => {
    assert.equal((await verify('acme.evidence', '--strict')).exitCode, 1);
  });

  it('refuses a sound bundle of another tenant or installation than was asked for', async () => {
    const policy = ['--policy', POLICY];
    const own = await verify(
      'acme.evidence',
      ...policy,
      '--tenant',
      'acme',
      '--instance',
      'house-1',
    );
    assert.equal(own.exitCode, 0);
    for (const other of [
      ['--tenant', 'zeta'],
      ['--instance', 'house-2'],
    ]) {
      const run = await verify('acme.evidence', ...policy, ...other, '--json');
      const [problem] = run.json()['problems'] as Record<string, unknown>[];
      assert.deepEqual(
        [run.exitCode, run.json()['proven'], problem?.['alteration']],
        [1, false, 'foreign'],
      );
    }
  });

  it('takes a pin that nobody can tell of for a failure when it is told to', async () => {
    const closed = BUNDLE.split('\n')
      .filter((line) => !/^(leaves 6|e 6|e 7|e 8|e 9|e 10) /.test(line))
      .join('\n')
      .replace('\nend 12\n', '\nend 7\n');
    const file = join(folder, 'closed.evidence');
    writeFileSync(file, closed);
    const pinned = [file, '--policy', POLICY, '--pin', PIN];
    const run = await verify(...pinned, '--json');
    assert.deepEqual(run.json()['pins'], [{ anchor: 1, count: 8, state: 'unproven' }]);
    assert.deepEqual([run.exitCode, run.json()['withheld']], [0, 5]);
    assert.equal((await verify(...pinned, '--strict')).exitCode, 1);
  });

  it('says what is missing when a segment is called deleted before its time', async () => {
    const gone = BUNDLE.split('\n')
      .filter((line) => !/^(leaves 6|e 6|e 7|e 8|e 9|e 10) /.test(line))
      .join('\n')
      .replace(/\nsegment ({"first":6,.*)/, (_, manifest: string) => {
        const { sealedMs, ...rest } = JSON.parse(manifest);
        const all = { ...rest, sealedMs, deletedMs: sealedMs + 1, profile: 'csrb' };
        const sorted = Object.entries(all).sort(([one], [two]) => (one < two ? -1 : 1));
        return `\ntombstone ${JSON.stringify(Object.fromEntries(sorted))}`;
      })
      .replace('\nend 12\n', '\nend 7\n');
    assert.deepEqual(await problemsOf(gone), [
      ...([1, 'missing'] as const),
      ['missing dropped manifest 6 10'],
    ]);
    assert.match((await verify(join(folder, 'changed.evidence'))).out, /5 said to be deleted/);
  });

  it('reads standard input', async () => {
    const run = await runCli(['audit', 'verify', '-', '--json'], { input: BUNDLE });
    assert.deepEqual([run.exitCode, run.json()['count']], [0, 13]);
  });

  it('tells invalid, missing and a truncated tail apart, and names what and where', async () => {
    const lines = BUNDLE.split('\n');
    const without = (start: string) => lines.filter((line) => !line.startsWith(start)).join('\n');
    const cut = lines.slice(
      0,
      lines.findIndex((line) => line.startsWith('e 12 ')),
    );
    assert.deepEqual(await problemsOf(BUNDLE.replace('192.0.2.7', '192.0.2.8')), [
      ...([1, 'invalid'] as const),
      ['invalid flipped event 7 7'],
    ]);
    assert.deepEqual(await problemsOf(without('e 7 ')), [
      ...([1, 'missing'] as const),
      ['missing dropped event 7 7'],
    ]);
    assert.deepEqual(await problemsOf(`${cut.join('\n')}\n`), [
      ...([1, 'truncated_tail'] as const),
      ['truncated_tail truncated bundle 12 13', 'truncated_tail truncated bundle'],
    ]);
  });

  it('finds another history than the one that was pinned', async () => {
    const pin = join(folder, 'other.anchor');
    const text = readFileSync(PIN, 'utf8');
    writeFileSync(
      pin,
      text.replace(/(?<="head":")./, (digit) => (digit === '0' ? '1' : '0')),
    );
    const run = await verify('acme.evidence', '--pin', pin, '--json');
    assert.equal(run.exitCode, 1);
    assert.equal((run.json()['pins'] as { state: string }[])[0]?.state, 'contradicted');
  });

  const wrong: [string, string[]][] = [
    ['no bundle', []],
    ['a bundle that is not there', ['none.evidence']],
    ['a folder for a bundle', ['.']],
    ['a policy that is none', ['acme.evidence', '--policy', 'acme.evidence']],
    ['a pin that is none', ['acme.evidence', '--pin', 'policy.txt']],
  ];
  for (const [name, args] of wrong) {
    it(`is used wrongly with ${name}`, async () => {
      assert.equal((await verify(...args)).exitCode, 2);
    });
  }
});

describe('countersign audit pin', () => {
  const anchor = readFileSync(PIN, 'utf8');
  const pin = async (body: string, ...args: string[]) => {
    const server = await serveAnswers({ '/api/v1/audit/anchor': { body } });
    const output = join(mkdtempSync(join(folder, 'pin-')), 'kept.anchor');
    writeFileSync(join(folder, 'token'), 'a-credential-that-is-long-enough\n');
    const access = ['--server', server.url, '--token-file', join(folder, 'token')];
    const run = await runCli(
      ['audit', 'pin', '--output', output, '--json', '--reason', 'a test', ...access, ...args],
      { workingFolder: FIXTURES },
    );
    server.close();
    return { run, output, requests: server.requests };
  };

  it('keeps what the server says when a log of the policy signed for it', async () => {
    const { run, output, requests } = await pin(anchor, '--policy', POLICY, '--tenant', 'acme');
    assert.equal(run.exitCode, 0);
    assert.equal(readFileSync(output, 'utf8'), anchor);
    assert.deepEqual([run.json()['count'], run.json()['signed']], [8, true]);
    assert.match(requests[0]?.url ?? '', /tenant=acme/);
    assert.equal(requests[0]?.headers['countersign-reason'], 'a%20test');
  });

  it('keeps nothing of another tenant than was asked for', async () => {
    const { run, output } = await pin(anchor, '--policy', POLICY, '--tenant', 'zeta');
    assert.equal(run.exitCode, 1);
    assert.match(run.out, /acme/);
    assert.equal(existsSync(output), false);
  });

  it('keeps nothing that does not hold, or is none', async () => {
    const wrong = [anchor.replace('"count":8', '"count":9'), '{}', '[]'];
    for (const body of wrong) {
      const { run, output } = await pin(body);
      assert.equal(run.exitCode, 1);
      assert.equal(existsSync(output), false);
    }
  });
});
