// Runs a scenario as a process of its own and listens to its lines. The scenario starts real
// servers and cleans up after itself, so it is asked to end, never killed, when we are asked to.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { cliError } from '../cli-error.ts';
import type { CliWorld } from '../world.ts';
import type { Scenario } from './list-scenarios.ts';
import { parseScenarioLine, type ScenarioResult, type ScenarioStep } from './scenario-result.ts';

export interface ScenarioListener {
  doing(name: string): void;
  done(step: ScenarioStep): void;
}

const LONGEST_COMPLAINT = 4000;

/** @throws CodedError `scenario_failed` when it ends without a result */
export async function runScenario(
  scenario: Scenario,
  world: CliWorld,
  listener: ScenarioListener,
): Promise<ScenarioResult> {
  const child = spawn(process.execPath, [scenario.script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...world.environment },
  });
  let interrupted = false;
  const pass = (signal: NodeJS.Signals): void => {
    interrupted = true;
    child.kill(signal);
  };
  process.on('SIGINT', pass).on('SIGTERM', pass);
  let result: ScenarioResult | undefined;
  let complaint = '';
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = parseScenarioLine(text);
    if (line?.line === 'doing') listener.doing(line.name);
    else if (line?.line === 'step') listener.done(line.step);
    else if (line?.line === 'result') result = line.result;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-LONGEST_COMPLAINT);
  });
  try {
    const end = await ending(child);
    if (result !== undefined) return result;
    if (interrupted) throw cliError('scenario_failed', 'The scenario was interrupted.');
    throw cliError(
      'scenario_failed',
      `The scenario ended (${end}) before it had a result.\n${complaint}`.trim(),
    );
  } finally {
    process.off('SIGINT', pass).off('SIGTERM', pass);
  }
}

function ending(child: ReturnType<typeof spawn>): Promise<string> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    // `close`, not `exit`: the last lines may still be in the pipe when the process is gone.
    child.on('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
}
