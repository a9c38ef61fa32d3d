// 3004 Entity Management: keys, apps, consents, policies and whatever else is made, changed and ended.

import { describeKnownActor, describeStatus, type Mapper } from './class-parts.ts';
import { describeEntity } from './describe-entity.ts';
import { describeEndpoint, describeHttpRequest } from './describe-parts.ts';
import type { EntityManagement } from './schema/ocsf-classes.ts';

export const mapEntityChange: Mapper<EntityManagement> = (event, shared) => ({
  activity_id: shared.eventClass.activityId,
  activity_name: shared.eventClass.activityName,
  actor: describeKnownActor(event),
  category_uid: 3,
  class_uid: 3004,
  entity: describeEntity(event),
  http_request: describeHttpRequest(event),
  message: shared.message,
  metadata: shared.metadata,
  severity: shared.severity,
  severity_id: shared.severityId,
  src_endpoint: describeEndpoint(event),
  ...describeStatus(event, shared),
  time: event.timeMs,
  type_uid: shared.typeUid,
  unmapped: shared.unmapped,
});
