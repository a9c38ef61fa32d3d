import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
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
    pulse: { current: async () => true },
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
