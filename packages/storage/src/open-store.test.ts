import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { ManualClock } from '@countersign/vocabulary';
import { describeConformance } from './conformance/describe-conformance.ts';
import { type NotesTables, notesMigration } from './conformance/notes.ts';
import { openStore } from './index.ts';

const clock = new ManualClock();
const migrations = [notesMigration];
const folder = mkdtempSync(join(tmpdir(), 'countersign-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let opened = 0;

describeConformance('SQLite in a file', (limits) => {
  opened += 1;
  const path = join(folder, `${opened}.db`);
  return openStore<NotesTables>({ path, migrations, clock, limits });
});

describeConformance('SQLite in memory', (limits) =>
  openStore<NotesTables>({ memory: true, migrations, clock, limits }),
);
