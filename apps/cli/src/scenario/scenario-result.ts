// What a scenario tells while it runs and when it ends: the lines between `scenarios/*/run.ts` and
// this command, and the result that `--json` prints.

export interface ScenarioStep {
  name: string;
  ok: boolean;
  detail: string;
  ms: number;
}

export interface ScenarioPeer {
  name: string;
  version: string;
  /** Whether this verifier took the forgery for a genuine token. */
  accepted: boolean;
  /** What it was shown and how it was configured, in a few words. */
  detail?: string;
}

/** An account in other hands, and what became of it. */
export interface ScenarioTakeover {
  who: string;
  /** 0 to 100. */
  score: number;
  level: string;
  /** allow, step_up or deny. */
  action: string;
  reasons: string[];
  detections: { code: string; sentence: string }[];
  stopped: boolean;
  /** What became of session or token, in words. */
  ended: string;
}

export interface ScenarioResult {
  scenario: string;
  peers: ScenarioPeer[];
  countersign: { refused: boolean; code: string };
  alarm: { raised: boolean; secondsToAlarm: number; kid: string; quarantined: boolean };
  /** Of scenarios about accounts instead of keys. */
  takeovers?: ScenarioTakeover[];
  steps: ScenarioStep[];
  ok: boolean;
}

/** One line of a running scenario. */
export type ScenarioLine =
  | { line: 'doing'; name: string }
  | { line: 'step'; step: ScenarioStep }
  | { line: 'result'; result: ScenarioResult };

export function parseScenarioLine(text: string): ScenarioLine | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || !('line' in parsed)) return undefined;
    if (!['doing', 'step', 'result'].includes(String(parsed.line))) return undefined;
    // The scenario is a program of this repository; its test holds it to these shapes.
    return parsed as ScenarioLine;
  } catch {
    return undefined;
  }
}
