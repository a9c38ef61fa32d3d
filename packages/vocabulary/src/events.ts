// What happened, in our own words. The audit room turns these into OCSF 1.8 events; no other room
// knows OCSF. A name, once released, keeps its meaning.

import type { RealmId } from './realm.ts';

export type EventName =
  | 'token.issued'
  | 'token.refreshed'
  | 'token.exchanged'
  | 'token.verified'
  | 'token.refused'
  | 'token.revoked'
  | 'token.abandoned'
  | 'token.forged'
  | 'token.replayed'
  | 'token.stolen'
  | 'token.laundered'
  | 'token.unissued'
  | 'token.interrupted'
  | 'session.started'
  | 'session.ended'
  | 'session.refused'
  | 'key.created'
  | 'key.published'
  | 'key.activated'
  | 'key.retired'
  | 'key.revoked'
  | 'key.used'
  | 'key.quarantined'
  | 'key.rogue'
  | 'key.retiring'
  | 'key.rotated'
  | 'key.pause_proposed'
  | 'key.paused'
  | 'key.pause_ended'
  | 'key.age_alarm'
  | 'key.rotator_silent'
  | 'key.disagreement'
  | 'key.tripwire'
  | 'key.tally_differs'
  | 'key.access'
  | 'key.drilled'
  | 'key.compromised'
  | 'dump.released'
  | 'dump.blocked'
  | 'operator.created'
  | 'tag_key.read'
  | 'log.forked'
  | 'log.stale'
  | 'log.unwitnessed'
  | 'grant.revoked';

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
  /** Closed code of a refusal or the class of a finding. */
  reason?: string;
  /** One sentence for a person. */
  message?: string;
  /** The verifier that reported a use: name and version. */
  verifier?: { name: string; version: string };
  /** The event that led to this one, by uid: makes reactions idempotent. */
  causedBy?: string;
  /** Small extra facts, no secrets, at most 4 KiB as JSON. */
  extra?: Record<string, string | number | boolean | null>;
}
