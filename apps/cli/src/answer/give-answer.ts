// Runs one command and prints its answer, in the form that was asked for. The one place where a
// refusal becomes words and an exit code.

import { isCodedError } from '@countersign/vocabulary';
import { exitCodeOf } from '../cli-error.ts';
import { printable } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';
import type { Answer } from './answer.ts';

/** @returns the exit code: 0 good, 1 the thing checked is bad, 2 wrong use. */
export async function giveAnswer(
  world: CliWorld,
  command: string,
  wantsJson: boolean,
  job: () => Promise<Answer>,
): Promise<0 | 1 | 2> {
  try {
    const answer = await job();
    world.progress.clear();
    if (wantsJson) world.out(`${JSON.stringify(answer.json)}\n`);
    else world.out(`${answer.lines({ paint: world.paint, columns: world.columns }).join('\n')}\n`);
    return answer.ok ? 0 : 1;
  } catch (error) {
    world.progress.clear();
    // A bug of ours is for the developer to see whole; a refusal is for the user to act on.
    if (!isCodedError(error)) throw error;
    if (wantsJson)
      world.out(
        `${JSON.stringify({ command, ok: false, error: { code: error.code, message: error.message } })}\n`,
      );
    else world.err(`${world.paint.bad('countersign:')} ${printable(error.message)}\n`);
    return exitCodeOf(error);
  }
}
