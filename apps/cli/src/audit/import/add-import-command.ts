// `countersign audit import`: logs of other houses into a tenant's own log.

import { SOURCE_NAMES, type SourceName } from '@countersign/sources';
import type { Command } from 'commander';
import type { Answer } from '../../answer/answer.ts';
import type { Answering } from '../../build-program.ts';
import { cliError } from '../../cli-error.ts';
import { parseBaseUrl } from '../../http/fetch-json.ts';
import { readOperatorToken } from '../../http/operator-token.ts';
import { addOperatorOptions, type OperatorOptions, serverUrl } from '../../http/server-option.ts';
import type { CliWorld } from '../../world.ts';
import { drawSent, drawTrial } from './draw-import.ts';
import { emptyTally, type InputTally, readInputs } from './read-inputs.ts';
import { RecordSender, type SendOptions } from './send-records.ts';
import { ImportTrial } from './try-import.ts';
import { watchImports } from './watch/watch-imports.ts';

interface ImportOptions extends OperatorOptions {
  source?: string;
  tenant?: string;
  dryRun?: boolean;
  watch?: boolean;
  state?: string;
  every: string;
}

const EXAMPLES = `
Examples:
  $ countersign audit import --dry-run exports/
  $ countersign audit import --tenant acme cloudtrail/ AuditLog.csv signins.json.gz
  $ countersign audit import --tenant acme --watch trail/
  $ zcat okta.ndjson.gz | countersign audit import --tenant acme -

Reads JSON (a record a line, lists, {"Records": […]}, {"value": […]}) and CSV, plain, gzip or Zstandard.
Importing again is harmless. With --watch one folder is looked at until the command is ended: a file is
brought in once nobody writes to it any more, whatever it is called later.
Exit code 1 when something could not be read; the rest is imported.`;

export function addImportCommand(audit: Command, world: CliWorld, answering: Answering): void {
  const command = audit
    .command('import')
    .argument('<paths...>', 'files, folders, or - for standard input')
    .description('bring in logs of Microsoft 365, Entra, Okta, AWS, Google, Keycloak, OCSF and ECS')
    .option('--source <name>', `for records nobody recognises: ${SOURCE_NAMES.join(', ')}`)
    .option('--tenant <tenant>', 'whose log; a tenant’s own credential need not say')
    .option('--dry-run', 'only tell what would be imported; asks no server')
    .option('--watch', 'bring in what comes into one folder, until the command is ended')
    .option('--state <file>', 'with --watch: what was brought in (default: FOLDER.imported)')
    .option('--every <seconds>', 'with --watch: time between looks', '5')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(async (paths: string[], options: ImportOptions) =>
    answering(command, () => {
      const { json = false } = command.optsWithGlobals<{ json?: boolean }>();
      if (options.watch === true) return watchPath(world, paths, options, json);
      return importPaths(world, paths, options);
    }),
  );
}

async function watchPath(
  world: CliWorld,
  paths: readonly string[],
  options: ImportOptions,
  json: boolean,
): Promise<Answer> {
  const [folder = '', ...others] = paths;
  if (others.length > 0 || folder === '-' || options.dryRun === true) {
    throw cliError('wrong_use', '--watch takes one folder, and no --dry-run.');
  }
  const seconds = Number(options.every);
  if (!(seconds >= 0.1 && seconds <= 3600)) {
    throw cliError('wrong_use', '--every takes 0.1 to 3600 seconds.');
  }
  const everyMs = Math.round(seconds * 1000);
  return watchImports(world, folder, {
    ...{ everyMs, settleMs: everyMs, json },
    state: options.state ?? `${folder.replace(/[/\\]+$/, '')}.imported`,
    send: sendOptions(world, options),
  });
}

async function importPaths(
  world: CliWorld,
  paths: readonly string[],
  options: ImportOptions,
): Promise<Answer> {
  const source = sourceNamed(options.source);
  const tally = emptyTally();
  return options.dryRun === true
    ? tryImport(world, paths, source, tally)
    : sendImport(world, paths, options, tally);
}

async function tryImport(
  world: CliWorld,
  paths: readonly string[],
  source: SourceName | undefined,
  tally: InputTally,
): Promise<Answer> {
  const trial = new ImportTrial(source);
  for await (const record of readInputs(world, paths, tally)) trial.add(record);
  const { events, unmapped, sources, kinds, firstMs = null, lastMs = null } = trial;
  return {
    ok: tally.lost === 0,
    json: {
      ...{ command: 'audit import', ok: tally.lost === 0, dryRun: true, ...countsOf(tally) },
      ...{ events, unmapped, sources, firstMs, lastMs, kinds: kinds.slice(0, 1000) },
      problems: tally.problems,
    },
    lines: (page) => drawTrial(trial, tally, page),
  };
}

async function sendImport(
  world: CliWorld,
  paths: readonly string[],
  options: ImportOptions,
  tally: InputTally,
): Promise<Answer> {
  const sender = new RecordSender(sendOptions(world, options));
  for await (const record of readInputs(world, paths, tally)) await sender.add(record);
  await sender.finish(tally.lost);
  const { sums } = sender;
  return {
    ok: tally.lost === 0,
    json: {
      ...{ command: 'audit import', ok: tally.lost === 0, dryRun: false, ...countsOf(tally) },
      ...{ ...sums, problems: tally.problems },
    },
    lines: (page) => drawSent(sums, tally, page),
  };
}

function sendOptions(world: CliWorld, options: ImportOptions): SendOptions {
  return {
    server: parseBaseUrl(serverUrl(world, options), '--server'),
    credential: readOperatorToken(world, options.tokenFile),
    tenant: options.tenant,
    source: sourceNamed(options.source),
  };
}

function countsOf({ files, bytes, records, lost, problemCounts }: InputTally): object {
  return { files, bytes, records, unreadable: lost, problemCounts };
}

function sourceNamed(name: string | undefined): SourceName | undefined {
  if (name === undefined) return undefined;
  const found = SOURCE_NAMES.find((one) => one === name);
  if (found !== undefined && found !== 'unknown') return found;
  throw cliError(
    'wrong_use',
    `--source: there is no "${name}"; there are ${SOURCE_NAMES.slice(0, -1).join(', ')}.`,
  );
}
