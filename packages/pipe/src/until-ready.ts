// A remote door opens only in front of a child that answers: until then callers are better off without.

/** What is started again by itself when it ends. */
export interface StartingChild {
  /** Starts so far. */
  readonly starts: number;
  /** What it said last, for a person. */
  readonly lastWords: string;
  stop(): Promise<void>;
}

const START_MS = 20_000;
const POLL_MS = 50;
/** Exits before the first answer; several, because a predecessor may still hold the folder. */
const MOST_STARTS = 4;

/**
 * Waits at most 20 s and four starts, then stops the child.
 * @param name for the message: `signer`
 * @throws Error with the last words of the child
 */
export async function untilReady<Answer>(
  name: string,
  child: StartingChild,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  for (const startedMs = performance.now(); ; ) {
    try {
      return await ask();
    } catch (error) {
      const late = performance.now() - startedMs > START_MS;
      if (late || child.starts > MOST_STARTS) {
        await child.stop();
        throw new Error(`The confined ${name} does not start: ${child.lastWords}`, {
          cause: error,
        });
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}
