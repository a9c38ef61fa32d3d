// Alarms (2004 Detection Finding) and what becomes of them (2005 Incident Finding).

import type { Mapper } from './class-parts.ts';
import { describeEvidence, describeFindingInfo } from './describe-finding.ts';
import { describeRisk } from './describe-risk.ts';
import type { DetectionFinding, IncidentFinding } from './schema/ocsf-classes.ts';

export const mapFinding: Mapper<DetectionFinding> = (event, shared, stamp) => ({
  activity_id: shared.eventClass.activityId,
  activity_name: shared.eventClass.activityName,
  category_uid: 2,
  class_uid: 2004,
  confidence: 'High',
  confidence_id: 3,
  evidences: describeEvidence(event),
  finding_info: describeFindingInfo(event, stamp, shared.message),
  is_alert: shared.severityId >= 4,
  message: shared.message,
  metadata: shared.metadata,
  ...describeRisk(event),
  severity: shared.severity,
  severity_id: shared.severityId,
  status: 'New',
  status_id: 1,
  time: event.timeMs,
  type_uid: shared.typeUid,
  unmapped: shared.unmapped,
});

const CLOSED = 5;
const IN_PROGRESS = 2;

/** The class asks for someone who is in charge: whoever acted, unless the item names a group. */
export const mapIncident: Mapper<IncidentFinding> = (event, shared, stamp) => {
  const statusId = statusOf(event.operation);
  return {
    activity_id: shared.eventClass.activityId,
    activity_name: shared.eventClass.activityName,
    assignee: { uid: event.actor?.id ?? event.subject ?? 'nobody' },
    category_uid: 2,
    class_uid: 2005,
    finding_info_list: [describeFindingInfo(event, stamp, shared.message)],
    message: shared.message,
    metadata: shared.metadata,
    severity: shared.severity,
    severity_id: shared.severityId,
    status: INCIDENT_STATES[statusId],
    status_detail: event.reason,
    status_id: statusId,
    time: event.timeMs,
    type_uid: shared.typeUid,
    unmapped: shared.unmapped,
  };
};

function statusOf(operation: string | undefined) {
  if (operation === 'opened') return 1;
  return operation === 'closed' ? CLOSED : IN_PROGRESS;
}

const INCIDENT_STATES: Readonly<Record<number, string>> = {
  1: 'New',
  [IN_PROGRESS]: 'In Progress',
  [CLOSED]: 'Closed',
};
