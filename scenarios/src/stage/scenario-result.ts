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

/** An account in other hands, and what became of it. */
export interface Takeover {
  who: 'customer' | 'employee' | 'partner' | 'machine';
  /** 0 to 100; 50: one legitimate act in a hundred looks this odd. */
  score: number;
  level: 'low' | 'medium' | 'high';
  /** What the policy said: allow, step_up or deny. */
  action: string;
  reasons: string[];
  detections: { code: string; sentence: string }[];
  /** Whether the thief was kept from what they wanted. */
  stopped: boolean;
  /** What became of the session or token, in words. */
  ended: string;
}

export interface Outcome {
  peers: PeerResult[];
  countersign: { refused: boolean; code: string };
  alarm: { raised: boolean; secondsToAlarm: number; kid: string; quarantined: boolean };
  /** Of scenarios about accounts instead of keys. */
  takeovers?: Takeover[];
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
