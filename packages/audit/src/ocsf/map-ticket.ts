// 3002 Authentication: sign-ins, and tokens, for which OCSF has no class of their own.

import type { CountersignEvent } from '@countersign/vocabulary';
import { describeStatus, type Mapper } from './class-parts.ts';
import {
  describeEndpoint,
  describeHttpRequest,
  describeSession,
  describeToken,
  describeUser,
} from './describe-parts.ts';
import { describeRisk } from './describe-risk.ts';
import type { Authentication } from './schema/ocsf-classes.ts';
import type { OcsfUser } from './schema/ocsf-objects.ts';

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
    user: withRisk(event),
  };
};

/** The risk is the user's in this class: members stay in the order of RFC 8785. */
function withRisk(event: CountersignEvent): OcsfUser {
  const { name, ...rest } = describeUser(event);
  return { name, ...describeRisk(event), ...rest };
}
