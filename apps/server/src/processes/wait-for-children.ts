// The first seconds of signer and notary: until both answered once, an exit is fatal and its last
// words are the reason; afterwards an exit is an incident and the supervisor restarts the child.

import { CodedError } from '@countersign/vocabulary';
import type { Logger } from 'pino';
import type { ChildLog } from './start-children.ts';

const POLL_MS = 20;
const START_MS = 20_000;
/** Exits before the first answer; more than one, because a predecessor may still hold the lock. */
const MOST_EXITS = 8;

export interface ChildWatch {
  log: ChildLog;
  /** @throws CodedError `child_failed` with what the child said last */
  ready(children: { ready(): Promise<void> }[]): Promise<void>;
}

export function waitForChildren(log: Logger): ChildWatch {
  const lastWords = new Map<string, string>();
  const exits = new Map<string, number>();
  let started = false;
  const failed = (): CodedError | undefined => {
    for (const [child, count] of exits) {
      if (count < MOST_EXITS) continue;
      return new CodedError(
        'child_failed',
        `The ${child} does not start: ${lastWords.get(child) ?? 'it said nothing.'}`,
      );
    }
    return undefined;
  };
  const untilReady = async (child: { ready(): Promise<void> }): Promise<void> => {
    for (const startedMs = performance.now(); ; ) {
      try {
        await child.ready();
        return;
      } catch (error) {
        const reason = failed();
        if (reason !== undefined) throw reason;
        if (performance.now() - startedMs > START_MS) throw error;
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    }
  };
  return {
    log: {
      line: (child, text) => {
        lastWords.set(child, text);
        log.warn({ child }, text);
      },
      exit: (child, code, signal) => {
        exits.set(child, (exits.get(child) ?? 0) + 1);
        if (started)
          log.error({ child, code, signal }, `the ${child} ended and is being restarted`);
      },
    },
    ready: async (children) => {
      await Promise.all(children.map(untilReady));
      started = true;
    },
  };
}
