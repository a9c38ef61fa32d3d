// What the commands may touch of the process, handed in so that a test can stand around them.

import { createInterface } from 'node:readline/promises';
import { cliError } from './cli-error.ts';
import { type Paint, plainPaint, terminalPaint } from './terminal/paint.ts';
import { type Progress, quietProgress, terminalProgress } from './terminal/show-progress.ts';

export interface CliWorld {
  environment: Readonly<Record<string, string | undefined>>;
  workingFolder: string;
  /** Columns to fill; 100 where the output is not a terminal. */
  columns: number;
  /** Colours for standard output, or none. */
  paint: Paint;
  /** Draws on standard error, and only on a terminal. */
  progress: Progress;
  out(text: string): void;
  err(text: string): void;
  /** All of standard input, at most `limit` bytes. @throws CodedError `wrong_use` */
  readInput(limit: number): Promise<string>;
  /** All of standard input as it comes, whatever its size. @throws CodedError `wrong_use` */
  inputChunks(): AsyncIterable<Uint8Array>;
  /** Asks a person at a terminal for a yes; true without asking where there is no terminal. */
  confirm(question: string): Promise<boolean>;
  /** Resolves when the process is asked to end (SIGINT, SIGTERM), for commands that go on till then. */
  untilStopped(): Promise<void>;
}

export function processWorld(): CliWorld {
  const { env, stdout, stderr } = process;
  const colour = stdout.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return {
    environment: env,
    workingFolder: process.cwd(),
    columns: Math.max(60, Math.min(stdout.isTTY === true ? stdout.columns || 100 : 100, 120)),
    paint: colour ? terminalPaint : plainPaint,
    progress:
      stderr.isTTY === true && env['TERM'] !== 'dumb' ? terminalProgress(stderr) : quietProgress,
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    readInput: readStandardInput,
    inputChunks: standardInput,
    confirm,
    untilStopped,
  };
}

async function confirm(question: string): Promise<boolean> {
  const { stdin: input, stderr: output } = process;
  if (input.isTTY !== true || output.isTTY !== true) return true;
  const dialogue = createInterface({ input, output });
  try {
    return /^y(es)?$/i.test((await dialogue.question(`${question} [y/N] `)).trim());
  } finally {
    dialogue.close();
  }
}

let stopped: Promise<void> | undefined;

function untilStopped(): Promise<void> {
  // Listening replaces the default, which would end the process at once: only who waits asks.
  stopped ??= new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  return stopped;
}

async function readStandardInput(limit: number): Promise<string> {
  requirePipe(
    'give the token on standard input, for example `countersign verify - --issuer URL < token.txt`.',
  );
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit)
      throw cliError('wrong_use', `Standard input is over ${limit} bytes: that is not one token.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function standardInput(): AsyncIterable<Uint8Array> {
  requirePipe('give what is to be read on standard input.');
  return process.stdin;
}

function requirePipe(advice: string): void {
  if (process.stdin.isTTY === true) throw cliError('wrong_use', `Nothing is piped in: ${advice}`);
}
