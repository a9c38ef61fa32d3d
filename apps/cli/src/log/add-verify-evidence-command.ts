// `countersign log verify-evidence`: checks offline that a log has signed two histories.

import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { encodeHex } from '@countersign/verifier';
import { type ProvenFork, verifyForkEvidence } from '@countersign/watchers';
import type { Command } from 'commander';
import type { Answer } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { printable } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';
import { readLogKey } from './name-log.ts';

interface EvidenceOptions {
  checkpointKey?: string;
}

const LONGEST_FILE_BYTES = 8 * 1024 * 1024;

const EXAMPLES = `
Examples:
  $ countersign log verify-evidence fork-0123456789abcdef-0123456789abcdef.txt --key VKEY
  $ countersign log verify-evidence evidence.txt --json

Nothing is asked of anybody. Exit code 0 means that the file proves it: the holder of the log's key has
signed two checkpoints that cannot both be true. Without --key the key in the file is believed: compare it.`;

export function addVerifyEvidenceCommand(
  log: Command,
  world: CliWorld,
  answering: Answering,
): void {
  const command = log
    .command('verify-evidence')
    .argument('<file>', 'what a monitor kept when it found a fork')
    .description('check offline that a log has signed two histories')
    .option('--key, --checkpoint-key <vkey>', 'the key that you know the log by')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, options: EvidenceOptions) =>
      answering(command, () => verifyEvidence(world, file, options)),
    );
}

async function verifyEvidence(
  world: CliWorld,
  file: string,
  { checkpointKey }: EvidenceOptions,
): Promise<Answer> {
  const key = checkpointKey === undefined ? undefined : readLogKey(checkpointKey, '--key');
  const fork = await verifyForkEvidence(readText(world, file), key);
  return {
    ok: true,
    json: {
      command: 'log verify-evidence',
      ok: true,
      log: fork.origin,
      keyGiven: key !== undefined,
      first: { size: fork.first.size, root: encodeHex(fork.first.root) },
      second: { size: fork.second.size, root: encodeHex(fork.second.root) },
    },
    lines: ({ paint }) => [
      `  ${paint.bad('forked')}  ${printable(fork.origin)} has signed two histories:`,
      ...drawTrees(fork),
      ...(key === undefined ? ['', '  By the key in the file: compare it with the log’s.'] : []),
    ],
  };
}

function drawTrees({ first, second }: ProvenFork): string[] {
  return [first, second].map(({ size, root }) => `    size ${size}  root ${encodeHex(root)}`);
}

function readText(world: CliWorld, file: string): string {
  const path = resolve(world.workingFolder, file);
  try {
    if (statSync(path).size <= LONGEST_FILE_BYTES) return readFileSync(path, 'utf8');
  } catch (error) {
    throw cliError('file_unreadable', `${path} cannot be read.`, error);
  }
  throw cliError('wrong_use', `${path} is over ${LONGEST_FILE_BYTES} bytes: that is no evidence.`);
}
