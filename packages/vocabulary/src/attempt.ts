// One act that is judged: a sign-in, a step-up, a refresh, the issuing or the use of a token. Whoever
// sees the act says what was observed; nobody has looked anything up yet, and none of it is trusted.

import type { RealmId } from './realm.ts';

export type AttemptKind = 'sign_in' | 'step_up' | 'refresh' | 'token' | 'use';

/** Who acts. A workload acts for itself, an agent on behalf of a person. */
export type SubjectKind = 'person' | 'device' | 'workload' | 'agent';

export type AttemptFailure =
  | 'wrong_password'
  | 'unknown_account'
  | 'too_many_attempts'
  | 'factor_denied'
  | 'factor_failed'
  | 'refused'
  | 'other';

/** What a request shows of who sent it. Every member may be missing, wrong or made up. */
export interface RequestSurroundings {
  /** As the socket says, or a proxy that is trusted. */
  ip?: string;
  userAgent?: string;
  /** Client hints (`sec-ch-ua…`), by lower-case header name. */
  hints?: Record<string, string>;
  /** `accept-language`. */
  language?: string;
  /** JA4 fingerprint of the TLS handshake, only from a proxy that is trusted. */
  ja4?: string;
  /** TLS version and cipher, only from the own socket or a proxy that is trusted: `TLSv1.3 …`. */
  tls?: string;
  /** JWK thumbprint of the DPoP key (RFC 7638), proved in this request. */
  dpopThumbprint?: string;
  /** Id of the passkey or device key that was proved in this request. */
  deviceKey?: string;
}

export interface Attempt {
  /** Unique: judging and learning the same attempt twice changes nothing. */
  id: string;
  kind: AttemptKind;
  /** Milliseconds since the Unix epoch. */
  timeMs: number;
  realm: RealmId;
  subjectKind: SubjectKind;
  /** Id of the person or client. Absent when the name that was given is nobody's. */
  subject?: string;
  /** The application, or the client itself when it acts for itself. */
  clientId?: string;
  sessionId?: string;
  rootAuthId?: string;
  /** Id of the assessment of the sign-in that it descends from, where that is known. */
  signIn?: string;
  /** Lower-case hex SHA-256 of the compact token, of a use. */
  tokenHash?: string;
  audience?: string;
  scope?: string;
  /** Whether the credential was right, before risk was asked. */
  outcome: 'success' | 'failure';
  failure?: AttemptFailure;
  /** What was proved, as RFC 8176 names it: `pwd`, `hwk`, `user`, … */
  methods?: string[];
  surroundings: RequestSurroundings;
}

export type RiskLevel = 'low' | 'medium' | 'high';

export interface SaidReason {
  /** Stable: `country_unusual`, `password_spray`, … */
  code: string;
  /** One plain sentence: "Country: usually NO, now LV." */
  sentence: string;
}

/** What is to be done about an attempt, and why. */
export interface RiskDecision {
  /** Id of the assessment on record. */
  assessment: string;
  action: 'allow' | 'step_up' | 'deny';
  /** Tokens are shorter-lived or narrower than asked for; only with `allow` or a passed step-up. */
  limit?: { accessTokenSeconds?: number; withoutScopes?: string[] };
  /** 0 to 100: 50 means one legitimate sign-in in a hundred looks this odd. */
  score: number;
  level: RiskLevel;
  /** At most three, the weightiest first. */
  reasons: SaidReason[];
}
