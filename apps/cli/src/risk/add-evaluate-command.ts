// `countersign risk evaluate`: the product, Freeman and plain learners on the same logins, and how sure
// every figure is.

import { renderReport } from '@countersign/trials';
import type { Command } from 'commander';
import type { Answer } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { writeNewFile } from '../log/write-new-file.ts';
import type { CliWorld } from '../world.ts';
import { checkNewFile } from './check-new-file.ts';
import { describeEvaluation } from './describe-evaluation.ts';
import { readDataOption, readTrialOptions, type TrialOptions } from './read-trial-options.ts';
import { runTrial } from './run-trial.ts';

const EXAMPLES = `
Examples:
  $ countersign risk evaluate --quick
  $ countersign risk evaluate --seed 2 --report risk.html
  $ countersign risk evaluate --data rba-dataset.csv --people 0.2 --report rba.html

Without --data a world of 30,000 people is made up from the seed: its figures are upper bounds, and only the
distance to Freeman on the same logins says something. Exit code 1 means that attackers could be told by how
they were put into the logins, so that no figure counts.`;

export interface EvaluateOptions extends TrialOptions {
  quick?: boolean;
  report?: string;
}

export function addEvaluateCommand(risk: Command, world: CliWorld, answering: Answering): void {
  const command = risk
    .command('evaluate')
    .description('measure the engine against Freeman and others, on the same logins')
    .option('--quick', 'under a minute: fewer bootstrap draws, nothing left out and trained again')
    .option('--seed <n>', 'of the made-up world, attackers and draws', '1')
    .option('--users <n>', 'people of the made-up world (default: 30000)')
    .option('--trees <n>', 'trees of each learned head (default: 200)')
    .option('--data <file>', 'the published rba-dataset.csv instead of a made-up world')
    .option('--people <share>', 'share of the people of --data that is kept', '1')
    .option('--report <file>', 'write the page with all plots and tables')
    .addHelpText('after', EXAMPLES)
    .action(async (options: EvaluateOptions) => answering(command, () => evaluate(world, options)));
}

async function evaluate(world: CliWorld, options: EvaluateOptions): Promise<Answer> {
  checkNewFile(world, '--report', options.report);
  const outcome = await runTrial(world, {
    kind: 'evaluate',
    order: {
      ...readTrialOptions(options),
      made: new Date().toISOString(),
      quick: options.quick === true,
    },
    ...readDataOption(world, options),
  });
  if (outcome.kind !== 'evaluated') throw cliError('wrong_use', 'Nothing was evaluated.');
  const { report } = outcome;
  const page = options.report === undefined ? '' : renderReport(report);
  const path = writeNewFile(world, '--report', options.report, page);
  return describeEvaluation(report, path);
}
