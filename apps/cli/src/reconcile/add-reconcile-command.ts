// `countersign reconcile`: is every use of a token one that somebody issued? Works offline on the logs
// of any issuer and any resource.

import { Reconciliation, type Tolerances } from '@countersign/matching';
import { SOURCE_NAMES, type SourceName } from '@countersign/sources';
import type { Command } from 'commander';
import type { Answer } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import type { CliWorld } from '../world.ts';
import { drawReconciliation } from './draw-reconciliation.ts';
import { emptyTally, type ReadTally, readActivities } from './read-activities.ts';

const EXAMPLES = `
Examples:
  $ countersign reconcile --issued sign-ins.json --used mail-audit.csv
  $ countersign reconcile --issued entra/ --used purview/ --revoked directory-audit.json --json
  $ countersign audit export --out log.ndjson && countersign reconcile --issued log.ndjson --used log.ndjson

Files are Microsoft 365, Entra, Okta, CloudTrail, Google, Keycloak, OCSF or ECS records, or exported events
of this product, also compressed; folders are read whole; - is standard input. Nothing leaves the machine.
Exit code 1 means that there is a finding.`;

export interface ReconcileOptions {
  issued?: string[];
  used?: string[];
  revoked?: string[];
  lateness?: string;
  longestToken?: string;
  roaming?: string;
  complete?: boolean;
  source?: string;
}

export function addReconcileCommand(program: Command, world: CliWorld, answering: Answering): void {
  const command = program
    .command('reconcile')
    .description('hold the uses of tokens against what an issuer’s log says it issued')
    .option('--issued <path...>', 'sign-in and token logs of the issuer')
    .option('--used <path...>', 'access logs of resources')
    .option('--revoked <path...>', 'logs of revocations, where they are not in the issuer’s')
    .option('--lateness <minutes>', 'how late the issuer’s log may be (default: 15)')
    .option('--longest-token <hours>', 'life of a token that does not tell its issue (default: 28)')
    .option(
      '--roaming <hours>',
      'how long after a use its network may be signed in from (default: 2)',
    )
    .option('--complete', 'the issuer’s log has every kind of sign-in, whatever it looks like')
    .option('--source <name>', 'what to take records for that nothing recognises')
    .addHelpText('after', EXAMPLES)
    .action(async (options: ReconcileOptions) =>
      answering(command, () => reconcileFiles(world, options)),
    );
}

async function reconcileFiles(world: CliWorld, options: ReconcileOptions): Promise<Answer> {
  const { issued = [], used = [], revoked = [] } = options;
  if (issued.length === 0 || used.length === 0)
    throw cliError(
      'wrong_use',
      'Name what was issued with --issued and what was used with --used.',
    );
  const all = [...issued, ...used, ...revoked];
  if (all.filter((path) => path === '-').length > 1)
    throw cliError('wrong_use', 'Standard input (-) can be read once only.');
  const { complete = false } = options;
  const run = new Reconciliation({ tolerances: tolerancesOf(options), complete });
  const tallies = { issued: emptyTally(), revoked: emptyTally(), used: emptyTally() };
  const source = sourceOf(options.source);
  const read = (paths: string[], doing: string, tally: ReadTally) =>
    readActivities(world, { paths, doing, tally, ...(source === undefined ? {} : { source }) });
  for await (const { activity } of read(issued, 'reading what was issued', tallies.issued))
    run.addIssued(activity);
  for await (const { activity } of read(revoked, 'reading what was revoked', tallies.revoked))
    run.addRevoked(activity);
  for await (const { activity } of read(used, 'judging what was used', tallies.used))
    run.addUsed(activity);
  const report = run.report();
  return {
    ok: report.ok,
    json: { command: 'reconcile', ...report, read: tallies },
    lines: (page) => drawReconciliation(report, tallies, page),
  };
}

/** @throws CodedError `wrong_use` */
export function tolerancesOf(options: ReconcileOptions): Partial<Tolerances> {
  const { lateness, longestToken, roaming } = options;
  return {
    ...(lateness === undefined ? {} : { latenessMs: span('--lateness', lateness, 60_000) }),
    ...(longestToken === undefined
      ? {}
      : { longestTokenMs: span('--longest-token', longestToken, 3_600_000) }),
    ...(roaming === undefined ? {} : { roamingAheadMs: span('--roaming', roaming, 3_600_000) }),
  };
}

function span(option: string, text: string, unitMs: number): number {
  if (!/^\d{1,6}(\.\d{1,3})?$/.test(text))
    throw cliError('wrong_use', `${option}: "${text}" is not a number.`);
  return Math.round(Number(text) * unitMs);
}

/** @throws CodedError `wrong_use` naming the sources there are */
export function sourceOf(name: string | undefined): SourceName | undefined {
  if (name === undefined) return undefined;
  const found = SOURCE_NAMES.find((each) => each === name);
  if (found !== undefined) return found;
  throw cliError(
    'wrong_use',
    `--source: there is no "${name}". There are: ${SOURCE_NAMES.join(', ')}.`,
  );
}
