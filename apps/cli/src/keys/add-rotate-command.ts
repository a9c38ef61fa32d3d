// `countersign keys rotate` and `keys rollback`: the change of keys that comes by itself, now; and back.

import type { Command } from 'commander';
import type { Answer } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { type JsonObject, listIn } from '../http/read-member.ts';
import { addOperatorOptions, type OperatorOptions } from '../http/server-option.ts';
import type { CliWorld } from '../world.ts';
import { confirmed, issuerFrom, openAsking } from './ask-server.ts';
import { drawKeys } from './draw-keys.ts';

interface RotateOptions extends OperatorOptions {
  alg?: string;
  custody?: string;
  force?: boolean;
  reason?: string;
  yes?: boolean;
}

const ROTATE_EXAMPLES = `
Examples:
  $ countersign keys rotate acme/customer --reason "new administrator"
  $ countersign keys rotate acme/customer --custody pkcs11
  $ countersign keys rotate acme/customer --force --yes

A standby that was published only just now is not taken, because verifiers that read the key set before
would refuse its tokens; --force takes it. With --custody a key is made there and signs once verifiers
know it. Keys rotate by themselves: nothing has to be typed for that.`;

const ROLLBACK_EXAMPLES = `
Examples:
  $ countersign keys rollback acme/customer --reason "an old verifier refuses the new key"

Possible for as long as the key before still signs, ten minutes by default.`;

export function addRotateCommand(keys: Command, world: CliWorld, answering: Answering): void {
  const command = keys
    .command('rotate')
    .argument('<issuer>', 'the URL of an issuer, or a realm such as acme/customer')
    .description('let the standby keys of an issuer sign from now on')
    .option('--alg <alg>', 'only ES256, EdDSA or RS256 (default: every algorithm)')
    .option('--custody <kind>', 'where the next key shall live: software, pkcs11 or aws-kms')
    .option('--force', 'also with a standby that some verifiers cannot know yet')
    .option('--reason <text>', 'why, for the record')
    .option('--yes', 'do not ask before --force')
    .addHelpText('after', ROTATE_EXAMPLES);
  addOperatorOptions(command).action(async (issuer: string, options: RotateOptions) =>
    answering(command, async () => {
      const { alg, custody, force, reason } = options;
      if (force === true)
        await confirmed(
          world,
          options,
          'Verifiers that read the key set a while ago refuse the new key until they read it again. Rotate?',
        );
      return await change(world, options, 'rotate', issuer, { alg, custody, force, reason });
    }),
  );
}

export function addRollbackCommand(keys: Command, world: CliWorld, answering: Answering): void {
  const command = keys
    .command('rollback')
    .argument('<issuer>', 'the URL of an issuer, or a realm such as acme/customer')
    .description('undo the last rotation while the key before still signs')
    .option('--alg <alg>', 'only ES256, EdDSA or RS256 (default: every algorithm)')
    .option('--reason <text>', 'why, for the record')
    .addHelpText('after', ROLLBACK_EXAMPLES);
  addOperatorOptions(command).action(async (issuer: string, options: RotateOptions) =>
    answering(command, () => {
      const { alg, reason } = options;
      return change(world, options, 'rollback', issuer, { alg, reason });
    }),
  );
}

/** Making keys of a slow kind, or in an HSM, takes its time. */
const TIMEOUT_MS = 60_000;

async function change(
  world: CliWorld,
  options: RotateOptions,
  what: 'rotate' | 'rollback',
  typed: string,
  wishes: object,
): Promise<Answer> {
  const asking = openAsking(world, options);
  const issuer = issuerFrom(asking, typed);
  const { body } = await asking.ask(`/keys/${what}`, {
    body: { issuer, ...wishes },
    timeoutMs: TIMEOUT_MS,
  });
  const keys = listIn(body, 'keys');
  return {
    ok: true,
    json: { command: `keys ${what}`, ok: true, server: asking.server.origin, issuer, keys },
    lines: (page) => [
      ...drawKeys({ keys, atMs: Date.now(), all: false }, page),
      `  ${page.paint.good(what === 'rotate' ? saidOf(keys, options.custody) : 'Rolled back.')}`,
    ],
  };
}

/** A key that must live elsewhere is made there, and waits like any other until verifiers know it. */
function saidOf(keys: readonly JsonObject[], custody: string | undefined): string {
  const waits = keys.some(
    (key) => custody !== undefined && key['custody'] === custody && key['state'] === 'published',
  );
  return waits ? `Keys are made in ${custody}; they sign once verifiers know them.` : 'Rotated.';
}
