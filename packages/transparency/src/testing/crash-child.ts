// A log that is killed at one step of its protocol: writers append and checkpoints come out until
// the given passing of that step, where the process ends itself with SIGKILL. Whatever it told the
// world goes into a journal first, which the kernel keeps when the process dies.
//
//   node crash-child.ts FOLDER JOURNAL STEP PASSING SEED

import { openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { seededRandom, systemClock, systemRandom } from '@countersign/vocabulary';
import { openLog } from '../log/open-log.ts';
import type { ProtocolStep } from '../log/protocol-step.ts';
import type { TransparencyLog } from '../log/transparency-log.ts';
import type { JournalLine } from './crash-journal.ts';
import { testEntries } from './entries.ts';

const ROUNDS = 40;
const [folder = '', journalPath = '', step = '', passing = '', seed = ''] = process.argv.slice(2);
const journal = openSync(journalPath, 'a');
const random = seededRandom(Number(seed));
const pick = (below: number): number => Buffer.from(random.bytes(2)).readUInt16BE() % below;

function tell(line: JournalLine): void {
  writeSync(journal, `${JSON.stringify(line)}\n`);
}

let passed = 0;
function onStep(now: ProtocolStep): void {
  if (now === 'checkpoint.shown') {
    tell({ shown: readFileSync(join(folder, 'public/checkpoint'), 'utf8') });
  }
  if (now !== step) return;
  passed += 1;
  if (passed === Number(passing)) process.kill(process.pid, 'SIGKILL');
}

async function appendGroup(log: TransparencyLog, from: number, count: number): Promise<void> {
  const entries = testEntries(from, count, Date.now());
  const texts = entries.map((entry) => Buffer.from(entry).toString('base64'));
  tell({ sent: texts });
  await Promise.all(
    entries.map(async (entry, at) => {
      const receipt = await log.append(entry);
      tell({ entry: texts[at] as string, receipt: Buffer.from(receipt).toString('base64') });
    }),
  );
}

const log = await openLog({
  folder,
  origin: 'log.example/log',
  passphrase: Buffer.from('a passphrase for tests only'),
  clock: systemClock,
  random: systemRandom,
  onFatal: (error) => {
    throw error;
  },
  make: true,
  keyCost: { memoryKiB: 8, passes: 1 },
  integrateEveryMs: 1_000_000,
  segmentBytes: 4096,
  onStep,
});
let number = Number(seed) * 100_000;
for (let round = 0; round < ROUNDS; round += 1) {
  const publishing = pick(2) === 0 ? log.publishNow() : undefined;
  for (let writer = pick(3); writer >= 0; writer -= 1) {
    const count = 1 + pick(30);
    await appendGroup(log, number, count);
    number += count;
  }
  await publishing;
}
await log.close();
