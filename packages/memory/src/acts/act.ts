// One act as it is kept: enough to fold it again after a crash, to explain it, and to settle or comment
// on it later. JSON; numbers of any size survive it.

import type {
  Assessment,
  DecisionFacts,
  FeedbackEffect,
  RiskInput,
  TeachingVerdict,
} from '@countersign/risk';
import type { RealmId, RiskDecision } from '@countersign/vocabulary';

/**
 * `judged`: an attempt and what was made of it. `failed`: one whose credential was wrong. `settled`: what
 * became of a judged one. `feedback`: what somebody says it was.
 */
export type ActKind = 'judged' | 'failed' | 'settled' | 'feedback';

/** By index of ATTRIBUTES: the same under the tenant's previous key; 0 where there is none. */
export type Aliases = readonly number[];

export interface Act {
  /** Unique: an act that is written twice is refused the second time. */
  id: string;
  kind: ActKind;
  realm: RealmId;
  /** The person, device or client whose profile it is folded into. */
  subject?: string;
  client?: string;
  session?: string;
  timeMs: number;
  input: RiskInput;
  aliases?: Aliases;
  assessment?: Assessment;
  /** What it may teach, decided when it was written: folding again decides nothing. */
  verdict?: TeachingVerdict;
  action?: RiskDecision['action'];
  limit?: RiskDecision['limit'];
  /** What the policy knew beside the assessment: asked again when another policy is tried. */
  facts?: DecisionFacts;
  /** Of `settled` and `feedback`: the assessment it is about. */
  about?: string;
  /** Of `feedback`: what follows of it, decided when it was written. */
  effect?: FeedbackEffect;
  /** Of `settled` and `feedback`: how it ended, or what was said. */
  word?: string;
}

export interface KeptAct extends Act {
  sequence: number;
}

type Plain<T> = T extends Float64Array ? number[] : T;
type PlainInput = { [Member in keyof RiskInput]: Plain<RiskInput[Member]> };

interface Body {
  input: PlainInput;
  aliases?: Aliases;
  assessment?: Assessment;
  verdict?: TeachingVerdict;
  limit?: RiskDecision['limit'];
  facts?: DecisionFacts;
  effect?: FeedbackEffect;
  word?: string;
}

export function encodeBody(act: Act): string {
  const { input, aliases, assessment, verdict, limit, facts, effect, word } = act;
  const { session } = input;
  const plain = {
    ...input,
    values: Array.from(input.values),
    ...(session === undefined
      ? {}
      : { session: { ...session, values: Array.from(session.values) } }),
  };
  return JSON.stringify({
    ...{ input: plain, aliases, assessment, verdict },
    ...{ limit, facts, effect, word },
  });
}

export function decodeBody(text: string): Omit<Body, 'input'> & { input: RiskInput } {
  const body = JSON.parse(text) as Body;
  const input = body.input as unknown as RiskInput;
  input.values = Float64Array.from(body.input.values);
  if (input.session !== undefined) {
    input.session = { ...input.session, values: Float64Array.from(input.session.values) };
  }
  return { ...body, input };
}
