// `countersign keys scan`: looks for private keys in files, folders and standard input, in memory
// that does not grow, and writes a copy without them.

import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import type { CliWorld } from '../world.ts';
import { describeScan } from './describe-scan.ts';
import { readFinders } from './read-finders.ts';
import { scanInputs } from './scan-inputs.ts';
import { writeRedacted } from './write-redacted.ts';

export interface ScanCommandOptions {
  redact?: string;
  gate?: boolean;
  fingerprints?: string;
  keys?: string;
}

const EXAMPLES = `
Examples:
  $ countersign keys scan core.4711 --fingerprints fingerprints.json
  $ countersign keys scan ./diagnostics logs.tar.gz --gate
  $ journalctl -u signer | countersign keys scan -
  $ countersign keys scan app.log --redact app.clean.log

Looks inside tar, zip, gzip and zstd, in each other; at PEM, DER, JWK, OpenSSH and PKCS#12, plain or in
base64 or hex. Offsets are told, secrets never. Exit code 0 means clean, 1 found; with --gate 1 also means
that something could not be read.`;

export function addScanCommand(keys: Command, world: CliWorld, answering: Answering): void {
  const command = keys
    .command('scan')
    .argument('<path...>', 'files, folders with all they hold, or - for standard input')
    .description('look for private keys in dumps, logs and archives')
    .option('--redact <out>', 'write a copy of the one input with zeros in place of what was found')
    .option('--gate', 'end with 1 for anything that could not be read, too')
    .option(
      '--fingerprints <file>',
      'find our live keys in raw memory, by what their signer exports',
    )
    .option('--keys <file>', 'find the private halves of a JWKS in raw memory (slow)')
    .addHelpText('after', EXAMPLES)
    .action(async (paths: string[], options: ScanCommandOptions) =>
      answering(command, async () => {
        const finders = readFinders(world, options);
        if (options.redact === undefined)
          return describeScan(await scanInputs(world, paths, finders), options);
        const [path, more] = paths;
        if (path === undefined || more !== undefined)
          throw cliError('wrong_use', '--redact writes one copy: give one file, or -.');
        const out = resolve(world.workingFolder, options.redact);
        return describeScan(await writeRedacted(world, path, out, finders), options);
      }),
    );
}
