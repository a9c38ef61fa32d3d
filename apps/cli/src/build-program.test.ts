import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runCli } from './testing/run-cli.ts';

const COMMANDS = [
  ['verify'],
  ['policy'],
  ['policy', 'fetch'],
  ['scenario'],
  ['scenario', 'list'],
  ['scenario', 'run'],
  ['findings'],
  ['events'],
  ['health'],
];

describe('the command line', () => {
  for (const command of COMMANDS) {
    it(`explains ${command.join(' ')} with --help and calls that good`, async () => {
      const { exitCode, out } = await runCli([...command, '--help']);
      assert.equal(exitCode, 0);
      assert.match(out, new RegExp(`Usage: countersign ${command.join(' ')}`));
      assert.match(out, /--json/);
    });
  }

  it('gives examples and the exit codes in its own help', async () => {
    const { exitCode, out } = await runCli(['--help']);
    assert.equal(exitCode, 0);
    assert.match(out, /Examples:/);
    assert.match(out, /0 good, 1 the thing checked is bad, 2 wrong use/);
  });

  it('prints its version', async () => {
    const { exitCode, out } = await runCli(['--version']);
    assert.equal(exitCode, 0);
    assert.match(out, /^\d+\.\d+\.\d+\n$/);
  });

  const wrong: [string, string[]][] = [
    ['nothing at all', []],
    ['an unknown command', ['frobnicate']],
    ['an unknown option', ['health', '--frob']],
    ['a missing argument', ['scenario', 'run']],
    ['an unknown scenario', ['scenario', 'run', 'no-such']],
    ['a missing required option', ['policy', 'fetch']],
    ['a URL that is none', ['health', '--server', 'localhost']],
    ['a limit out of bounds', ['events', '--limit', '0']],
    ['a limit that is no number', ['events', '--limit', 'ten']],
    [
      'a type that does not exist',
      ['verify', 'x', '--issuer', 'http://localhost', '--type', 'saml'],
    ],
    ['a verification without issuer and policy', ['verify', 'x']],
    ['a policy file that is not there', ['verify', 'x', '--policy', 'none.json']],
    ['an empty token', ['verify', ' ', '--issuer', 'http://localhost']],
    [
      'a policy over plain http from elsewhere',
      ['policy', 'fetch', '--issuer', 'http://example.com/a'],
    ],
    ['an operator token that is not there', ['findings']],
  ];
  for (const [name, args] of wrong) {
    it(`ends with 2 for ${name}`, async () => {
      const { exitCode, out, err } = await runCli(args);
      assert.equal(exitCode, 2);
      assert.equal(out, '');
      assert.notEqual(err, '');
    });
  }

  it('takes an id that begins with a hyphen for an id, also as the value of an option', async () => {
    const ids = ['-Ab3defgh', '--b3defghi'];
    for (const id of ids) {
      const run = await runCli(['scenario', 'run', id]);
      assert.equal(run.exitCode, 2);
      assert.ok(run.err.includes(id) && !run.err.includes('unknown option'), run.err);
      const valued = await runCli(['findings', '--token-file', id]);
      assert.ok(valued.err.includes(`/nowhere/${id}`), valued.err);
      const tooMany = await runCli(['health', id]);
      assert.ok(tooMany.err.includes(id) && !tooMany.err.includes('\0'), tooMany.err);
    }
  });

  it('says how to type what looks like an option and may be an id', async () => {
    const { err } = await runCli(['scenario', 'run', '-abcdefgh']);
    assert.match(err, /unknown option '-abcdefgh'\nAn id .* after --/);
    const run = await runCli(['scenario', 'run', '-abcdefgh', '--json']);
    assert.match(JSON.stringify(run.json()['error']), /after --/);
    assert.doesNotMatch((await runCli(['health', '--serve'])).err, /after --/);
  });

  it('says what is wrong as one JSON object when asked to', async () => {
    const run = await runCli(['findings', '--json']);
    assert.equal(run.exitCode, 2);
    const { command, ok, error } = run.json();
    assert.equal(command, 'findings');
    assert.equal(ok, false);
    assert.equal((error as { code: string }).code, 'credential_missing');
    assert.equal(run.err, '');
  });

  it('says as JSON too what the parser refuses, and nothing beside it', async () => {
    for (const args of [['--json'], ['frobnicate', '--json'], ['policy', 'fetch', '--json']]) {
      const run = await runCli(args);
      assert.equal(run.exitCode, 2);
      assert.equal(run.err, '');
      assert.equal((run.json()['error'] as { code: string }).code, 'wrong_use', args.join(' '));
    }
  });

  it('takes --json before the command as well as after it', async () => {
    const { exitCode, json } = await runCli(['--json', 'scenario', 'list']);
    assert.equal(exitCode, 0);
    assert.equal(json()['command'], 'scenario list');
  });
});
