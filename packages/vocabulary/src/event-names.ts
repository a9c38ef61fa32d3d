// The names of everything that is recorded. A name, once released, keeps its meaning; what each one
// says, when, and who says it is in packages/audit/EVENTS.md.

type TokenEventName =
  | 'token.issued'
  | 'token.refreshed'
  | 'token.exchanged'
  | 'token.introspected'
  | 'token.verified'
  | 'token.refused'
  | 'token.revoked'
  | 'token.abandoned'
  | 'token.forged'
  | 'token.replayed'
  | 'token.stolen'
  | 'token.laundered'
  | 'token.unissued'
  | 'token.interrupted';

type SessionEventName =
  | 'session.started'
  | 'session.changed'
  | 'session.privileged'
  | 'session.ended'
  | 'session.refused'
  | 'grant.revoked';

type KeyEventName =
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
  | 'jwks.published'
  | 'jwks.fetched'
  | 'jwks.changed'
  | 'tag_key.read'
  | 'dump.released'
  | 'dump.blocked';

type PeopleEventName =
  | 'account.created'
  | 'account.changed'
  | 'account.removed'
  | 'role.changed'
  | 'group.changed'
  | 'operator.created'
  | 'operator.ended';

type AppEventName =
  | 'tenant.created'
  | 'client.created'
  | 'client.changed'
  | 'client.removed'
  | 'consent.granted'
  | 'consent.withdrawn'
  | 'federation.changed'
  | 'policy.changed'
  | 'app.first_seen'
  | 'data.accessed';

type TrailEventName =
  | 'audit.started'
  | 'audit.stopped'
  | 'audit.read'
  | 'audit.exported'
  | 'audit.imported'
  | 'audit.sealed'
  | 'audit.anchored'
  | 'audit.verified'
  | 'audit.differs'
  | 'audit.erased'
  | 'audit.expired'
  | 'audit.retention_changed'
  | 'reader.created'
  | 'reader.ended'
  | 'search.saved'
  | 'search.removed';

type LogEventName =
  | 'log.gap'
  | 'log.source_changed'
  | 'log.config_changed'
  | 'log.forked'
  | 'log.stale'
  | 'log.unwitnessed'
  | 'source.created'
  | 'source.changed'
  | 'sink.created'
  | 'sink.changed'
  | 'sink.failed'
  | 'verifier.version'
  | 'detector.changed';

type RiskEventName =
  | 'risk.assessed'
  | 'risk.changed'
  | 'risk.detected'
  | 'risk.feedback'
  | 'risk.model_changed'
  | 'risk.drifted'
  | 'risk.rolled_back';

type NoticeEventName =
  | 'signal.sent'
  | 'signal.received'
  | 'notice.sent'
  | 'notice.delivered'
  | 'notice.acked'
  | 'claim.published'
  | 'claim.corrected'
  | 'incident.changed';

export type EventName =
  | TokenEventName
  | SessionEventName
  | KeyEventName
  | PeopleEventName
  | AppEventName
  | TrailEventName
  | LogEventName
  | RiskEventName
  | NoticeEventName;
