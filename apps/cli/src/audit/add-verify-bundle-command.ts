// `countersign audit verify`: checks an evidence bundle, asking nobody.

import { createReadStream, type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type BundleVerdict, verifyBundle } from '@countersign/trail';
import type { Command } from 'commander';
import type { Answer } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import type { CliWorld } from '../world.ts';
import { describeVerdict } from './describe-verdict.ts';
import { readPin, readPolicy } from './read-trust.ts';

interface VerifyOptions {
  policy?: string;
  pin: string[];
  tenant?: string;
  instance?: string;
  strict?: boolean;
}

const READ_BYTES = 1 << 20;
const STANDARD_INPUT = '-';

const EXAMPLES = `
Examples:
  $ countersign audit verify acme.evidence --policy policy.txt
  $ countersign audit verify acme.evidence --policy policy.txt --pin acme-january.anchor --json
  $ gunzip -c acme.evidence.gz | countersign audit verify - --policy policy.txt

Nothing is asked of anybody. The verdict is whole; gap, when the log itself says that it missed something;
truncated_tail, when it ends too early; missing, when numbers are not there; invalid, when something was
changed, and then every problem says what was done and where it shows. Exit code 0 is whole or gap.
Without --policy (a C2SP tlog-policy, as from /api/v1/log-policy) a bundle only agrees with itself. In a log
that several installations share, each names its tenants: --instance, or a pin, says whose it must be.`;

export function addVerifyBundleCommand(
  audit: Command,
  world: CliWorld,
  answering: Answering,
): void {
  const command = audit
    .command('verify')
    .argument('<bundle>', 'evidence bundle, or - for standard input')
    .description('check offline that a tenant’s events are whole, in order and unchanged')
    .option('--policy <file>', 'a tlog-policy: the log, and the witnesses, to believe')
    .option(
      '--pin <file>',
      'an anchor of this trail that was kept earlier; may be given again',
      (file: string, files: string[]) => [...files, file],
      [],
    )
    .option('--tenant <name>', 'the tenant whose record it must be')
    .option('--instance <id>', 'the installation that it must be of, as in an earlier bundle')
    .option('--strict', 'gaps, withheld events, and pins that nobody can tell of, are failures too')
    .addHelpText('after', EXAMPLES)
    .action(async (bundle: string, options: VerifyOptions) =>
      answering(command, () => verify(world, bundle, options)),
    );
}

async function verify(
  world: CliWorld,
  bundle: string,
  { policy, pin, tenant, instance, strict = false }: VerifyOptions,
): Promise<Answer> {
  const trusted = policy === undefined ? undefined : readPolicy(world, policy);
  const pins = pin.map((file) => readPin(world, file));
  const trust = { policy: trusted, pins, of: { tenant, instance } };
  const verdict = await verifyBundle(readBundle(world, bundle), trust);
  return describeVerdict(verdict, { strict, ok: isGood(verdict, strict) });
}

function isGood({ ok, gaps, withheld, pins }: BundleVerdict, strict: boolean): boolean {
  const isUnsure =
    gaps.length > 0 || withheld > 0 || pins.some(({ state }) => state === 'unproven');
  return ok && !(strict && isUnsure);
}

async function* readBundle(world: CliWorld, bundle: string): AsyncGenerator<Uint8Array> {
  if (bundle === STANDARD_INPUT) {
    yield* world.inputChunks();
    return;
  }
  const path = resolve(world.workingFolder, bundle);
  let done = 0;
  try {
    const { size } = statFile(path);
    for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) {
      done += (chunk as Buffer).length;
      world.progress.count('checking', done, size);
      yield chunk as Buffer;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw cliError('file_unreadable', `${path} cannot be read.`, error);
  }
}

function statFile(path: string): Stats {
  const stats = statSync(path);
  if (stats.isFile()) return stats;
  throw cliError('file_unreadable', `${path} is no file.`);
}
