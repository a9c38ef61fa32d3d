import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCli } from '../../../testing/run-cli.ts';
import { serveAnswers } from '../../../testing/serve-answers.ts';

const taken = {
  recorded: 1,
  known: 0,
  unmapped: 0,
  future: 0,
  truncated: 0,
  sources: { okta: 1 },
  problems: [],
};

/** The command, with a way to end it and to wait for a line it prints. */
function watchFolder(workingFolder: string, server: string, ...more: string[]) {
  const stop = Promise.withResolvers<void>();
  const waiting: { text: string; resolve: () => void }[] = [];
  let out = '';
  const args = ['audit', 'import', '--watch', 'in', '--every', '0.1', '--server', server, '--json'];
  const run = runCli([...args, '--token-file', 'token', ...more], {
    workingFolder,
    stopped: stop.promise,
    onOut: (text) => {
      out += text;
      for (const one of waiting) if (out.includes(one.text)) one.resolve();
    },
  });
  const until = (text: string): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.push({ text, resolve });
    if (out.includes(text)) resolve();
    return promise;
  };
  const end = (): typeof run => {
    stop.resolve();
    return run;
  };
  return { until, end };
}

test('a folder is brought in as it fills, each file once, also over a restart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-import-'));
  const server = await serveAnswers({ '/api/v1/imports': { body: JSON.stringify(taken) } });
  try {
    mkdirSync(join(folder, 'in'));
    writeFileSync(join(folder, 'token'), 'cso.operator.0123456789abcdef0123456789abcdef', {
      mode: 0o600,
    });
    writeFileSync(
      join(folder, 'in', 'first.ndjson'),
      '{"uuid":"1","eventType":"user.session.start"}\n',
    );
    const watching = watchFolder(folder, server.url, '--tenant', 'acme');
    await watching.until('first.ndjson');
    writeFileSync(
      join(folder, 'in', 'second.ndjson'),
      '{"uuid":"2","eventType":"user.session.end"}\n',
    );
    await watching.until('second.ndjson');
    const ended = await watching.end();
    assert.equal(ended.exitCode, 0, ended.err);
    const last = JSON.parse(ended.out.trim().split('\n').at(-1) ?? '');
    assert.deepEqual([last.command, last.files, last.recorded], ['audit import', 2, 2]);
    assert.equal(server.requests.length, 2);
    assert.equal(JSON.parse(server.bodies[0] ?? '').tenant, 'acme');
    assert.match(readFileSync(join(folder, 'in.imported'), 'utf8'), /second\.ndjson/);

    writeFileSync(join(folder, 'in', 'third.ndjson'), '{"uuid":"3"}\nnot json\n');
    const again = watchFolder(folder, server.url);
    await again.until('third.ndjson');
    const told = await again.end();
    assert.equal(told.exitCode, 1, 'a line could not be read');
    assert.equal(server.requests.length, 3, 'the first two are known');
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
});

test('what cannot be watched is wrong use', async () => {
  for (const paths of [['-'], ['a', 'b'], ['a', '--dry-run'], ['a', '--every', '0']]) {
    const { exitCode } = await runCli(['audit', 'import', '--watch', ...paths]);
    assert.equal(exitCode, 2, paths.join(' '));
  }
});
