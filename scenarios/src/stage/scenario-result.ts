// What a scenario says: one JSON line when a step begins, one when it ends, and the result at the
// end. `countersign scenario run` reads the lines and draws them.

export interface Step {
  name: string;
  ok: boolean;
  detail: string;
  ms: number;
}

export interface PeerResult {
  name: string;
  version: string;
  /** Whether the peer took every forgery it was shown for a genuine token. */
  accepted: boolean;
  /** What it was shown, in a few words; the peer's own words where it refused. */
  detail: string;
}

export interface Outcome {
  peers: PeerResult[];
  countersign: { refused: boolean; code: string };
  alarm: { raised: boolean; secondsToAlarm: number; kid: string; quarantined: boolean };
}

export interface ScenarioResult extends Outcome {
  scenario: string;
  steps: Step[];
  ok: boolean;
}

export const NOTHING_YET: Outcome = {
  peers: [],
  countersign: { refused: false, code: '' },
  alarm: { raised: false, secondsToAlarm: -1, kid: '', quarantined: false },
};
