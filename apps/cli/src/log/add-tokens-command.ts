// `countersign log tokens`: a tenant lists what was issued in its name, and proves the list complete.

import type { Command } from 'commander';
import type { Answer } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import type { CliWorld } from '../world.ts';
import { describeListing } from './describe-listing.ts';
import { keepTokens } from './keep-tokens.ts';
import { listTenantTokens, type Wanted } from './list-tenant-tokens.ts';
import { addLogOptions, type LogOptions } from './name-log.ts';
import { readCheckpoint } from './read-checkpoint.ts';
import { readTagKey } from './read-tag-key.ts';

interface TokensOptions extends LogOptions {
  tagKeyFile: string;
  from: string;
  day?: string;
  user?: string;
  limit: string;
  out?: string;
}

const MOST_LISTED = 1_000_000;
const DAY_MS = 86_400_000;

const EXAMPLES = `
Examples:
  $ countersign log tokens --server http://localhost:4600 --checkpoint-key VKEY --tag-key-file acme.json
  $ countersign log tokens --log https://log.example/log --checkpoint-key VKEY --tag-key-file acme.json \\
      --day 2026-11-21 --out tokens.jsonl --json

Every entry of the log is read, and the root over all of them must be the one the log signed: that is
the proof that none was left out. Exit code 1 means that it is not, and then nothing is listed.
The tag key is what GET /api/v1/tenants/TENANT/tag-key answers to the operator: keep it like a password.
The newest tokens are listed, as many as --limit says; --out writes all of them, one JSON line each.`;

export function addTokensCommand(log: Command, world: CliWorld, answering: Answering): void {
  const command = addLogOptions(log.command('tokens'))
    .description('list the tokens issued in a tenant’s name, and prove the list complete')
    .requiredOption('--tag-key-file <file>', 'the tag key of the tenant')
    .option('--witnesses <file>', 'a tlog-policy whose quorum must have cosigned the checkpoint')
    .option(
      '--from <index>',
      'first entry of interest; what is before is proven but not listed',
      '0',
    )
    .option('--day <YYYY-MM-DD>', 'only tokens issued on this day (UTC)')
    .option('--user <sub>', 'only tokens issued to this subject')
    .option('--limit <count>', 'list at most this many, the newest', '1000')
    .option('--out <file>', 'write all of them to a new file, one JSON object a line')
    .addHelpText('after', EXAMPLES)
    .action(async (options: TokensOptions) => answering(command, () => listTokens(world, options)));
}

async function listTokens(world: CliWorld, options: TokensOptions): Promise<Answer> {
  const wanted = readWanted(options);
  const limit = wholeNumber(options.limit, '--limit', MOST_LISTED);
  const tagKey = readTagKey(world, options.tagKeyFile);
  const log = await readCheckpoint(world, options);
  if (!tagKey.logs.includes(log.origin))
    throw cliError('wrong_use', `The tag key is not for ${log.origin}: ${tagKey.logs.join(', ')}.`);
  if (wanted.from > log.size)
    throw cliError('wrong_use', `--from: the log has ${log.size} entries.`);
  const kept = keepTokens(world, limit, options.out);
  try {
    const counts = await listTenantTokens({
      ...{ log, tagKey, wanted },
      onToken: kept.add,
      onProgress: (done, total) => world.progress.count('reading the log', done, total),
    });
    const file = kept.finish();
    return describeListing({ log, tagKey, wanted, counts, file, tokens: kept.newest() });
  } finally {
    kept.discard();
  }
}

function readWanted({ from, day, user }: TokensOptions): Wanted {
  const start = day === undefined ? undefined : Date.parse(`${day}T00:00:00Z`);
  if (start !== undefined && !isDay(start, day))
    throw cliError('wrong_use', '--day: give a day as YYYY-MM-DD, for example 2026-11-21.');
  return {
    from: wholeNumber(from, '--from', Number.MAX_SAFE_INTEGER),
    ...(start === undefined ? {} : { issuedMs: { from: start, to: start + DAY_MS } }),
    ...(user === undefined ? {} : { user }),
  };
}

function isDay(startMs: number, text: string | undefined): boolean {
  return startMs >= 0 && new Date(startMs).toISOString().slice(0, 10) === text;
}

function wholeNumber(text: string, option: string, most: number): number {
  const number = Number(text);
  if (!/^\d{1,16}$/.test(text) || number > most)
    throw cliError('wrong_use', `${option}: give a whole number from 0 to ${most}.`);
  return number;
}
