// A command as the security team types it: in its own folder, with its own credential, as a process.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { compiledSources } from './compiled-sources.ts';

const CLI = join(import.meta.dirname, '../../../apps/cli/bin/countersign.js');

export interface Typed {
  exitCode: number | null;
  json: Record<string, unknown>;
  /** What stood on the terminal when there was no answer. */
  complaint: string;
}

/** @throws Error when what is printed is not one JSON object */
export async function typeCommand(
  { desk, url }: { desk: string; url: string },
  words: readonly string[],
): Promise<Typed> {
  const environment = {
    ...compiledSources(),
    PATH: process.env['PATH'],
    COUNTERSIGN_URL: url,
    COUNTERSIGN_TOKEN_FILE: join(desk, 'reader-token'),
  };
  const child = spawn(process.execPath, [CLI, ...words, '--json'], {
    ...{ cwd: desk, env: environment, stdio: ['ignore', 'pipe', 'pipe'] },
  });
  let out = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  try {
    return { exitCode, json: JSON.parse(out) as Record<string, unknown>, complaint };
  } catch (error) {
    const said = `${out}${complaint}`.slice(0, 500);
    throw new Error(`countersign ${words.join(' ')} ended with ${exitCode}: ${said}`, {
      cause: error,
    });
  }
}
