// The signer's last words: a code, our own sentence if there is one, and where it happened. Never
// another's message, which may quote what it was given.

import { isCodedError } from '@countersign/vocabulary';

/** After sysexits(3), so that whoever supervises can tell them apart. */
export const EXIT = { usage: 64, software: 70, disk: 74, config: 78 } as const;
const FRAMES = 5;

export function leave(exitCode: number, error: unknown): never {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unexpected';
  const sentence = isCodedError(error) ? error.message : 'the signer stops';
  process.stderr.write(`${code}: ${sentence}\n`);
  if (error instanceof Error && !isCodedError(error)) {
    const frames = error.stack?.match(/^ {4}at .*$/gm) ?? [];
    for (const frame of frames.slice(0, FRAMES)) process.stderr.write(`${frame}\n`);
  }
  process.exit(exitCode);
}
