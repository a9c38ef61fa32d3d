// 6003 API Activity: a token used, the record read, a signal or notice sent.

import type { CountersignEvent } from '@countersign/vocabulary';
import { describeActor, describeStatus, type Mapper, requireEndpoint } from './class-parts.ts';
import { describeHttpRequest, describeToken } from './describe-parts.ts';
import type { APIActivity } from './schema/ocsf-classes.ts';

export const mapCall: Mapper<APIActivity> = (event, shared) => ({
  activity_id: shared.eventClass.activityId,
  activity_name: shared.eventClass.activityName,
  actor: describeActor(event),
  api: { operation: operationOf(event), token: describeToken(event) },
  category_uid: 6,
  class_uid: 6003,
  count: event.count,
  http_request: describeHttpRequest(event),
  message: shared.message,
  metadata: shared.metadata,
  severity: shared.severity,
  severity_id: shared.severityId,
  src_endpoint: requireEndpoint(event),
  ...describeStatus(event, shared),
  time: event.timeMs,
  type_uid: shared.typeUid,
  unmapped: shared.unmapped,
});

function operationOf({ name, operation }: CountersignEvent): string {
  return name === 'token.verified' ? 'verify' : (operation ?? name);
}
