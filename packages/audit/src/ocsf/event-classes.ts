// Which OCSF class and activity each of our events becomes. Source: OCSF 1.8.0; EVENTS.md shows the
// table. Versioned: 1.9 adds classes that fit some of them better.

import type { EventName } from '@countersign/vocabulary';
import { call, type EventClass, entity, finding, ticket } from './class-kinds.ts';
import { peopleAndAppClasses } from './people-and-app-classes.ts';
import { riskClasses } from './risk-classes.ts';
import { trailClasses } from './trail-classes.ts';

export const eventClasses: Readonly<Record<EventName, EventClass>> = {
  'token.issued': ticket(3, 'Token issued', 'A token was issued.'),
  'token.exchanged': ticket(4, 'Token exchanged', 'A token was issued in exchange for another.'),
  'token.refreshed': ticket(5, 'Token refreshed', 'A token was issued from a refresh token.'),
  'token.introspected': ticket(99, 'Token introspected', 'A resource server asked about a token.'),
  'token.verified': call(99, 'Token verified', 'A verifier accepted a token.'),
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
  'session.changed': {
    ...ticket(99, 'Session changed', 'A session goes on with another sign-in.'),
    operations: { factor: 6 },
  },
  'session.privileged': {
    classUid: 3003,
    activityId: 1,
    activityName: 'Privileges assigned',
    severity: 'medium',
    message: 'A session began that carries special privileges.',
    operations: { group: 2 },
  },
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
  'tag_key.read': entity(
    2,
    'Tag key read',
    'The key to the tags of a tenant’s leaves was handed out.',
  ),
  'jwks.published': entity(3, 'Key set published', 'The public keys of an issuer were changed.'),
  'jwks.fetched': call(2, 'Key set fetched', 'A verifier fetched the public keys of an issuer.'),
  'jwks.changed': entity(3, 'Key set changed', 'A verifier saw other public keys than before.'),
  'log.forked': finding('critical', 'A log or journal does not hold what it once promised.'),
  'log.stale': finding('high', 'A log shows nothing new, or nothing at all.'),
  'log.unwitnessed': finding('high', 'No quorum of witnesses has seen a log for too long.'),
  'grant.revoked': entity(4, 'Grant revoked', 'A grant and everything issued under it ended.'),
  ...peopleAndAppClasses,
  ...trailClasses,
  ...riskClasses,
};
