// Runs a scenario's steps, times them and tells them. A step that does not hold ends the story,
// because what follows would be told on a false ground; the result is still complete.

import {
  NOTHING_YET,
  type Outcome,
  type ScenarioResult,
  type Step,
  type Takeover,
} from './scenario-result.ts';

/** What a step found out: a sentence for the reader and a value for the steps after it. */
export interface Found<T> {
  detail: string;
  value: T;
}

export interface Story {
  /** @throws StepFailed when the job throws; the step is told first */
  step<T>(name: string, job: () => Promise<Found<T>>): Promise<T>;
  /** Notes what is known so far, so that a story that ends early still says it. */
  note(outcome: Partial<Outcome>): void;
}

class StepFailed extends Error {}

/** Ends a step whose claim does not hold. */
export function claim(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}

export async function tellStory(
  scenario: string,
  plot: (story: Story) => Promise<void>,
  write: (line: string) => void,
): Promise<ScenarioResult> {
  const steps: Step[] = [];
  let outcome = NOTHING_YET;
  const say = (line: object): void => write(`${JSON.stringify(line)}\n`);
  const story: Story = {
    note: (more) => {
      outcome = { ...outcome, ...more };
    },
    step: async (name, job) => {
      say({ line: 'doing', name });
      const startedMs = performance.now();
      const tell = (ok: boolean, detail: string): void => {
        const step = { name, ok, detail, ms: Math.round(performance.now() - startedMs) };
        steps.push(step);
        say({ line: 'step', step });
      };
      try {
        const { detail, value } = await job();
        tell(true, detail);
        return value;
      } catch (error) {
        tell(false, error instanceof Error ? error.message : String(error));
        throw new StepFailed(name, { cause: error });
      }
    },
  };
  try {
    await plot(story);
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
  }
  const ok = steps.length > 0 && steps.every((step) => step.ok) && holds(outcome);
  const result = { scenario, ...outcome, steps, ok };
  say({ line: 'result', result });
  return result;
}

/** The claim every scenario makes: the forgery passes elsewhere, fails here and is noticed. */
function holds({ peers, countersign, alarm, takeovers }: Outcome): boolean {
  if (takeovers !== undefined) return takeovers.length > 0 && takeovers.every(isNoticed);
  return (
    peers.length > 0 &&
    peers.every(({ accepted }) => accepted) &&
    countersign.refused &&
    alarm.raised &&
    alarm.quarantined
  );
}

/** Of accounts instead of keys: each is scored, explained, and kept from what it was taken for. */
function isNoticed({ level, reasons, action, stopped }: Takeover): boolean {
  const limited = action === 'allow' && level === 'medium';
  return level !== 'low' && reasons.length > 0 && (stopped || limited);
}
