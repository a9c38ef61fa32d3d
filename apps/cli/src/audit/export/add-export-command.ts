// `countersign audit export`: events of a tenant into a file.

import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Answer } from '../../answer/answer.ts';
import type { Answering } from '../../build-program.ts';
import { cliError } from '../../cli-error.ts';
import { parseBaseUrl } from '../../http/fetch-json.ts';
import { readOperatorToken } from '../../http/operator-token.ts';
import { addOperatorOptions, type OperatorOptions, serverUrl } from '../../http/server-option.ts';
import type { CliWorld } from '../../world.ts';
import { type KeptExport, keepExport, keepWhole } from './keep-export.ts';

interface ExportOptions extends OperatorOptions {
  output: string;
  format: 'ndjson' | 'csv' | 'parquet' | 'bundle';
  tenant?: string;
  filter?: string;
  from?: string;
  to?: string;
  reason?: string;
  resume?: boolean;
}

const EXAMPLES = `
Examples:
  $ countersign audit export --output acme.ndjson
  $ countersign audit export --output refused.csv --format csv --filter 'name = token.refused'
  $ countersign audit export --output acme.ndjson --resume
  $ countersign audit export --output acme.evidence --format bundle

Events come in the order of their numbers in the tenant's chain, each with its number and leaf. What comes
after the export began is not in it. A connection that is lost is taken up again by itself.`;

export function addExportCommand(audit: Command, world: CliWorld, answering: Answering): void {
  const command = audit
    .command('export')
    .description('take events out of a tenant’s log: JSON, a table, Parquet or evidence')
    .requiredOption('--output <file>', 'new file that only you can read')
    .addOption(
      new Option('--format <format>', 'lines of JSON, a table, columns, or evidence to verify')
        .choices(['ndjson', 'csv', 'parquet', 'bundle'])
        .default('ndjson'),
    )
    .option('--tenant <tenant>', 'whose log; a tenant’s own credential need not say')
    .option('--filter <filter>', 'only events that match, see docs/audit.md')
    .option('--from <number>', 'number of the first event')
    .option('--to <number>', 'number of the last event')
    .option('--reason <text>', 'why; operators must say, and the tenant is shown it')
    .option('--resume', 'go on with the file where it ends; only ndjson and csv')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(async (options: ExportOptions) =>
    answering(command, () => exportEvents(world, options)),
  );
}

async function exportEvents(world: CliWorld, options: ExportOptions): Promise<Answer> {
  const { format, tenant, filter, from, to, reason, resume = false } = options;
  const path = resolve(world.workingFolder, options.output);
  if (resume && !isRows(format)) {
    throw cliError('wrong_use', '--resume goes on with ndjson and csv only.');
  }
  const question = {
    server: parseBaseUrl(serverUrl(world, options), '--server'),
    credential: readOperatorToken(world, options.tokenFile),
    parameters: { format, tenant, filter, from, to },
    ...{ reason, path, progress: world.progress },
  };
  const kept = isRows(format)
    ? await keepExport({ ...question, format, resume })
    : await keepWhole(question);
  return {
    ok: true,
    json: {
      command: 'audit export',
      ok: true,
      file: path,
      format,
      tenant: tenant ?? null,
      ...kept,
    },
    lines: () => describe(kept, path),
  };
}

function isRows(format: ExportOptions['format']): format is 'ndjson' | 'csv' {
  return format === 'ndjson' || format === 'csv';
}

function describe({ events, from, to, bytes, resumed }: KeptExport, path: string): string[] {
  const counted =
    events === null
      ? 'What was asked for,'
      : `${events.toLocaleString('en')} event${events === 1 ? '' : 's'}`;
  const range = to < from ? 'there was nothing new' : `of the numbers ${from} to ${to}`;
  const again =
    resumed === 0 ? [] : [`The connection was lost ${resumed} times and taken up again.`];
  return [`${counted} ${range}, in ${path} (${bytes.toLocaleString('en')} bytes).`, ...again];
}
