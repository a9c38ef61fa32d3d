// The command line in this process, with a world around it that a test can look at.

import { buildProgram } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { plainPaint } from '../terminal/paint.ts';
import { quietProgress } from '../terminal/show-progress.ts';

export interface CliRun {
  exitCode: number;
  out: string;
  err: string;
  /** Standard output as JSON; throws when it is not exactly one line of it. */
  json(): Record<string, unknown>;
}

export interface RunOptions {
  environment?: Record<string, string>;
  workingFolder?: string;
  input?: string;
  /** What a person at a terminal answers; without it there is no terminal. */
  confirm?: (question: string) => boolean;
  /** Ends commands that go on until they are told to stop. */
  stopped?: Promise<void>;
  /** Told of everything that is written, as it is. */
  onOut?: (text: string) => void;
}

export async function runCli(args: readonly string[], options: RunOptions = {}): Promise<CliRun> {
  let out = '';
  let err = '';
  const { environment = {}, workingFolder = '/nowhere', input, stopped } = options;
  const exitCode = await buildProgram({
    environment,
    workingFolder,
    columns: 100,
    paint: plainPaint,
    progress: quietProgress,
    out: (text) => {
      out += text;
      options.onOut?.(text);
    },
    err: (text) => {
      err += text;
    },
    readInput: async () => {
      if (input === undefined) throw cliError('wrong_use', 'Nothing is piped in.');
      return input;
    },
    async *inputChunks() {
      if (input === undefined) throw cliError('wrong_use', 'Nothing is piped in.');
      yield Buffer.from(input);
    },
    confirm: async (question) => options.confirm?.(question) ?? true,
    untilStopped: () => stopped ?? Promise.resolve(),
  }).run(args);
  return {
    exitCode,
    out,
    err,
    json: () => {
      const lines = out.split('\n').filter((line) => line !== '');
      if (lines.length !== 1) throw new Error(`Not one line of JSON: ${out}`);
      return JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    },
  };
}
