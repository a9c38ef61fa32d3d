// `countersign scenario list | run`: breaches of the past, replayed against a real server that is
// started for the purpose in a temporary folder.

import type { Command } from 'commander';
import type { Answer, Page } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { printable, wrap } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';
import { drawScenario, drawStep } from './draw-scenario.ts';
import { findScenario, listScenarios, type Scenario } from './list-scenarios.ts';
import { runScenario } from './run-scenario.ts';

const EXAMPLES = `
Examples:
  $ countersign scenario list
  $ countersign scenario run storm-0558
  $ countersign scenario run cve-2025-55241 --json | jq .alarm

Exit code 0 means that every forgery was refused, every alarm was raised and every step holds.`;

export function addScenarioCommand(program: Command, world: CliWorld, answering: Answering): void {
  const scenario = program
    .command('scenario')
    .description('replay a breach against a real server, ours and other verifiers side by side')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES);
  const list = scenario
    .command('list')
    .description('list the scenarios there are')
    .action(async () => answering(list, async () => describe(listScenarios())));
  const run = scenario
    .command('run')
    .description('run a scenario in a temporary folder, which is removed afterwards')
    .argument('<name>', 'one of `countersign scenario list`')
    .addHelpText('after', EXAMPLES)
    .action(async (name: string) => {
      const { json = false } = program.opts<{ json?: boolean }>();
      await answering(run, () => replay(findScenario(name), world, json));
    });
}

function describe(scenarios: Scenario[]): Answer {
  return {
    ok: true,
    json: {
      command: 'scenario list',
      ok: true,
      scenarios: scenarios.map(({ name, title, summary }) => ({ name, title, summary })),
    },
    lines: (page) =>
      scenarios.flatMap(({ name, title, summary }, at) => [
        ...(at === 0 ? [] : ['']),
        `  ${page.paint.strong(name)}  ${printable(title)}`,
        ...wrap(printable(summary), page.columns - 4).map((line) => `    ${line}`),
      ]),
  };
}

async function replay(scenario: Scenario, world: CliWorld, quiet: boolean): Promise<Answer> {
  const page: Page = { paint: world.paint, columns: world.columns };
  const print = (lines: string[]): void => {
    world.progress.clear();
    if (!quiet) world.out(`${lines.join('\n')}\n`);
  };
  print(['', `  ${page.paint.strong(printable(scenario.title))}`, '']);
  // Steps may run side by side: while one is left, the spinner speaks of it.
  const underWay = new Set<string>();
  const result = await runScenario(scenario, world, {
    doing: (name) => {
      underWay.add(name);
      world.progress.say(name);
    },
    done: (step) => {
      underWay.delete(step.name);
      print(drawStep(step, page));
      const [next] = underWay;
      if (next !== undefined) world.progress.say(next);
    },
  });
  return {
    ok: result.ok,
    json: { ...result },
    lines: () => drawScenario(scenario, result, page),
  };
}
