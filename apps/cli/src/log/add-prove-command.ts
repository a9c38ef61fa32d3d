// `countersign log prove`: that an entry is in the log, as a text that needs no connection to check
// (C2SP tlog-proof).

import {
  encodeBase64url,
  encodeHex,
  FormatError,
  formatTlogProof,
  hashLeaf,
  TILE_WIDTH,
  verifyTlogProof,
} from '@countersign/verifier';
import { readInclusionProof } from '@countersign/watchers';
import type { Command } from 'commander';
import type { Answer } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { printable } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';
import { addLogOptions, type LogOptions, unpinnedRemark } from './name-log.ts';
import { type KnownLog, readCheckpoint } from './read-checkpoint.ts';
import { writeNewFile } from './write-new-file.ts';

interface ProveOptions extends LogOptions {
  out?: string;
  entryOut?: string;
}

const EXAMPLES = `
Examples:
  $ countersign log prove 4711 > 4711.tlog-proof
  $ countersign log prove 4711 --log https://log.example/log --key VKEY --witnesses policy.txt \\
      --out 4711.tlog-proof --entry-out 4711.entry --json

The proof is checked before it is shown: exit code 1 means that the log cannot prove the entry. Whoever
checks it needs the entry too (--entry-out, or "entry" in the JSON) and the key of the log.`;

export function addProveCommand(log: Command, world: CliWorld, answering: Answering): void {
  const command = addLogOptions(log.command('prove'))
    .argument('<index>', 'place of the entry in the log, from 0')
    .description('prove that the log holds an entry, for somebody offline')
    .option('--witnesses <file>', 'a tlog-policy whose quorum must have cosigned the checkpoint')
    .option('--out <file>', 'write the proof to a new file')
    .option('--entry-out <file>', 'write the entry itself to a new file')
    .addHelpText('after', EXAMPLES)
    .action(async (index: string, options: ProveOptions) =>
      answering(command, () => prove(world, index, options)),
    );
}

async function prove(world: CliWorld, text: string, options: ProveOptions): Promise<Answer> {
  const index = Number(text);
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(index))
    throw cliError('wrong_use', `"${text}" is no index: give a whole number from 0.`);
  const log = await readCheckpoint(world, options);
  if (index >= log.size)
    throw cliError(
      'wrong_use',
      `The log has ${log.size} entries, counted from 0: there is no ${index}.`,
    );
  world.progress.say(`reading the proof of entry ${index}`);
  const { proof, entry } = await readProof(log, index);
  const files = [
    writeNewFile(world, '--out', options.out, proof),
    writeNewFile(world, '--entry-out', options.entryOut, entry),
  ];
  return {
    ok: true,
    json: {
      command: 'log prove',
      ok: true,
      log: log.origin,
      pinned: log.pinned,
      index,
      size: log.size,
      root: encodeHex(log.root),
      witnessedMs: log.witnessedMs ?? null,
      leafHash: encodeHex(hashLeaf(entry)),
      entry: encodeBase64url(entry),
      proof,
      file: files[0] ?? null,
      entryFile: files[1] ?? null,
    },
    lines: ({ paint }) => {
      // Beside the proof, which is for a file or a pipe.
      if (!log.pinned) world.err(`${printable(unpinnedRemark(log.key))}\n`);
      if (files[0] === undefined) return [proof.trimEnd()];
      return [
        `  ${paint.good('proven')}  entry ${index} of ${printable(log.origin)}, in its tree of ${log.size}`,
        ...files.flatMap((file) => (file === undefined ? [] : [`  ${printable(file)}`])),
      ];
    },
  };
}

/** The text, after it was checked as whoever receives it will. */
async function readProof(
  { origin, key, reader, note, size, policy }: KnownLog,
  index: number,
): Promise<{ proof: string; entry: Uint8Array }> {
  const bundle = Math.floor(index / TILE_WIDTH);
  const width = Math.min(TILE_WIDTH, size - bundle * TILE_WIDTH);
  const entries = await reader.entries(bundle, width);
  const entry = entries[index % TILE_WIDTH] as Uint8Array;
  const hashes = await readInclusionProof(reader, index, size);
  try {
    const proof = formatTlogProof({ index, proof: hashes, checkpoint: note });
    await verifyTlogProof(proof, entry, { origin, logKey: key, policy });
    return { proof, entry };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw cliError(
      'log_unproven',
      `${origin} cannot prove its entry ${index}: ${error.message}`,
      error,
    );
  }
}
