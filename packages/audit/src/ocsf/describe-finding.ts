// What an alarm says in OCSF class 2004: which rule, about what, since when, on what evidence.

import type { CountersignEvent, EventName } from '@countersign/vocabulary';
import type { Stamp } from './describe-parts.ts';
import type { OcsfAnalytic, OcsfEvidences, OcsfFindingInfo } from './schema/ocsf-findings.ts';

const TITLES: Partial<Record<EventName, string>> = {
  'token.forged': 'Forged token',
  'token.replayed': 'Replayed token',
  'token.stolen': 'Stolen token',
  'token.laundered': 'Laundered token',
  'token.unissued': 'Never issued',
  'token.interrupted': 'Interrupted token builds',
  'key.rogue': 'Rogue key',
  'key.age_alarm': 'Key too old',
  'key.rotator_silent': 'Rotator silent',
  'key.disagreement': 'Keys disagree',
  'key.tripwire': 'Retired key used',
  'key.tally_differs': 'Signatures do not add up',
  'dump.blocked': 'Dump held back',
  'app.first_seen': 'App never seen here before',
  'audit.differs': 'Record does not match its proofs',
  'incident.changed': 'Incident',
  'risk.changed': 'Risk changed',
  'risk.detected': 'Risk detected',
  'log.forked': 'Log or journal does not match',
  'log.stale': 'Log does not move',
  'log.unwitnessed': 'Log without witnesses',
};

export function describeFindingInfo(
  event: CountersignEvent,
  stamp: Stamp,
  message: string,
): OcsfFindingInfo {
  return {
    analytic: describeAnalytic(event.name),
    created_time: stamp.loggedMs,
    desc: message,
    first_seen_time: event.timeMs,
    related_events: event.causedBy === undefined ? undefined : [{ uid: event.causedBy }],
    title: TITLES[event.name] ?? event.name,
    types: event.reason === undefined ? undefined : [event.reason],
    uid: stamp.uid,
  };
}

function describeAnalytic(uid: EventName): OcsfAnalytic {
  return uid.startsWith('risk.')
    ? { name: `countersign risk: ${uid}`, type: 'Behavioral', type_id: 2, uid }
    : { name: `countersign reconciler: ${uid}`, type: 'Rule', type_id: 1, uid };
}

/** Hashes and numbers a third party can check; never the token. */
export function describeEvidence(event: CountersignEvent): OcsfEvidences[] | undefined {
  const { token } = event;
  if (token === undefined) return undefined;
  const data = {
    journalNumber: token.journalNumber,
    jtiHash: token.jtiHash,
    kid: token.kid,
    logIndex: token.logIndex,
    tokenHash: token.tokenHash,
  };
  return Object.values(data).some((value) => value !== undefined) ? [{ data }] : undefined;
}
