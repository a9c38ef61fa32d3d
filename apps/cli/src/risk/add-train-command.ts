// `countersign risk train`: a model file from a made-up world or from the published data set, signed where
// there is a key.

import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { signModel } from '@countersign/learner';
import type { Command } from 'commander';
import type { Answer } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { writeNewFile } from '../log/write-new-file.ts';
import { printable } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';
import { readDataOption, readTrialOptions, type TrialOptions } from './read-trial-options.ts';
import { runTrial } from './run-trial.ts';
import type { TrainedModel } from './trial-order.ts';

const EXAMPLES = `
Examples:
  $ countersign risk train --generator --seed 1 --out model.json
  $ countersign risk train --data rba-dataset.csv --key trainer.pem --out model.json

The same seed, data, --id and --made give the same bytes. A server takes a model that is signed by a key its
settings name; without --key the file is known by its SHA-256 alone. The key is Ed25519 in PEM.`;

export interface TrainOptions extends TrialOptions {
  generator?: boolean;
  id?: string;
  made?: string;
  key?: string;
  keyId?: string;
  out: string;
}

export function addTrainCommand(risk: Command, world: CliWorld, answering: Answering): void {
  const command = risk
    .command('train')
    .description('train a model')
    .option('--generator', 'on a made-up world')
    .option('--data <file>', 'on the published rba-dataset.csv')
    .option('--people <share>', 'share of the people of --data that is kept', '1')
    .option('--seed <n>', 'of the world, the attackers and the training', '1')
    .option('--users <n>', 'people of the made-up world (default: 30000)')
    .option('--trees <n>', 'trees of each learned head (default: 200)')
    .option('--id <id>', 'name and version in the file (default: SOURCE-SEED)')
    .option('--made <date>', 'ISO date and time in the file (default: now)')
    .option('--key <file>', 'sign it with this private key')
    .option('--key-id <id>', 'name of the key (default: hash of its public half)')
    .requiredOption('--out <file>', 'where the model goes')
    .addHelpText('after', EXAMPLES)
    .action(async (options: TrainOptions) => answering(command, () => train(world, options)));
}

async function train(world: CliWorld, options: TrainOptions): Promise<Answer> {
  if ((options.generator === true) === (options.data !== undefined))
    throw cliError('wrong_use', 'Give --generator, or --data with a file: one of the two.');
  const signer = readSigner(world, options);
  const seed = readTrialOptions(options).seed;
  const outcome = await runTrial(world, {
    kind: 'train',
    order: {
      ...readTrialOptions(options),
      id: readId(options, seed),
      made: readMade(options),
    },
    ...readDataOption(world, options),
  });
  if (outcome.kind !== 'trained') throw cliError('wrong_use', 'Nothing was trained.');
  const { bytes } = outcome.model;
  const file = signer === undefined ? bytes : signModel(bytes, signer.id, signer.key);
  const path = writeNewFile(world, '--out', options.out, file) ?? options.out;
  return describe(outcome.model, file, path, signer?.id);
}

function readId({ id, data }: TrainOptions, seed: number): string {
  const chosen = id ?? `${data === undefined ? 'generator' : 'rba'}-${seed}`;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(chosen))
    throw cliError('wrong_use', '--id is of letters, digits and ._- and at most 64 of them.');
  return chosen;
}

function readMade({ made }: TrainOptions): string {
  const time = made === undefined ? Date.now() : Date.parse(made);
  if (Number.isNaN(time)) throw cliError('wrong_use', '--made is an ISO date and time.');
  return new Date(time).toISOString();
}

function readSigner(
  world: CliWorld,
  { key, keyId }: TrainOptions,
): { id: string; key: KeyObject } | undefined {
  if (key === undefined) return undefined;
  const path = resolve(world.workingFolder, key);
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(readFileSync(path));
  } catch (error) {
    throw cliError('file_unreadable', `--key: ${path} is no private key in PEM.`, error);
  }
  if (privateKey.asymmetricKeyType !== 'ed25519')
    throw cliError('wrong_use', '--key: models are signed with Ed25519.');
  const half = createPublicKey(privateKey).export({
    type: 'spki',
    format: 'der',
  });
  const id = createHash('sha256').update(half).digest('base64url').slice(0, 16);
  // An id may not begin with a dash in every place that names one.
  return { key: privateKey, id: keyId ?? `k${id}` };
}

function describe(
  { rows, legitimate, attacks }: TrainedModel,
  file: Uint8Array,
  path: string,
  signedBy: string | undefined,
): Answer {
  const sha256 = createHash('sha256').update(file).digest('hex');
  return {
    ok: true,
    json: {
      ...{
        command: 'risk train',
        ok: true,
        file: path,
        bytes: file.length,
        sha256,
      },
      ...{ signedBy: signedBy ?? null, rows, legitimate, attacks },
    },
    lines: ({ paint }) => [
      `  ${paint.good('trained')}  ${printable(path)}  ${(file.length / 1e3).toFixed(0)} kB`,
      `  sha256 ${sha256}`,
      `  ${rows} logins; learned from ${legitimate} legitimate ones and ${Object.entries(attacks)
        .map(([name, count]) => `${count} ${name}`)
        .join(', ')}`,
      signedBy === undefined
        ? `  ${paint.warn('not signed')}  only who knows its SHA-256 can trust it`
        : `  signed by ${signedBy}`,
    ],
  };
}
