// `countersign risk simulate-policy`: what a policy would have done about sign-ins that are over: of a
// server, or of the files of any log, judged on this machine.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  DETECTOR_CODES,
  type PastAct,
  type PolicySimulation,
  parsePolicy,
  type RiskPolicy,
  simulatePolicy,
} from '@countersign/risk';
import { POPULATIONS, parseRealmId } from '@countersign/vocabulary';
import type { Command } from 'commander';
import type { Answer } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { fetchJson, parseBaseUrl } from '../http/fetch-json.ts';
import { readOperatorToken } from '../http/operator-token.ts';
import { isObject } from '../http/read-member.ts';
import { addOperatorOptions, serverUrl } from '../http/server-option.ts';
import type { CliWorld } from '../world.ts';
import { readerOptions, type ScoreOptions } from './add-score-command.ts';
import { drawSimulation } from './draw-simulation.ts';
import { openEngine } from './open-engine.ts';
import { readAttempts } from './read-attempts.ts';
import { Replay, type ReplayedAttempt } from './replay-attempts.ts';

const EXAMPLES = `
Examples:
  $ countersign risk simulate-policy --policy strict.json --since 7d --tenant acme
  $ countersign risk simulate-policy --policy strict.json okta-sign-ins.json --passkeys all

A policy is JSON: GET /api/v1/risk/policy shows the one in force, docs/risk.md what may stand in it. A log does
not say who has a passkey: --passkeys all or none. Exit code 1 means that somebody would never have got in.`;

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
    .option('--tenant <name>', 'of a server: whose')
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
  const policy = readPolicy(world, options.policy);
  if (!['all', 'none'].includes(options.passkeys)) {
    throw cliError('wrong_use', '--passkeys: all or none.');
  }
  const { engine, networks } = openEngine(world, options.model);
  const read = await readAttempts(world, { paths, ...readerOptions(options) });
  const last = read.attempts.at(-1)?.timeMs ?? 0;
  const sinceMs = options.since === undefined ? 0 : last - spanOf(options.since);
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
  const policy = readPolicy(world, options.policy);
  const server = parseBaseUrl(serverUrl(world, options), '--server');
  const credential = readOperatorToken(world, options.tokenFile);
  world.progress.say(`asking ${server.host}`);
  const { body } = await fetchJson(new URL('/api/v1/risk/simulations', server), {
    ...{ credential, reason: options.reason },
    body: {
      ...{ tenant: options.tenant ?? 'acme', policy },
      sinceMs: Date.now() - spanOf(options.since ?? '7d'),
    },
  });
  const simulation = isObject(body) ? body['simulation'] : undefined;
  if (!isObject(simulation) || !isObject(simulation['people']) || !isObject(simulation['total'])) {
    throw cliError('answer_malformed', 'The server’s answer has no simulation.');
  }
  return answerOf(simulation as unknown as PolicySimulation, { server: server.origin });
}

function answerOf(simulation: PolicySimulation, more: object): Answer {
  const ok = simulation.people.neverIn === 0;
  return {
    ok,
    json: { command: 'risk simulate-policy', ok, simulation, ...more },
    lines: (page) => drawSimulation(simulation, page),
  };
}

/** @throws CodedError `wrong_use`, `file_unreadable` */
function readPolicy(world: CliWorld, file: string): RiskPolicy {
  const path = resolve(world.workingFolder, file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw cliError('file_unreadable', `${path} cannot be read.`, error);
  }
  try {
    return parsePolicy(JSON.parse(text), { detections: DETECTOR_CODES });
  } catch (error) {
    const why = error instanceof Error ? error.message : 'not understood';
    throw cliError('wrong_use', `${path}: ${why}`, error);
  }
}

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, d: 86_400_000 };

function spanOf(text: string): number {
  const [, count = '', unit = ''] = /^(\d{1,4})([hd])$/.exec(text) ?? [];
  const ms = UNITS[unit];
  if (ms !== undefined) return Number(count) * ms;
  throw cliError('wrong_use', `--since: "${text}" is no span: give 12h or 7d.`);
}
