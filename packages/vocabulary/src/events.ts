// What happened, in our own words. The audit room turns these into OCSF 1.8 events; no other room
// knows OCSF. A name, once released, keeps its meaning.

import type { RiskDecision, RiskLevel, SaidReason } from './attempt.ts';
import type { EventName } from './event-names.ts';
import type { RealmId } from './realm.ts';

export type Severity = 'info' | 'low' | 'medium' | 'high' | 'critical';

/** Facts about a token; the token itself is never here. */
export interface TokenFacts {
  /** Lower-case hex SHA-256 of the compact token, as the bearer shows it. */
  tokenHash?: string;
  /** Lower-case hex SHA-256 of `jti`. */
  jtiHash?: string;
  kind: 'access' | 'id' | 'refresh' | 'logout' | 'other';
  issuer?: string;
  audience?: string[];
  subject?: string;
  kid?: string;
  alg?: string;
  typ?: string;
  issuedAtSeconds?: number;
  expiresAtSeconds?: number;
  /** JWK thumbprint (RFC 7638) the token is bound to. */
  confirmationThumbprint?: string;
  rootAuthId?: string;
  parentJtiHash?: string;
  /** Lower-case hex hash of the leaf (RFC 9162 §2.1.1): what the log holds at `logIndex`. */
  leafHash?: string;
  /** Position in the transparency log. */
  logIndex?: number;
  /** Origin of that log, where it is known. */
  logOrigin?: string;
  /** Position in the signer's journal. */
  journalNumber?: number;
  /** Name of that signer, where there are several. */
  signer?: string;
  scope?: string;
}

/** Where a request came from, as the socket says; no header is trusted unless a proxy is configured. */
export interface RequestFacts {
  ip?: string;
  userAgent?: string;
}

/** Who acts, where that is not the person or client the event is about. */
export interface ActorFacts {
  kind: 'operator' | 'reader' | 'person' | 'client' | 'verifier' | 'system';
  id: string;
  /** Why, in the words of whoever acts: staff must give one to read what is a tenant's. */
  reason?: string;
}

/** What something was done to. */
export interface ItemFacts {
  /** Of `data.accessed`: mail, folder, file, site, object, row, secret, other. Else what the entity is. */
  kind: string;
  id: string;
  name?: string;
  /** What holds it: the mailbox of a mail, the folder or site of a file. */
  in?: string;
}

/** How odd something was, and why: of one attempt, or of a person, device or workload as a whole. */
export interface RiskFacts {
  /** Id of the assessment. */
  assessment?: string;
  /** 0 to 100: 50 means one legitimate act in a hundred looks this odd. */
  score: number;
  level: RiskLevel;
  /** Whether it could be judged in full: `learning` without a history, `degraded` without a part. */
  state?: 'scored' | 'learning' | 'degraded';
  /** What was missing when it was judged: closed codes. */
  degraded?: string[];
  action?: RiskDecision['action'];
  /** Id and version of the model; `none` without one. */
  model?: string;
  /** By head of the engine: the share of legitimate acts that look at least this odd, (0, 1]. */
  tails?: Record<string, number>;
  /** Codes of the detections that fired. */
  detections?: string[];
  /** At most three, the weightiest first. */
  reasons?: SaidReason[];
  /** What would have to be otherwise for a lower level, as a sentence. */
  counterfactual?: string;
}

export type ExtraFacts = Record<string, string | number | boolean | null>;

export interface CountersignEvent {
  name: EventName;
  /** Milliseconds since the Unix epoch, at the source. */
  timeMs: number;
  /** Absent only for events that belong to the installation or to a whole tenant. */
  realm?: RealmId;
  /** Whose event it is when it is of a tenant and of none of its realms. */
  tenant?: string;
  severity?: Severity;
  clientId?: string;
  subject?: string;
  sessionId?: string;
  token?: TokenFacts;
  request?: RequestFacts;
  actor?: ActorFacts;
  item?: ItemFacts;
  /** What was done, a word of the list EVENTS.md gives for this event: picks the OCSF activity. */
  operation?: string;
  risk?: RiskFacts;
  /** How many records, items or uses this one event stands for. */
  count?: number;
  /** What was changed, as it was and as it is; no secrets, at most 4 KiB each as JSON. */
  change?: { before?: ExtraFacts; after?: ExtraFacts };
  /** Closed code of a refusal or the class of a finding. */
  reason?: string;
  /** One sentence for a person. */
  message?: string;
  /** The verifier that reported a use: name and version. */
  verifier?: { name: string; version: string };
  /** The event that led to this one, by uid: makes reactions idempotent. */
  causedBy?: string;
  /** Small extra facts, no secrets, at most 4 KiB as JSON. */
  extra?: ExtraFacts;
}
