import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { servePublic } from './serve-public.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-public-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('a file that cannot be read is answered with 500, and the operator is told why', async () => {
  symlinkSync('checkpoint', join(folder, 'checkpoint'));
  const lines: string[] = [];
  const door = await servePublic({
    ...{ host: '127.0.0.1', port: 0, folder, prefix: '/log', identity: undefined },
    pulse: { current: async () => true, lacksNothing: () => false },
    say: (line) => lines.push(line),
  });
  try {
    const answer = await fetch(`http://127.0.0.1:${door.port}/log/checkpoint`);
    assert.deepEqual([answer.status, await answer.text()], [500, '']);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /GET \/log\/checkpoint .*ELOOP/);
  } finally {
    await door.close();
  }
});

test('while the log is away its checkpoint is shown if it lacks nothing, and is 503 otherwise', async () => {
  const path = join(folder, 'checkpoint');
  rmSync(path, { force: true });
  const whole = 'holds all that was promised';
  const door = await servePublic({
    ...{ host: '127.0.0.1', port: 0, folder, prefix: '', identity: undefined },
    pulse: { current: async () => false, lacksNothing: (note) => `${note}` === whole },
    say: (line) => assert.fail(line),
  });
  const get = async (): Promise<[number, string | null, string]> => {
    const answer = await fetch(`http://127.0.0.1:${door.port}/checkpoint`);
    return [answer.status, answer.headers.get('cache-control'), await answer.text()];
  };
  try {
    assert.deepEqual(await get(), [503, 'no-store', '']);
    writeFileSync(path, 'lacks a leaf');
    assert.deepEqual(await get(), [503, 'no-store', '']);
    writeFileSync(path, whole);
    assert.deepEqual(await get(), [200, 'public, max-age=1', whole]);
  } finally {
    await door.close();
  }
});
