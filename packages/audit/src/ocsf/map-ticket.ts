// 3002 Authentication: sign-ins, and tokens, for which OCSF has no class of their own.

import { describeStatus, type Mapper } from './class-parts.ts';
import {
  describeEndpoint,
  describeHttpRequest,
  describeSession,
  describeToken,
  describeUser,
} from './describe-parts.ts';
import type { Authentication } from './schema/ocsf-classes.ts';

export const mapAuthentication: Mapper<Authentication> = (event, shared) => {
  const openId = event.token?.kind === 'id' || event.token?.kind === 'logout';
  const oauth = !openId && event.token !== undefined;
  return {
    activity_id: shared.eventClass.activityId,
    activity_name: shared.eventClass.activityName,
    auth_protocol: oauth ? 'OAUTH 2.0' : 'OpenID',
    auth_protocol_id: oauth ? 6 : 4,
    authentication_token: describeToken(event),
    category_uid: 3,
    class_uid: 3002,
    http_request: describeHttpRequest(event),
    message: shared.message,
    metadata: shared.metadata,
    service: { name: event.token?.issuer ?? event.realm ?? 'countersign' },
    session: describeSession(event),
    severity: shared.severity,
    severity_id: shared.severityId,
    src_endpoint: describeEndpoint(event),
    ...describeStatus(event, shared),
    time: event.timeMs,
    type_uid: shared.typeUid,
    unmapped: shared.unmapped,
    user: describeUser(event),
  };
};
