// A program of ours as a process of its own, up to the first line it says, and its sudden end.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface StartedProgram {
  process: ChildProcess;
  /** What it said first. */
  line: string;
}

/** @throws Error when it ends without a word */
export async function startUntilLine(args: readonly string[]): Promise<StartedProgram> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = once(createInterface({ input: child.stdout }), 'line');
  const [line] = (await Promise.race([said, once(child, 'exit')])) as unknown[];
  if (typeof line !== 'string') throw new Error(`${args[0]} did not start`);
  return { process: child, line };
}

/** SIGKILL; resolves when it is gone, at once when it was already. */
export async function killProgram(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
