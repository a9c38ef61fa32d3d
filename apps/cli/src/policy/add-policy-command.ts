// `countersign policy fetch`: get the policy once, look at it, pin it. From then on a verifier
// believes the file and no longer the network.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Answer } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { parseBaseUrl } from '../http/fetch-json.ts';
import { printable } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';
import { fetchPolicy, formatPolicy, type KnownPolicy } from './fetch-policy.ts';

interface FetchOptions {
  issuer: string;
  out?: string;
  force?: boolean;
}

type Kept = 'printed' | 'written' | 'unchanged' | 'differs' | 'replaced';

const EXAMPLES = `
Examples:
  $ countersign policy fetch --issuer http://localhost:4600/acme/customer --out policy.json
  $ countersign policy fetch --issuer https://id.example.com/acme/workforce > policy.json

With --out, a file that is already there is compared and left alone: exit code 1 means that the
issuer's policy is no longer the one you pinned. --force replaces it.`;

export function addPolicyCommand(program: Command, world: CliWorld, answering: Answering): void {
  const policy = program
    .command('policy')
    .description('get the document that tells a verifier what to believe')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES);
  const fetch = policy
    .command('fetch')
    .description('fetch the policy of an issuer, to pin it')
    .requiredOption('--issuer <url>', 'the issuer, as it stands in its tokens')
    .option('--out <file>', 'pin it in this file instead of printing it')
    .option('--force', 'replace a pinned policy that differs')
    .addHelpText('after', EXAMPLES)
    .action(async (options: FetchOptions) => answering(fetch, () => pinPolicy(world, options)));
}

async function pinPolicy(world: CliWorld, options: FetchOptions): Promise<Answer> {
  const issuer = parseBaseUrl(options.issuer, '--issuer');
  world.progress.say(`asking ${issuer.host} for its policy`);
  const known = await fetchPolicy(issuer);
  const path = options.out === undefined ? undefined : resolve(world.workingFolder, options.out);
  const kept = path === undefined ? 'printed' : keep(path, known, options.force === true);
  const ok = kept !== 'differs';
  return {
    ok,
    json: {
      command: 'policy fetch',
      ok,
      issuer: options.issuer,
      from: known.from,
      fingerprint: known.fingerprint,
      kept,
      file: path ?? null,
      policy: known.policy,
    },
    lines: ({ paint }) => {
      if (path === undefined) return [formatPolicy(known.policy).trimEnd()];
      return [
        `  ${ok ? paint.good(kept) : paint.bad(kept)}  ${printable(path)}`,
        `  from     ${printable(known.from)}`,
        `  sha256   ${known.fingerprint}`,
        ...(ok
          ? [
              '',
              '  You now believe what the server said once. Compare the sha256 over another channel.',
            ]
          : [
              '',
              '  The issuer’s policy is not the one you pinned. Find out why, then use --force.',
            ]),
      ];
    },
  };
}

function keep(path: string, { policy }: KnownPolicy, force: boolean): Kept {
  const text = formatPolicy(policy);
  try {
    if (existsSync(path)) {
      if (readFileSync(path, 'utf8') === text) return 'unchanged';
      if (!force) return 'differs';
      writeFileSync(path, text);
      return 'replaced';
    }
    writeFileSync(path, text, { flag: 'wx' });
    return 'written';
  } catch (error) {
    throw cliError('file_unreadable', `--out: ${path} cannot be written.`, error);
  }
}
