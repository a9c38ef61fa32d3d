// Section (d), minutes long and therefore run by name: a minute at full load and what memory does,
// and a log of ten million entries that is opened, killed, opened again and asked for proofs.

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Section } from '../report.ts';
import type { Opened, Sample, Sustained } from './log-child.ts';

const CHILD = join(import.meta.dirname, 'log-child.ts');
const MINUTE_SECONDS = 60;
const SETTLED_SECONDS = 10;
const LARGE = 10_000_000;
const CRASH_SECONDS = 3;
const PROOFS = 2000;

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

export async function longSection(): Promise<Section> {
  const root = mkdtempSync(join(tmpdir(), 'countersign-bench-long-'));
  try {
    const [minute, large] = ['minute', 'large'].map((name) => join(root, name)) as [string, string];
    for (const folder of [minute, large]) mkdirSync(folder);
    const sustained = await ask<Sustained>('sustain', minute, MINUTE_SECONDS);
    const { seconds } = await ask<{ seconds: number }>('build', large, LARGE);
    const clean = await ask<Opened>('open', large, PROOFS);
    await killUnderLoad(large);
    const crashed = await ask<Opened>('open', large, PROOFS);
    return section(sustained, seconds, clean, crashed);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** It dies by its own hand, as it was told to; any other end would make what follows no recovery. */
async function killUnderLoad(folder: string): Promise<void> {
  const end: unknown = await ask('crash', folder, CRASH_SECONDS).catch((error) => error);
  if (end instanceof Error && 'signal' in end && end.signal === 'SIGKILL') return;
  throw new Error('The log that was to be killed ended otherwise.', { cause: end });
}

async function ask<Answer>(task: string, folder: string, number: number): Promise<Answer> {
  const args = [CHILD, task, folder, String(number)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 24 });
  return JSON.parse(stdout) as Answer;
}

function section(
  sustained: Sustained,
  buildSeconds: number,
  clean: Opened,
  crashed: Opened,
): Section {
  const { samples } = sustained;
  const early = samples.find(({ second }) => second === SETTLED_SECONDS) as Sample;
  const late = samples.at(-1) as Sample;
  const most = Math.max(...samples.map(({ rssMb }) => rssMb));
  const proofMs = Math.max(clean.proofP99Ms, crashed.proofP99Ms);
  const growth = late.rssMb / early.rssMb;
  return {
    title: 'The log over time and size',
    method: `A minute of 256 writers in the notary, closed loop, integration, tiles and checkpoints running, in a process of its own. Then a log of ${whole(LARGE)} entries, written in ${whole(buildSeconds)} s, opened by fresh processes: after a quiet end, and after a kill under full load. Opening is timed from the call to the answer, keys (argon2id) and recovery included; a proof is made from files, ${whole(PROOFS)} random ones each.`,
    header: ['', 'measured'],
    rows: [
      ['entries in the minute', whole(samples.at(-1)?.entries ?? 0)],
      ['entries/s', whole(sustained.perSecond)],
      ['p50 / p99 ms', `${sustained.p50Ms.toFixed(2)} / ${sustained.p99Ms.toFixed(2)}`],
      ['told busy', whole(sustained.busy)],
      ['CPU µs for each entry, all threads', sustained.cpuMicroseconds.toFixed(1)],
      [
        `memory after ${early.second} s / ${late.second} s / most, MB`,
        [early.rssMb, late.rssMb, most].map(whole).join(' / '),
      ],
      ['unpublished entries, most', whole(Math.max(...samples.map((one) => one.unpublished)))],
      [`opening ${whole(clean.size)} entries, ms`, whole(clean.openMs)],
      [`opening ${whole(crashed.size)} entries after a kill, ms`, whole(crashed.openMs)],
      ['memory after opening, MB', `${whole(clean.rssMb)} / ${whole(crashed.rssMb)}`],
      [
        'inclusion proof from files, p50 / p99 ms',
        `${clean.proofP50Ms.toFixed(2)} / ${proofMs.toFixed(2)}`,
      ],
    ].map((cells) => ({ cells: cells as string[] })),
    goals: [
      {
        what: '256 writers for 60 s',
        goal: '≥ 100,000/s',
        measured: `${whole(sustained.perSecond)}/s`,
        met: sustained.perSecond >= 100_000,
      },
      {
        what: 'memory after 60 s against 10 s',
        goal: '≤ 1.25×',
        measured: `${growth.toFixed(2)}×`,
        met: growth <= 1.25,
      },
      ...[clean, crashed].map(({ openMs }, at) => ({
        what: `opening ten million entries${at === 0 ? '' : ' after a kill'}`,
        goal: '< 1 s',
        measured: `${(openMs / 1000).toFixed(2)} s`,
        met: openMs < 1000,
      })),
      {
        what: 'proving an inclusion in ten million, p99',
        goal: '< 5 ms',
        measured: `${proofMs.toFixed(2)} ms`,
        met: proofMs < 5,
      },
    ],
    limit:
      'Over a minute the tiles: two files for 256 entries, each written and flushed before the checkpoint that covers it, on the disk that appends also wait for. Opening costs what the WAL holds (at most some 270,000 entries, hashed again) and the keys, never what the log holds; a proof reads one tile a level, three for ten million.',
  };
}
