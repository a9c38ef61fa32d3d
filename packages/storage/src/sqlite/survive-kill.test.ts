// The child writes pairs and says each that was acknowledged; it is killed; nothing said is missing.

import assert from 'node:assert/strict';
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import { isCodedError, systemClock } from '@countersign/vocabulary';
import { sql } from 'kysely';
import { addNote, type NotesTables, notesMigration, readTexts } from '../conformance/notes.ts';
import { openStore, type Store } from '../index.ts';

const WRITERS = 32;
type Child = ChildProcessByStdio<Writable, Readable, null>;

function open(path: string): Promise<Store<NotesTables>> {
  return openStore<NotesTables>({ path, migrations: [notesMigration], clock: systemClock });
}

/** Resolves when the line is in the pipe, where a kill cannot take it back. */
function say(line: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  process.stdout.write(`${line}\n`, (error) => (error ? reject(error) : resolve()));
  return promise;
}

async function writeUntilKilled(path: string): Promise<void> {
  const store = await open(path);
  const writeOn = async (writer: number): Promise<void> => {
    for (let count = 0; ; count += 1) {
      const text = `${process.pid}-${writer}-${count}`;
      const failed = await store
        .transaction(async (tx) => {
          await addNote(tx, `${text}-a`);
          await addNote(tx, `${text}-b`);
        })
        .then(
          () => undefined,
          (error: unknown) => error,
        );
      if (failed === undefined) {
        await say(text);
        continue;
      }
      await say(`! ${isCodedError(failed) ? failed.code : String(failed)}`);
      await new Promise((resume) => setTimeout(resume, 20));
    }
  };
  // A write beyond the file size limit then fails with EFBIG instead of ending the process.
  process.on('SIGXFSZ', () => {});
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => writeOn(writer)));
}

function startChild(path: string, largestFileKib = 0): { child: Child; said(): string[] } {
  const run = 'if [ "$1" -gt 0 ]; then ulimit -S -f "$1"; fi; shift; exec "$@"';
  const command = [process.execPath, import.meta.filename, 'child', path];
  const child = spawn('bash', ['-c', run, 'bash', String(largestFileKib), ...command], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  // The last line may have been cut by the kill: it counts only with its end.
  return { child, said: () => output.split('\n').slice(0, -1) };
}

async function waitFor(what: () => boolean, child: Child): Promise<void> {
  const deadlineMs = performance.now() + 60_000;
  while (!what()) {
    assert.equal(child.exitCode, null, 'the child ended by itself');
    assert.ok(performance.now() < deadlineMs, 'the child did not get there in 60 s');
    await new Promise((resume) => setTimeout(resume, 5));
  }
}

async function kill(child: Child): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}

async function checkKept(path: string, acknowledged: readonly string[]): Promise<void> {
  const store = await open(path);
  const texts = new Set(await readTexts(store));
  for (const text of acknowledged) assert.ok(texts.has(`${text}-a`), `${text} was lost`);
  for (const text of texts) {
    const other = text.endsWith('-a') ? text.replace(/a$/, 'b') : text.replace(/b$/, 'a');
    assert.ok(texts.has(other), `${text} is half a transaction`);
  }
  const { rows } = await sql`PRAGMA integrity_check`.execute(store.read);
  assert.deepEqual(rows, [{ integrity_check: 'ok' }]);
  await store.close();
}

function inFolder(body: (folder: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-test-'));
    try {
      await body(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

async function killRepeatedly(folder: string): Promise<void> {
  const path = join(folder, 'killed.db');
  const acknowledged: string[] = [];
  for (let round = 1; round <= 4; round += 1) {
    const { child, said } = startChild(path);
    await waitFor(() => said().length > 400 * round, child);
    await kill(child);
    acknowledged.push(...said());
    assert.ok(!acknowledged.some((line) => line.startsWith('!')));
    await checkKept(path, acknowledged);
  }
}

async function refuseAndRecover(folder: string): Promise<void> {
  const path = join(folder, 'refused.db');
  const { child, said } = startChild(path, 2048);
  const refused = (): number => said().filter((line) => line === '! storage_failed').length;
  await waitFor(() => refused() >= 2 * WRITERS, child);
  const before = said().filter((line) => !line.startsWith('!')).length;
  execFileSync('bash', ['-c', `prlimit --pid=${child.pid} --fsize=unlimited`]);
  await waitFor(() => said().filter((line) => !line.startsWith('!')).length > before + 200, child);
  await kill(child);
  const lines = said();
  assert.deepEqual(
    new Set(lines.filter((line) => line.startsWith('!'))),
    new Set(['! storage_failed']),
  );
  await checkKept(
    path,
    lines.filter((line) => !line.startsWith('!')),
  );
}

if (process.argv[2] === 'child') {
  await writeUntilKilled(String(process.argv[3]));
} else {
  test(
    'after SIGKILL every acknowledged row is there and no transaction is half',
    inFolder(killRepeatedly),
  );
  test(
    'when the disk refuses the COMMIT, its group is refused, and writing resumes by itself',
    inFolder(refuseAndRecover),
  );
}
