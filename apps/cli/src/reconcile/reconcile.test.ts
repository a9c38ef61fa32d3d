// `countersign reconcile` and `countersign audit exposure` on the committed breach: mailboxes read with
// tokens that no sign-in log knows.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { ExposureReport, ReconciliationReport } from '@countersign/matching';
import { runCli } from '../testing/run-cli.ts';

const FIXTURES = join(import.meta.dirname, '../../../../packages/sources/fixtures/storm-0558');
const ISSUED = join(FIXTURES, 'issued.json');
const USED = join(FIXTURES, 'used.ndjson');
const REVOKED = join(FIXTURES, 'revoked.json');
const ALL = ['--issued', ISSUED, '--used', USED, '--revoked', REVOKED];

type Told = ReconciliationReport & {
  read: Record<string, { records: number; problems: object[] }>;
};

async function reconcile(...args: string[]): Promise<{ exitCode: number; told: Told }> {
  const run = await runCli(['reconcile', ...args, '--json']);
  return { exitCode: run.exitCode, told: run.json() as unknown as Told };
}

describe('countersign reconcile', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-cli-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  test('finds the mailboxes that were read with tokens nobody issued, and ends with 1', async () => {
    const { exitCode, told } = await reconcile(...ALL);
    assert.equal(exitCode, 1);
    assert.equal(told.ok, false);
    const forged = told.findings.filter((each) => each.class === 'never_issued');
    assert.deepEqual(
      forged.map(({ persons }) => persons.find((name) => name.startsWith('upn:'))).sort(),
      ['upn:i.marsh@harbour.example', 'upn:t.okafor@harbour.example'],
    );
    assert.ok(
      forged.every(
        ({ confidence, items, issued }) => confidence === 'high' && items > 20 && issued === null,
      ),
    );
    const classes = told.findings.map((each) => each.class);
    assert.deepEqual([...new Set(classes)].sort(), ['after_revocation', 'never_issued']);
  });

  test('counts every use: joined, unissued, or why not', async () => {
    const { told } = await reconcile(...ALL);
    const { used, operations } = told;
    assert.equal(used.uses, 16);
    assert.deepEqual([used.token, used.unissued, used.undecided, used.unjoinable], [7, 7, 1, 1]);
    assert.deepEqual(used.why, { after_log: 1, no_linkable_id: 1 });
    assert.deepEqual(
      operations.map(({ operation, uses }) => [operation, uses]),
      [
        ['MailItemsAccessed', 15],
        ['FileDownloaded', 1],
      ],
    );
    assert.equal(told.read['used']?.records, 16);
  });

  test('says the same of folders, gz and exports that come twice', async () => {
    const used = join(folder, 'used');
    mkdirSync(used);
    writeFileSync(join(used, 'a.ndjson.gz'), gzipSync(readFileSync(USED)));
    writeFileSync(join(used, 'b.json'), readFileSync(USED));
    const { told } = await reconcile(
      '--issued',
      ISSUED,
      ISSUED,
      '--used',
      used,
      '--revoked',
      REVOKED,
    );
    const once = (await reconcile(...ALL)).told;
    const ids = (of: Told) => of.findings.map(({ class: name, id, count }) => [name, id, count]);
    assert.deepEqual(ids(told), ids(once));
    assert.deepEqual([told.used.uses, told.used.duplicates], [16, 16]);
  });

  test('finds nothing, and ends with 0, where every use was issued', async () => {
    const honest = readFileSync(USED, 'utf8').split('\n').slice(0, 5).join('\n');
    const file = join(folder, 'honest.ndjson');
    writeFileSync(file, honest);
    const { exitCode, told } = await reconcile('--issued', ISSUED, '--used', file);
    assert.deepEqual(told.findings, []);
    assert.equal(exitCode, 0);
    assert.ok(told.used.token > 0);
  });

  test('accuses nobody with half of the issuer’s log, and names the other half', async () => {
    const { value } = JSON.parse(readFileSync(ISSUED, 'utf8')) as {
      value: { isInteractive: boolean }[];
    };
    const file = join(folder, 'interactive.json');
    const some = value.map((each) => ({
      ...each,
      isInteractive: true,
      signInEventTypes: ['interactiveUser'],
    }));
    writeFileSync(file, JSON.stringify(some));
    const half = await reconcile('--issued', file, '--used', USED);
    assert.ok(half.told.findings.every((each) => each.class !== 'never_issued'));
    assert.deepEqual(half.told.issued.missingStreams, ['non_interactive']);
    const whole = await reconcile('--issued', file, '--used', USED, '--complete');
    assert.ok(whole.told.findings.some((each) => each.class === 'never_issued'));
  });

  test('reports what cannot be read with file and line, and judges the rest', async () => {
    const file = join(folder, 'broken.ndjson');
    const lines = readFileSync(USED, 'utf8').trim().split('\n');
    writeFileSync(file, [lines[0], '{"CreationTime": "2023-06', ...lines.slice(1)].join('\n'));
    const { told } = await reconcile('--issued', ISSUED, '--used', file, '--revoked', REVOKED);
    assert.equal(told.used.uses, 16);
    const problems = (told.read['used']?.problems ?? []) as { file: string; line: number }[];
    const [problem] = problems;
    assert.deepEqual([problem?.file, problem?.line], [file, 2]);
  });

  test('says in words what was found, how it was joined and what cannot be known', async () => {
    const { out } = await runCli(['reconcile', ...ALL]);
    assert.match(out, /✗ NEVER ISSUED {2}i\.marsh@harbour\.example {2}high confidence/);
    assert.match(out, /7 by token · 7 never issued · 1 undecided · 1 not joinable/);
    assert.match(out, /MailItemsAccessed +15 +7/);
    assert.match(out, /1 {2}are later than the issuer’s log is complete/);
    assert.match(out, /3 findings, 2 of high confidence/);
  });

  const wrong: [string, string[], RegExp][] = [
    ['nothing issued', ['--used', USED], /--issued/],
    ['nothing used', ['--issued', ISSUED], /--used/],
    ['a file that is not there', ['--issued', '/nowhere', '--used', USED], /not there/],
    ['standard input twice', ['--issued', '-', '--used', '-'], /once/],
    ['a span that is none', [...ALL, '--lateness', 'soon'], /--lateness/],
    ['a source that is none', [...ALL, '--source', 'fax'], /microsoft-365/],
  ];
  for (const [what, args, message] of wrong)
    test(`is wrong use with ${what}`, async () => {
      const run = await runCli(['reconcile', ...args, '--json']);
      assert.equal(run.exitCode, 2);
      assert.match((run.json()['error'] as { message: string }).message, message);
    });
});

describe('countersign audit exposure, from files', () => {
  const expose = async (...args: string[]) => {
    const run = await runCli(['audit', 'exposure', ...args, '--json']);
    assert.equal(run.exitCode, 0, run.out);
    return run.json() as unknown as ExposureReport & { command: string; offline: boolean };
  };

  test('lists what a forged token read, whose it was, and that nobody issued it', async () => {
    const told = await expose('--token', 'N7CbvWS0Za751W6am-nu7Q', USED, ISSUED);
    assert.deepEqual([told.command, told.offline], ['audit exposure', true]);
    assert.deepEqual(told.touched.byKind, { mail: 20, file: 1 });
    assert.deepEqual(
      [told.touched.people, told.touched.tenants, told.touched.atLeast],
      [1, 1, true],
    );
    const [page] = told.people;
    assert.equal(page?.person, 'upn:i.marsh@harbour.example');
    assert.equal(page?.wholeFolders[0]?.name, '\\Inbox');
    assert.equal(page?.items.list.length, 21);
    assert.deepEqual(
      told.matching.findings.map((each) => each.class),
      ['never_issued'],
    );
    assert.ok(told.blindSpots.some(({ kind }) => kind === 'whole_folder'));
  });

  test('finds the thief’s other victims by the address, also where a record names no token', async () => {
    const told = await expose('--ip', '203.0.113.66', USED, ISSUED);
    assert.deepEqual(told.people.map(({ person }) => person).sort(), [
      'upn:i.marsh@harbour.example',
      'upn:p.nwosu@harbour.example',
      'upn:t.okafor@harbour.example',
    ]);
  });

  test('says in words how much, whose and what cannot be told', async () => {
    const { out } = await runCli([
      'audit',
      'exposure',
      '--app',
      'B4D1A8F0-5C3E-4F6B-8A90-2E7D61C0F3AB',
      USED,
    ]);
    assert.match(out, /at least \d+ items and 1 whole folder of 3 people in 1 tenant/);
    assert.match(out, /\\Inbox: all of it/);
    assert.match(out, /What these records cannot tell/);
  });

  test('says that there is nothing, and over what', async () => {
    const { out } = await runCli(['audit', 'exposure', '--token', 'none', USED]);
    assert.match(out, /Nothing in these records is of it\. 16 records/);
  });

  const wrong: [string, string[], RegExp][] = [
    ['no question', [USED], /exactly one/],
    ['two questions', ['--token', 'a', '--ip', 'b', USED], /exactly one/],
    ['standard input', ['--token', 'a', '-'], /read twice/],
    ['a count that is none', ['--token', 'a', '--listed', 'all', USED], /--listed/],
  ];
  for (const [what, args, message] of wrong)
    test(`is wrong use with ${what}`, async () => {
      const run = await runCli(['audit', 'exposure', ...args, '--json']);
      assert.equal(run.exitCode, 2);
      assert.match((run.json()['error'] as { message: string }).message, message);
    });
});
