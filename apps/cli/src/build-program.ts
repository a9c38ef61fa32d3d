// The tree of commands, with the words a person reads first. Every command hands its job to
// `giveAnswer`; the parser itself only decides what is wrong use.

import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import type { Answer } from './answer/answer.ts';
import { giveAnswer } from './answer/give-answer.ts';
import { addAuditCommand } from './audit/add-audit-command.ts';
import { addEventsCommand } from './events/add-events-command.ts';
import { addFindingsCommand } from './findings/add-findings-command.ts';
import { addHealthCommand } from './health/add-health-command.ts';
import { describeFault, markIds, unmarkIds } from './hyphened-ids.ts';
import { addKeysCommand } from './keys/add-keys-command.ts';
import { addLogCommand } from './log/add-log-command.ts';
import { addOperatorsCommand } from './operators/add-operators-command.ts';
import { addPasskeysCommand } from './passkeys/add-passkeys-command.ts';
import { addPolicyCommand } from './policy/add-policy-command.ts';
import { addReadersCommand } from './readers/add-readers-command.ts';
import { addReconcileCommand } from './reconcile/add-reconcile-command.ts';
import { addRiskCommand } from './risk/add-risk-command.ts';
import { addScenarioCommand } from './scenario/add-scenario-command.ts';
import { addVerifyCommand } from './verify/add-verify-command.ts';
import { addWitnessCommand } from './witness/add-witness-command.ts';
import type { CliWorld } from './world.ts';

/** Runs a command's job and remembers its exit code. */
export type Answering = (command: Command, job: () => Promise<Answer>) => Promise<void>;

export interface CommandLine {
  /** @returns the exit code */
  run(args: readonly string[]): Promise<number>;
}

const EXAMPLES = `
Examples:
  $ countersign scenario run storm-0558
  $ countersign verify - --issuer http://localhost:4600/acme/customer < token.txt
  $ countersign findings --json

Exit codes: 0 good, 1 the thing checked is bad, 2 wrong use.`;

export function buildProgram(world: CliWorld): CommandLine {
  let exitCode = 0;
  let wantsJson = false;
  // Who asked for JSON gets a fault as JSON, not as text beside it.
  const writeErr = (text: string): void => {
    if (!wantsJson) world.err(text);
  };
  const program = new Command('countersign')
    .description('Checks tokens, replays breaches and asks a Countersign server what it knows.')
    .version(readVersion(), '-V, --version', 'print the version')
    .option('--json', 'print one JSON object instead of text')
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      ...{ writeOut: world.out, writeErr },
      outputError: (message, write) => write(`${describeFault({ message })}\n`),
    })
    .showHelpAfterError('(--help shows how this is used)')
    .exitOverride()
    .hook('preAction', (_program, command) => unmarkIds(command))
    .addHelpText('after', EXAMPLES);
  const answering: Answering = async (command, job) => {
    const { json = false } = program.opts<{ json?: boolean }>();
    exitCode = await giveAnswer(world, nameOf(command), json, job);
  };
  addScenarioCommand(program, world, answering);
  addVerifyCommand(program, world, answering);
  addPolicyCommand(program, world, answering);
  addFindingsCommand(program, world, answering);
  addEventsCommand(program, world, answering);
  addAuditCommand(program, world, answering);
  addHealthCommand(program, world, answering);
  addKeysCommand(program, world, answering);
  addOperatorsCommand(program, world, answering);
  addReadersCommand(program, world, answering);
  addPasskeysCommand(program, world, answering);
  addReconcileCommand(program, world, answering);
  addRiskCommand(program, world, answering);
  addLogCommand(program, world, answering);
  addWitnessCommand(program, world, answering);
  return {
    run: async (args) => {
      wantsJson = args.includes('--json');
      try {
        await program.parseAsync(markIds(args), { from: 'user' });
        return exitCode;
      } catch (error) {
        if (!(error instanceof CommanderError)) throw error;
        // Thrown for --help and --version too, which are good.
        if (error.exitCode === 0) return 0;
        if (wantsJson) world.out(`${JSON.stringify(usageFault(error))}\n`);
        return 2;
      }
    },
  };
}

function usageFault(error: CommanderError): object {
  const message = describeFault(error)
    .replace(/^error: /, '')
    .replaceAll('\n', ' ');
  return { command: null, ok: false, error: { code: 'wrong_use', message } };
}

/** `scenario run`, without the program's own name. */
function nameOf(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at?.parent; at = at.parent) names.unshift(at.name());
  return names.join(' ');
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
