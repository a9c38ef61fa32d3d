// Which OCSF class and activity each of our events becomes. Source: OCSF 1.8.0, classes 2004, 3002,
// 3004, 6003; activity 99 carries our own activity name. Versioned: 1.9 adds classes that fit better.

import type { EventName, Severity } from '@countersign/vocabulary';

export const OCSF_VERSION = '1.8.0';

export type OcsfClass = 2004 | 3002 | 3004 | 6003;

export interface EventClass {
  classUid: OcsfClass;
  activityId: number;
  activityName: string;
  /** When the event itself names none. */
  severity: Severity;
  /** True when the event reports that something was refused or went wrong. */
  failure?: boolean;
  /** One sentence for a person, used when the event brings none. */
  message: string;
}

export const eventClasses: Readonly<Record<EventName, EventClass>> = {
  'token.issued': ticket(3, 'Token issued', 'A token was issued.'),
  'token.exchanged': ticket(4, 'Token exchanged', 'A token was issued in exchange for another.'),
  'token.refreshed': ticket(5, 'Token refreshed', 'A token was issued from a refresh token.'),
  'token.verified': {
    classUid: 6003,
    activityId: 99,
    activityName: 'Token verified',
    severity: 'info',
    message: 'A verifier accepted a token.',
  },
  'token.refused': {
    ...ticket(99, 'Token refused', 'A token was refused.'),
    severity: 'low',
    failure: true,
  },
  'token.revoked': ticket(99, 'Token revoked', 'A token was revoked before its end.'),
  'token.abandoned': {
    ...ticket(99, 'Token abandoned', 'A token was logged but never finished or handed out.'),
    severity: 'low',
    failure: true,
  },
  'token.forged': finding('critical', 'A token nobody issued carries a valid signature.'),
  'token.replayed': finding('high', 'A token or its proof was shown a second time.'),
  'token.stolen': finding('high', 'A token was used by someone it was not issued to.'),
  'token.laundered': finding('high', 'A token was derived from, or used as, what it must not be.'),
  'token.unissued': finding('high', 'Something was signed, logged or accepted but never issued.'),
  'token.interrupted': finding('info', 'A crash cut token builds short; none was handed out.'),
  'session.started': ticket(1, 'Session started', 'A session was started.'),
  'session.ended': ticket(2, 'Session ended', 'A session was ended.'),
  'session.refused': {
    ...ticket(1, 'Sign-in refused', 'A sign-in was refused.'),
    severity: 'low',
    failure: true,
  },
  'key.created': entity(1, 'Key created', 'A signing key was created.'),
  'key.published': entity(99, 'Key published', 'A signing key was logged and may be published.'),
  'key.activated': entity(10, 'Key activated', 'A signing key was logged as one that signs.'),
  'key.retired': entity(11, 'Key retired', 'A signing key reached its end and was withdrawn.'),
  'key.revoked': {
    ...entity(9, 'Key revoked', 'A signing key was logged as one that is trusted no longer.'),
    severity: 'high',
  },
  'key.used': entity(99, 'Key used', 'A signing key made a signature.'),
  'key.quarantined': {
    ...entity(12, 'Key quarantined', 'Verifiers were told to trust a signing key no longer.'),
    severity: 'critical',
  },
  'key.rogue': finding('critical', 'A key was announced in our name that we never made.'),
  'key.retiring': entity(99, 'Key retiring', 'A signing key stopped signing; its tokens live on.'),
  'key.rotated': entity(3, 'Key rotated', 'Another signing key took over.'),
  'key.pause_proposed': {
    ...entity(99, 'Pause proposed', 'One person asked that keys not be rotated for a while.'),
    severity: 'medium',
  },
  'key.paused': {
    ...entity(99, 'Rotation paused', 'Two people agreed that keys not be rotated for a while.'),
    severity: 'high',
  },
  'key.pause_ended': entity(99, 'Pause ended', 'Keys are rotated again.'),
  'key.age_alarm': finding('high', 'A signing key is older than a working rotation lets it be.'),
  'key.rotator_silent': finding('high', 'Whoever rotates the keys has not been heard of.'),
  'key.disagreement': finding('high', 'Signer, key set and log do not tell the same of the keys.'),
  'key.tripwire': finding('critical', 'A signing key was used after its end.'),
  'key.tally_differs': finding(
    'critical',
    'Signatures, journal and ledger of a key do not add up.',
  ),
  'key.access': entity(2, 'Key accessed', 'Someone read or changed what the signer keeps.'),
  'key.drilled': entity(99, 'Key drill', 'A key was revoked to see how fast it dies everywhere.'),
  'key.compromised': {
    ...entity(99, 'Key compromised', 'A signing key was given up: it may be in other hands.'),
    severity: 'critical',
  },
  'dump.released': entity(99, 'Dump released', 'Diagnostics left a zone; no live key was in them.'),
  'dump.blocked': finding('high', 'Diagnostics were held back: a key is in them, or may be.'),
  'operator.created': {
    ...entity(1, 'Operator created', 'A person may now administer keys.'),
    severity: 'medium',
  },
  'tag_key.read': entity(
    2,
    'Tag key read',
    'The key to the tags of a tenant’s leaves was handed out.',
  ),
  'log.forked': finding('critical', 'A log or journal does not hold what it once promised.'),
  'log.stale': finding('high', 'A log shows nothing new, or nothing at all.'),
  'log.unwitnessed': finding('high', 'No quorum of witnesses has seen a log for too long.'),
  'grant.revoked': entity(4, 'Grant revoked', 'A grant and everything issued under it ended.'),
};

function ticket(activityId: number, activityName: string, message: string): EventClass {
  return { classUid: 3002, activityId, activityName, severity: 'info', message };
}

function entity(activityId: number, activityName: string, message: string): EventClass {
  return { classUid: 3004, activityId, activityName, severity: 'info', message };
}

function finding(severity: Severity, message: string): EventClass {
  return { classUid: 2004, activityId: 1, activityName: 'Create', severity, message };
}

const SEVERITY_IDS: Readonly<Record<Severity, number>> = {
  info: 1,
  low: 2,
  medium: 3,
  high: 4,
  critical: 5,
};

export function severityId(severity: Severity): number {
  return SEVERITY_IDS[severity];
}

export const SEVERITY_CAPTIONS: Readonly<Record<Severity, string>> = {
  info: 'Informational',
  low: 'Low',
  medium: 'Medium',
  high: 'High',
  critical: 'Critical',
};
