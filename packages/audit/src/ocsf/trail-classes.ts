// Classes of events about the record itself: who reads it, where it is kept, what is missing from it,
// who feeds it and is fed by it, and what is said to others.

import type { EventName } from '@countersign/vocabulary';
import { call, type EventClass, entity, finding, lifecycle } from './class-kinds.ts';

export const trailClasses = {
  'audit.started': lifecycle(3, 'Record started', 'The record is being kept.'),
  'audit.stopped': lifecycle(4, 'Record stopped', 'The record was closed in good order.'),
  'audit.read': call(2, 'Record read', 'Someone read events.'),
  'audit.exported': call(2, 'Record exported', 'Someone took events out.'),
  'audit.imported': call(1, 'Records imported', 'Records of another source were taken in.'),
  'audit.sealed': lifecycle(99, 'Segment sealed', 'Events were sealed into a segment.'),
  'audit.anchored': lifecycle(99, 'Record anchored', 'The state of the record is in the log.'),
  'audit.verified': call(2, 'Record verified', 'What is kept was held against its proofs.'),
  'audit.differs': finding('critical', 'What is kept of the record is not what was recorded.'),
  'audit.erased': {
    ...call(4, 'Personal data erased', 'Personal data was taken out of events; proofs stay valid.'),
    severity: 'medium',
  },
  'audit.expired': lifecycle(99, 'Segment expired', 'A segment was removed after its retention.'),
  'audit.retention_changed': {
    ...lifecycle(8, 'Retention changed', 'How long events are kept was changed.'),
    severity: 'medium',
  },
  'reader.created': {
    ...entity(1, 'Reader created', 'Someone may now read events.'),
    severity: 'low',
  },
  'reader.ended': entity(4, 'Reader ended', 'Someone may no longer read events.'),
  'search.saved': entity(1, 'Search saved', 'A search was saved.'),
  'search.removed': entity(4, 'Search removed', 'A saved search was removed.'),
  'log.gap': {
    ...lifecycle(
      99,
      'Gap in the record',
      'Something that happened is not, or not yet, in the record.',
    ),
    severity: 'medium',
    failure: true,
  },
  'log.source_changed': {
    ...lifecycle(8, 'Source changed', 'A source of records was switched on, off or changed.'),
    severity: 'medium',
    operations: { enabled: 6, disabled: 7 },
  },
  'log.config_changed': {
    ...lifecycle(8, 'Settings changed', 'Settings of the record or of the house were changed.'),
    severity: 'low',
  },
  'source.created': lifecycle(1, 'Source created', 'A source of records was connected.'),
  'source.changed': {
    ...lifecycle(8, 'Source changed', 'A source of records was changed.'),
    operations: { removed: 2, enabled: 6, disabled: 7 },
  },
  'sink.created': {
    ...lifecycle(1, 'Sink created', 'Events are sent to another place from now on.'),
    severity: 'medium',
  },
  'sink.changed': {
    ...lifecycle(8, 'Sink changed', 'A place events are sent to was changed.'),
    severity: 'medium',
    operations: { removed: 2, enabled: 6, disabled: 7 },
  },
  'sink.failed': {
    ...lifecycle(99, 'Sink failed', 'A place events are sent to does not take them.'),
    severity: 'medium',
    failure: true,
  },
  'verifier.version': lifecycle(8, 'Verifier version', 'A verifier runs another version.'),
  'detector.changed': {
    ...lifecycle(8, 'Detector changed', 'A detection was switched on, off or changed.'),
    severity: 'medium',
    operations: { created: 1, removed: 2, enabled: 6, disabled: 7 },
  },
  'signal.sent': call(1, 'Signal sent', 'A security event was sent to a receiver.'),
  'signal.received': call(1, 'Signal received', 'A security event was received.'),
  'notice.sent': call(1, 'Notice sent', 'A notice was sent to someone affected.'),
  'notice.delivered': call(99, 'Notice delivered', 'A notice reached its channel.'),
  'notice.acked': call(99, 'Notice acknowledged', 'A notice was acknowledged.'),
  'claim.published': entity(
    1,
    'Claim published',
    'Something was said in public about an incident.',
  ),
  'claim.corrected': entity(3, 'Claim corrected', 'Something said in public was corrected.'),
  'incident.changed': {
    classUid: 2005,
    activityId: 2,
    activityName: 'Update',
    severity: 'high',
    message: 'An incident was opened, changed or closed.',
    operations: { opened: 1, closed: 3 },
  },
} satisfies Partial<Record<EventName, EventClass>>;
