// What Okta's event types mean: the OCSF class and activity, and the kind of fact. By whole name, then
// by the longest beginning; the last word of a name is nearly always the verb.

import type { ActivityFacts } from '@countersign/vocabulary';
import { crudActivityOf } from '../ocsf/crud-activity.ts';
import type { ForeignClass } from '../ocsf/draft-event.ts';

export interface OktaMeaning {
  classUid: ForeignClass;
  activityId: number;
  activityName?: string;
  kind: ActivityFacts['kind'];
  /** What kind of thing is managed, for 3004. */
  entity?: string;
  recognised: boolean;
}

type Meaning = Omit<OktaMeaning, 'recognised'>;

const ticket = (activityId: number, kind: Meaning['kind'], activityName?: string): Meaning => ({
  classUid: 3002,
  activityId,
  kind,
  ...(activityName ? { activityName } : {}),
});
const account = (activityId: number, activityName?: string): Meaning => ({
  classUid: 3001,
  activityId,
  kind: 'change',
  ...(activityName ? { activityName } : {}),
});
const group = (activityId: number): Meaning => ({ classUid: 3006, activityId, kind: 'change' });
const access = (activityId: number): Meaning => ({ classUid: 3005, activityId, kind: 'change' });
const entity = (activityId: number, of: string, kind: Meaning['kind'] = 'change'): Meaning => ({
  classUid: 3004,
  activityId,
  kind,
  entity: of,
});
const finding: Meaning = { classUid: 2004, activityId: 1, kind: 'other' };

const EXACT: Readonly<Record<string, Meaning>> = {
  'user.session.start': ticket(1, 'sign_in'),
  'user.session.end': ticket(2, 'revocation'),
  'user.session.expire': ticket(2, 'revocation'),
  'user.session.clear': ticket(2, 'revocation'),
  'user.session.context.change': ticket(99, 'other', 'Session context changed'),
  'user.session.access_admin_app': ticket(4, 'access'),
  'user.session.impersonation.initiate': ticket(7, 'sign_in'),
  'user.session.impersonation.end': ticket(2, 'revocation'),
  'user.session.impersonation.grant': access(1),
  'user.session.impersonation.extend': access(1),
  'user.session.impersonation.revoke': access(2),
  'user.authentication.sso': ticket(1, 'sign_in'),
  'user.authentication.slo': ticket(2, 'revocation'),
  'user.authentication.universal_logout': ticket(2, 'revocation'),
  'policy.evaluate_sign_on': ticket(6, 'other'),
  'policy.auth_reevaluate.enforce': ticket(6, 'other'),
  'app.generic.unauth_app_access_attempt': ticket(4, 'access'),
  'app.token.reuse': ticket(99, 'token', 'Token reused'),
  'app.oauth2.token.detect_reuse': ticket(99, 'token', 'Token reused'),
  'app.oauth2.as.token.detect_reuse': ticket(99, 'token', 'Token reused'),
  'user.lifecycle.create': account(1),
  'user.lifecycle.activate': account(2),
  'user.lifecycle.reactivate': account(2),
  'user.lifecycle.unsuspend': account(2),
  'user.lifecycle.suspend': account(5),
  'user.lifecycle.deactivate': account(5),
  'user.lifecycle.delete.initiated': account(6),
  'user.lifecycle.delete.completed': account(6),
  'user.account.update_password': account(3),
  'user.account.reset_password': account(4),
  'user.account.expire_password': account(4),
  'user.account.lock': account(9),
  'user.account.lock.limit': account(9),
  'user.account.unlock': account(12),
  'user.account.unlock_by_admin': account(12),
  'user.account.privilege.grant': access(1),
  'user.account.privilege.revoke': access(2),
  'user.mfa.factor.activate': account(10),
  'user.mfa.factor.unsuspend': account(10),
  'user.mfa.factor.deactivate': account(11),
  'user.mfa.factor.suspend': account(11),
  'user.mfa.factor.reset_all': account(11),
  'user.mfa.attempt_bypass': ticket(6, 'other'),
  'user.mfa.okta_verify.deny_push': ticket(6, 'other'),
  'user.account.report_suspicious_activity_by_enduser': finding,
  'security.threat.detected': finding,
  'security.breached_credential.detected': finding,
  'security.request.blocked': finding,
  'user.risk.change': finding,
  'user.risk.detect': finding,
  'entity.risk.detect': finding,
  'group.user_membership.add': group(3),
  'group.user_membership.remove': group(4),
  'group.lifecycle.create': group(6),
  'group.lifecycle.delete': group(5),
  'group.privilege.grant': group(1),
  'group.privilege.revoke': group(2),
  'application.user_membership.add': access(1),
  'application.user_membership.remove': access(2),
  'application.user_membership.show_password': {
    classUid: 6005,
    activityId: 1,
    kind: 'access',
  },
  'system.api_token.create': entity(1, 'API Token', 'token'),
  'system.api_token.revoke': entity(4, 'API Token', 'revocation'),
  'app.oauth2.as.consent.grant': entity(1, 'Consent'),
  'app.oauth2.consent.grant': entity(1, 'Consent'),
  'device.enrollment.create': entity(6, 'Device'),
};

/** By beginning; the meaning may hang on the last word. */
const BEGINNINGS: readonly [string, (verb: string, type: string) => Meaning][] = [
  ['user.authentication.', () => ticket(6, 'sign_in')],
  ['app.oauth2.', oauth],
  ['oauth2.', oauth],
  ['user.session.', () => ticket(99, 'other')],
  ['user.account.', () => account(99)],
  ['user.lifecycle.', () => account(99)],
  ['user.mfa.', () => account(99)],
  ['user.', () => account(99)],
  ['group.', () => group(99)],
  ['application.user_membership.', () => access(99)],
  ['application.provision.', () => ({ classUid: 6003, activityId: 99, kind: 'other' })],
  ['application.', (verb) => lifecycle(verb, 'Application')],
  ['app.', (verb) => lifecycle(verb, 'Application')],
  ['policy.', (verb) => lifecycle(verb, 'Policy')],
  ['zone.', (verb) => lifecycle(verb, 'Network Zone')],
  ['device.', (verb) => lifecycle(verb, 'Device')],
  ['iam.resourceset.bindings.', (verb) => access(verb === 'delete' ? 2 : 1)],
  ['iam.', (verb) => lifecycle(verb, 'Role')],
  ['system.api_token.', (verb) => lifecycle(verb, 'API Token')],
  ['system.idp.', (verb) => lifecycle(verb, 'Identity Provider')],
  ['system.mfa.', (verb) => lifecycle(verb, 'MFA Factor')],
  ['system.log_stream.', (verb) => lifecycle(verb, 'Log Stream')],
  ['system.agent.', () => ({ classUid: 6002, activityId: 99, kind: 'other' })],
  ['system.', (verb) => call(verb)],
  ['event_hook.', (verb) => lifecycle(verb, 'Event Hook')],
  ['inline_hook.', (verb) => lifecycle(verb, 'Inline Hook')],
  ['security.', (verb) => lifecycle(verb, 'Security Setting')],
  ['org.', (verb) => lifecycle(verb, 'Organization')],
  ['pam.', (verb) => call(verb)],
  ['workflows.', (verb) => call(verb)],
  ['certification.', (verb) => call(verb)],
  ['access.request.', (verb) => call(verb)],
];

const LIFECYCLE: Readonly<Record<string, number>> = {
  activate: 10,
  deactivate: 11,
  enable: 8,
  disable: 9,
};

function lifecycle(verb: string, of: string): Meaning {
  return entity(LIFECYCLE[verb] ?? crudActivityOf(verb) ?? 99, of);
}

function call(verb: string): Meaning {
  return { classUid: 6003, activityId: crudActivityOf(verb) ?? 99, kind: 'other' };
}

function oauth(verb: string, type: string): Meaning {
  if (type.includes('.consent.'))
    return entity(
      verb === 'revoke' ? 4 : 1,
      'Consent',
      verb === 'revoke' ? 'revocation' : 'change',
    );
  if (verb === 'revoke' || type.endsWith('.revoke.implicit')) {
    return ticket(99, 'revocation', 'Token revoked');
  }
  if (type.includes('refresh_token')) return ticket(5, 'token');
  if (type.includes('token_exchange')) return ticket(4, 'token');
  if (type.includes('.token.grant')) return ticket(3, 'token');
  if (type.includes('.authorize')) return ticket(6, 'sign_in');
  return lifecycle(verb, 'OAuth Client');
}

const seen = new Map<string, OktaMeaning>();
const MOST_SEEN = 10_000;

export function oktaMeaningOf(eventType: string): OktaMeaning {
  const known = seen.get(eventType);
  if (known !== undefined) return known;
  const meaning = find(eventType);
  if (seen.size < MOST_SEEN) seen.set(eventType, meaning);
  return meaning;
}

function find(eventType: string): OktaMeaning {
  const exact = Object.hasOwn(EXACT, eventType) ? EXACT[eventType] : undefined;
  if (exact !== undefined) return { ...exact, recognised: true };
  const verb = eventType.slice(eventType.lastIndexOf('.') + 1).toLowerCase();
  for (const [beginning, of] of BEGINNINGS) {
    if (eventType.startsWith(beginning)) return { ...of(verb, eventType), recognised: true };
  }
  return { ...call(verb), recognised: false };
}
