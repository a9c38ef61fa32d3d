// `countersign log fsck`: recomputes a log of one's own from its entries and says the first
// difference. Whoever only reads a log from outside uses `log monitor`.

import { join } from 'node:path';
import type { Command } from 'commander';
import type { Answer, Page } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { printable } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';
import { type FsckFinding, type FsckResult, runFsck } from './run-fsck.ts';

interface FsckOptions {
  folder?: string;
  data?: string;
}

const EXAMPLES = `
Examples:
  $ countersign log fsck
  $ countersign log fsck --data /var/lib/countersign
  $ countersign log fsck --folder ./backup/notary --json | jq .difference

Hashes every entry again and compares every tile, bundle, root, signature and record of the WAL. Needs
no passphrase, writes nothing, and may run while the log does. Exit code 1 means a difference.`;

export function addFsckCommand(log: Command, world: CliWorld, answering: Answering): void {
  const command = log
    .command('fsck')
    .description('recompute a log of your own from its entries and say the first difference')
    .option('--folder <folder>', 'the folder of the log')
    .option('--data <folder>', "the server's data folder (default: $COUNTERSIGN_DATA)")
    .addHelpText('after', EXAMPLES)
    .action(async (options: FsckOptions) =>
      answering(command, () => fsck(world, folderOf(world, options))),
    );
}

function folderOf(world: CliWorld, { folder, data }: FsckOptions): string {
  if (folder !== undefined && data !== undefined)
    throw cliError('wrong_use', 'Give either --folder or --data.');
  const { COUNTERSIGN_DATA: usual = '.countersign' } = world.environment;
  return folder ?? join(data ?? usual, 'notary');
}

async function fsck(world: CliWorld, folder: string): Promise<Answer> {
  world.progress.say('reading the log');
  const result = await runFsck(folder, world);
  const { seconds, report } = result;
  const { sound, difference, ...facts } = report;
  return {
    ok: sound,
    json: {
      command: 'log fsck',
      ok: sound,
      folder,
      ...facts,
      seconds,
      difference: difference ?? null,
    },
    lines: (page) => drawReport(result, page),
  };
}

function drawReport({ seconds, report }: FsckResult, { paint }: Page): string[] {
  const { sound, origin, entries, walEntries, tiles, difference, remarks } = report;
  const verdict = sound ? paint.good('sound') : paint.bad('differs');
  return [
    `  ${verdict}  ${printable(origin) || 'a log that does not say which'}`,
    `  ${entries} entries, ${tiles} tiles and bundles, ${walEntries} entries in the WAL, ${seconds.toFixed(1)} s`,
    ...(difference === undefined ? [] : drawFinding('first difference', difference)),
    ...remarks.flatMap((remark) => drawFinding('remark', remark)),
  ];
}

function drawFinding(title: string, finding: FsckFinding): string[] {
  const { what, path, index, offset, expected, found, message } = finding;
  const facts: [string, string | number | undefined][] = [
    ['file', path],
    ['index', index],
    ['offset', offset],
    ['expected', expected],
    ['found', found],
  ];
  return [
    '',
    `  ${title}: ${printable(message)} (${printable(what)})`,
    ...facts
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `    ${name.padEnd(9)} ${printable(String(value))}`),
  ];
}
