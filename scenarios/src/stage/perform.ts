// Runs one scenario as a process: lines on standard output, exit code 0 only if all of it holds,
// and everything that was opened closed again, also when somebody presses Ctrl-C.

import { type Story, tellStory } from './tell-story.ts';

/** What a plot opens it hands here, to be closed at the end in reverse order. */
export interface Stage extends Story {
  closing: AsyncDisposableStack;
}

export async function perform(
  scenario: string,
  plot: (stage: Stage) => Promise<void>,
): Promise<void> {
  const closing = new AsyncDisposableStack();
  const interrupt = (): void => {
    void closing.disposeAsync().finally(() => process.exit(130));
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const write = (line: string): void => void process.stdout.write(line);
  try {
    const result = await tellStory(scenario, (story) => plot({ ...story, closing }), write);
    process.exitCode = result.ok ? 0 : 1;
  } finally {
    await closing.disposeAsync();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

/** Steps at the same time: one that fails must not end the story while the other is still being told. */
export async function bothOf(steps: Promise<void>[]): Promise<void> {
  const ended = await Promise.allSettled(steps);
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
}
