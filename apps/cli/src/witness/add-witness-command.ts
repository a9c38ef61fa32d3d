// `countersign witness`: a C2SP witness that anybody can run, with its own keys and its own memory.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { openWitness, serveWitness, type Witness } from '@countersign/watchers';
import { type Command, Option } from 'commander';
import type { Answer } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { readLogKey } from '../log/name-log.ts';
import { printable } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';

interface WitnessOptions {
  folder: string;
  listen: string;
  log: string[];
  make?: string;
  url?: string;
  passphraseFile?: string;
  behindProxy?: boolean;
}

const EXAMPLES = `
Examples:
  $ countersign witness --folder ./witness --listen 127.0.0.1:4650 --log VKEY --make witness.example/w1
  $ countersign witness --folder ./witness --listen 127.0.0.1:4650 --log VKEY --log OTHER_VKEY \\
      --url https://witness.example --json

It prints its keys and the line for the log's tlog-policy, then cosigns until it is told to stop (SIGINT,
SIGTERM). It speaks plain HTTP: put a TLS proxy in front of it, and --behind-proxy when that proxy runs
on another machine. Its folder is its memory: back it up, never run two on one folder, and retire a witness
whose folder is lost instead of making it anew under the same name.`;

export function addWitnessCommand(program: Command, world: CliWorld, answering: Answering): void {
  const command = program
    .command('witness')
    .description('cosign what a log shows, after checking that it only grew (C2SP tlog-witness)')
    .requiredOption('--folder <folder>', 'keys and memory of the witness')
    .requiredOption('--listen <host:port>', 'where it listens, for example 127.0.0.1:4650')
    .addOption(
      new Option('--log <vkey>', 'key of a log to watch; may be given again')
        .argParser((value: string, before: string[] | undefined) => [...(before ?? []), value])
        .makeOptionMandatory(),
    )
    .option('--make <name>', 'make a new witness of this name if the folder is empty')
    .option('--url <url>', 'where others reach it, for the line that is printed')
    .option(
      '--passphrase-file <file>',
      'seals the private keys (at least 16 bytes; /dev/fd/3 works)',
    )
    .option('--behind-proxy', 'listen beyond this machine: a TLS proxy stands in front')
    .addHelpText('after', EXAMPLES)
    .action(async (options: WitnessOptions) =>
      answering(command, () => {
        const { json = false } = command.optsWithGlobals<{ json?: boolean }>();
        return runWitness(world, options, json);
      }),
    );
}

async function runWitness(
  world: CliWorld,
  options: WitnessOptions,
  wantsJson: boolean,
): Promise<Answer> {
  const { host, port } = parseListen(options);
  let failure: unknown;
  const failed = Promise.withResolvers<void>();
  const fail = (error: unknown): void => {
    failure ??= error;
    failed.resolve();
  };
  const passphrase = readPassphrase(world, options);
  const witness = await openWitness({
    folder: resolve(world.workingFolder, options.folder),
    logs: options.log.map((text) => readLogKey(text, '--log')),
    onStopped: fail,
    onFork: (origin, file) =>
      world.err(`countersign: ${printable(origin)} has signed two histories: see ${file}\n`),
    ...(options.make === undefined ? {} : { make: { name: options.make } }),
    ...(passphrase === undefined ? {} : { passphrase }),
  });
  try {
    const onFault = (error: unknown): void =>
      world.err(`countersign: ${printable(error instanceof Error ? error.message : 'a fault')}\n`);
    const served = await serveWitness({ witness, host, port, onFault }).catch((error) => {
      throw cliError('wrong_use', `--listen: ${host}:${port} cannot be listened on.`, error);
    });
    const at = `http://${served.host.includes(':') ? `[${served.host}]` : served.host}:${served.port}`;
    // Listened for before anybody is told that it runs: who reads that may end it at once.
    const stopped = world.untilStopped();
    announce(world, witness, at, options.url ?? at, wantsJson);
    await Promise.race([stopped, failed.promise]);
    await served.close();
  } finally {
    await witness.close();
  }
  return describeEnd(witness, failure);
}

function announce(
  world: CliWorld,
  { name, keys, logs }: Witness,
  listens: string,
  url: string,
  wantsJson: boolean,
): void {
  const policy = `witness ${name} ${keys.ed25519} ${url}`;
  if (wantsJson) {
    const json = { command: 'witness', ok: true, listens, url, name, keys, policy, logs };
    world.out(`${JSON.stringify(json)}\n`);
    return;
  }
  const { paint } = world;
  const lines = [
    `  ${paint.good('witness')}  ${printable(name)} listens on ${listens}`,
    ...logs.map(({ origin, size }) => `  watches  ${printable(origin)}, cosigned up to ${size}`),
    '',
    '  Keys, as checkpoints are verified by (Ed25519, then ML-DSA-44):',
    keys.ed25519,
    keys.mldsa44,
    '',
    '  For the tlog-policy of whoever relies on it:',
    policy,
    '',
  ];
  world.out(`${lines.join('\n')}\n`);
}

function describeEnd({ name, logs }: Witness, failure: unknown): Answer {
  const ok = failure === undefined;
  const reason = failure instanceof Error ? failure.message : null;
  return {
    ok,
    json: { command: 'witness', ok, stopped: true, name, logs, reason },
    lines: ({ paint }) => [
      ok
        ? `  ${printable(name)} has stopped.`
        : `  ${paint.bad('stopped')}  ${printable(name)} could not keep what it cosigned: ${printable(reason ?? 'unknown')}`,
    ],
  };
}

function parseListen({ listen, behindProxy }: WitnessOptions): { host: string; port: number } {
  const [, bracketed, plain, digits = ''] =
    /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(listen) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535)
    throw cliError('wrong_use', '--listen: give HOST:PORT, for example 127.0.0.1:4650.');
  const isLocal = host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
  if (!isLocal && behindProxy !== true)
    throw cliError(
      'wrong_use',
      `--listen: ${host} is reached by others over plain HTTP. Put a TLS proxy in front and say --behind-proxy, or listen on 127.0.0.1.`,
    );
  return { host, port };
}

function readPassphrase(
  world: CliWorld,
  { passphraseFile: file }: WitnessOptions,
): Uint8Array | undefined {
  if (file === undefined) return undefined;
  const path = resolve(world.workingFolder, file);
  try {
    return Buffer.from(readFileSync(path, 'utf8').replace(/\r?\n$/, ''));
  } catch (error) {
    throw cliError('file_unreadable', `--passphrase-file: ${path} cannot be read.`, error);
  }
}
