// `countersign risk simulate-policy`: what a policy would have done about sign-ins that are over: of a
// server, or of the files of any log, judged on this machine.

import { type PastAct, type PolicySimulation, simulatePolicy } from '@countersign/risk';
import { POPULATIONS, parseRealmId } from '@countersign/vocabulary';
import type { Command } from 'commander';
import type { Answer } from '../answer/answer.ts';
import { openReading } from '../audit/search/open-reading.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { addOperatorOptions } from '../http/server-option.ts';
import type { CliWorld } from '../world.ts';
import { readerOptions, type ScoreOptions } from './add-score-command.ts';
import { askSimulation } from './ask-simulation.ts';
import { drawSimulation } from './draw-simulation.ts';
import { openEngine } from './open-engine.ts';
import { readAttempts } from './read-attempts.ts';
import { spanFrom } from './read-moment.ts';
import { readPolicyFile } from './read-policy-file.ts';
import { Replay, type ReplayedAttempt } from './replay-attempts.ts';

const EXAMPLES = `
Examples:
  $ countersign risk simulate-policy --policy strict.json --since 7d --tenant acme
  $ countersign risk simulate-policy --policy strict.json okta-sign-ins.json --passkeys all

A policy is JSON: "countersign risk policy show --out FILE" gives the one in force, docs/risk.md says what may
stand in it. A log does not say who has a passkey: --passkeys all or none. Exit code 1 means that somebody would
never have got in.`;

interface SimulateOptions extends Omit<ScoreOptions, 'limit'> {
  policy: string;
  since?: string;
  passkeys: string;
}

export function addSimulatePolicyCommand(
  risk: Command,
  world: CliWorld,
  answering: Answering,
): void {
  const command = risk
    .command('simulate-policy [files...]')
    .description('what a policy would have done: allowed, asked, denied, and whom')
    .requiredOption('--policy <file>', 'the policy to try (JSON)')
    .option('--since <span>', 'how far back, as 12h or 7d (default: 7d; of files: all)')
    .option('--population <name>', `who signs in: ${POPULATIONS.join(', ')}`, 'workforce')
    .option('--source <name>', 'what to take records for that nothing recognises')
    .option('--model <file>', 'a model in the place of the one that comes with it')
    .option('--passkeys <who>', 'of files: who has one, all or none', 'none')
    .option('--tenant <name>', 'of a server: whose; a tenant’s own credential need not say')
    .option('--reason <text>', 'of a server: why', 'countersign risk simulate-policy')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(async (files: string[], options: SimulateOptions) =>
    answering(command, () =>
      files.length === 0 ? simulateOnServer(world, options) : simulateFiles(world, files, options),
    ),
  );
}

async function simulateFiles(
  world: CliWorld,
  paths: readonly string[],
  options: SimulateOptions,
): Promise<Answer> {
  const policy = readPolicyFile(world, options.policy);
  if (!['all', 'none'].includes(options.passkeys)) {
    throw cliError('wrong_use', '--passkeys: all or none.');
  }
  const { engine, networks } = openEngine(world, options.model);
  const read = await readAttempts(world, { paths, ...readerOptions(options) });
  const last = read.attempts.at(-1)?.timeMs ?? 0;
  const sinceMs = options.since === undefined ? 0 : last - spanFrom(options.since, '--since');
  const replay = new Replay({ engine, networks, hasPasskeys: options.passkeys === 'all' });
  const acts = function* (): Generator<PastAct> {
    for (const [index, attempt] of read.attempts.entries()) {
      if (index % EACH === 0) world.progress.count('judging', index, read.attempts.length);
      const judged = replay.next(attempt);
      if (judged !== undefined && attempt.timeMs >= sinceMs) yield pastOf(judged);
    }
  };
  const simulation = simulatePolicy(policy, acts());
  return answerOf(simulation, {
    ...{ model: engine.model?.id ?? 'none', degraded: engine.degraded },
    ...{ read: read.tally, others: read.others },
  });
}

const EACH = 500;

function pastOf({ attempt, assessment, facts, action }: ReplayedAttempt): PastAct {
  const { id, timeMs, subject, realm } = attempt;
  return {
    ...{ id, timeMs, view: assessment, facts, done: action },
    ...(subject === undefined ? {} : { subject: `${parseRealmId(realm).population}/${subject}` }),
  };
}

async function simulateOnServer(world: CliWorld, options: SimulateOptions): Promise<Answer> {
  const policy = readPolicyFile(world, options.policy);
  const reading = openReading(world, options);
  const simulation = await askSimulation(reading, { ...options, policy });
  return answerOf(simulation, { server: reading.server.origin });
}

function answerOf(simulation: PolicySimulation, more: object): Answer {
  const ok = simulation.people.neverIn === 0;
  return {
    ok,
    json: { command: 'risk simulate-policy', ok, simulation, ...more },
    lines: (page) => drawSimulation(simulation, page),
  };
}
