// Turns the reconciler and those beside it over about once a second, sooner when uses came in; what
// fails in a turn is logged and made up for by the next.

const TICK_MS = 1000;
/** After a nudge: long enough to judge a burst of reports together. */
const NUDGE_MS = 50;

export interface RunningReconciler {
  /** Uses came in: judge them soon. */
  nudge(): void;
  /** Resolves when the turn that is under way has ended. */
  stop(): Promise<void>;
}

/** @param jobs done side by side in each turn; one that fails neither ends the turn nor hides another */
export function runReconciler(
  jobs: readonly (() => Promise<unknown>)[],
  onFailure: (error: unknown) => void,
): RunningReconciler {
  let timer: NodeJS.Timeout | undefined;
  let dueMs = Number.POSITIVE_INFINITY;
  let turn: Promise<void> = Promise.resolve();
  let stopped = false;
  /** Never puts a turn off: whoever nudges without end must not be able to keep it from coming. */
  const schedule = (afterMs: number): void => {
    const wantedMs = performance.now() + afterMs;
    if (stopped || wantedMs >= dueMs) return;
    clearTimeout(timer);
    dueMs = wantedMs;
    timer = setTimeout(() => {
      turn = takeTurn();
    }, afterMs);
    timer.unref();
  };
  const takeTurn = async (): Promise<void> => {
    const outcomes = await Promise.allSettled(jobs.map((job) => job()));
    for (const outcome of outcomes) if (outcome.status === 'rejected') onFailure(outcome.reason);
    dueMs = Number.POSITIVE_INFINITY;
    schedule(TICK_MS);
  };
  schedule(TICK_MS);
  return {
    nudge: () => schedule(NUDGE_MS),
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await turn;
    },
  };
}
