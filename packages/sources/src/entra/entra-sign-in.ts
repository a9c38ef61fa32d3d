// Sign-ins of Entra, of people, of tokens that were renewed, of services and of managed identities, in
// three shapes → OCSF 3002. What joins a use to its issue is `uniqueTokenIdentifier` (the claim `uti`,
// exact case) and the session.

import type { ActivityFacts } from '@countersign/vocabulary';
import type { JsonObject, MappedRecord, Source } from '../map-record.ts';
import { type DraftUser, draftEvent, omitAbsent } from '../ocsf/draft-event.ts';
import { foldPersons, isSomebody } from '../reading/fold-person.ts';
import { timeMsOf } from '../reading/read-time.ts';
import { signInFields, signInNames } from './entra-fields.ts';
import {
  isEntraSignIn,
  resourceOf,
  type SignInCategory,
  signInCategory,
  signInKey,
} from './identify-entra.ts';
import { type EntraRecord, openEntraRecord } from './open-entra-record.ts';
import {
  type ReadResult,
  readAddress,
  readEndpoint,
  readFactors,
  readProtocol,
  readResult,
} from './read-sign-in.ts';

export const entraSignIn: Source = {
  name: 'entra-sign-in',
  title: 'Microsoft Entra sign-in logs',
  recognises: isEntraSignIn,
  map: (record) => [mapSignIn(record)],
  fields: signInFields,
};

const LOG_NAMES: Readonly<Record<SignInCategory, string>> = {
  interactive: 'SignInLogs',
  non_interactive: 'NonInteractiveUserSignInLogs',
  service_principal: 'ServicePrincipalSignInLogs',
  managed_identity: 'ManagedIdentitySignInLogs',
};

function mapSignIn(given: JsonObject): MappedRecord {
  const record = openEntraRecord(given);
  const category = signInCategory(record);
  const written =
    record.text('createdDateTime') ?? record.text('time') ?? record.text('TimeGenerated');
  const timeMs = timeMsOf(written) ?? 0;
  const result = readResult(record);
  const uti = record.text('uniqueTokenIdentifier');
  const session = sessionOf(record);
  const user = userOf(record, category);
  const protocol = readProtocol(record);
  const factors = readFactors(record);
  const mfa = record.text('authenticationRequirement')?.toLowerCase();
  const service = omitAbsent({
    name: record.text('resourceDisplayName') ?? resourceOf(record) ?? 'Microsoft Entra',
    uid: resourceOf(record),
  });
  const ocsf = draftEvent({
    ...{ classUid: 3002, activityId: 1, timeMs, user },
    message: describeMessage(record, category, user, result),
    outcome: result.outcome,
    statusCode: result.code,
    statusDetail: result.detail,
    severityId: /^(high|medium)$/i.test(record.text('riskLevelAggregated') ?? '') ? 3 : undefined,
    product: { name: 'Microsoft Entra ID', vendor: 'Microsoft' },
    logName: LOG_NAMES[category],
    originalUid: record.text('id'),
    originalTime: written,
    operation: record.text('operationName') ?? 'Sign-in activity',
    correlation: record.text('correlationId'),
    app: { uid: record.text('appId')?.toLowerCase(), name: record.text('appDisplayName') },
    address: readAddress(record),
    endpoint: readEndpoint(record),
    userAgent: record.text('userAgent'),
    session: { uid: session, isMfa: mfa === undefined ? undefined : mfa.startsWith('multi') },
    parts: omitAbsent({
      auth_factors: factors.length === 0 ? undefined : factors,
      auth_protocol: protocol?.name,
      auth_protocol_id: protocol?.id,
      authentication_token:
        uti === undefined
          ? undefined
          : { created_time: timeMs, type: 'Access Token', type_id: 99, uid: uti },
      is_mfa: mfa === undefined ? undefined : mfa.startsWith('multi'),
      service,
    }),
    unmapped: { entra: record.rest(signInNames) },
  });
  const facts = factsOf(record, category, result, { uti, session, timeMs });
  return {
    key: signInKey(record, given, result.code),
    timeMs,
    ocsf,
    facts,
    recognised: timeMs > 0,
  };
}

function factsOf(
  record: EntraRecord,
  category: SignInCategory,
  { outcome }: ReadResult,
  ids: { uti: string | undefined; session: string | undefined; timeMs: number },
): ActivityFacts {
  const client = record.text('appId')?.toLowerCase();
  const persons = personsOf(record, category);
  const asn = record.text('autonomousSystemNumber');
  return omitAbsent({
    // Only the first is a person at a keyboard; the others are tokens somebody or something was given.
    kind: category === 'interactive' ? 'sign_in' : 'token',
    outcome,
    tokens: ids.uti === undefined ? undefined : [`uti:${ids.uti}`],
    sessions: ids.session === undefined ? undefined : [`sid:${ids.session}`],
    persons: persons.length === 0 ? undefined : persons,
    app: client,
    client,
    ip: readAddress(record)?.ip,
    asn: asn === undefined || asn === '0' ? undefined : asn,
    userAgent: record.text('userAgent'),
    device:
      record.inside('deviceDetail', 'deviceId') ?? record.inside('deviceDetail', 'displayName'),
    tenant: tenantOf(record)?.toLowerCase(),
    resource: resourceOf(record)?.toLowerCase(),
    operation: record.text('operationName') ?? 'Sign-in activity',
    tokenIssuedMs: outcome === 'success' && ids.timeMs > 0 ? ids.timeMs : undefined,
  }) as unknown as ActivityFacts;
}

/** The tenant whose resources the token opens; of the record itself where that is not said. */
function tenantOf(record: EntraRecord): string | undefined {
  return [
    record.text('resourceTenantId'),
    record.text('tenantId'),
    record.text('AADTenantId'),
    record.text('homeTenantId'),
  ].find(isSomebody);
}

function sessionOf(record: EntraRecord): string | undefined {
  const session = record.text('sessionId');
  return isSomebody(session) ? session : undefined;
}

function userOf(record: EntraRecord, category: SignInCategory): DraftUser {
  if (category === 'service_principal' || category === 'managed_identity') {
    const name = record.text('servicePrincipalName') ?? record.text('appDisplayName');
    return { uid: record.text('servicePrincipalId'), name, type: 'Service' };
  }
  const uid = record.text('userId');
  const name = record.text('userPrincipalName') ?? record.text('identity');
  return { uid: isSomebody(uid) ? uid : undefined, name, type: 'User' };
}

function personsOf(record: EntraRecord, category: SignInCategory): string[] {
  if (category === 'service_principal' || category === 'managed_identity') {
    return foldPersons({ oids: [record.text('servicePrincipalId')] });
  }
  return foldPersons({
    oids: [record.text('userId')],
    upns: [record.text('userPrincipalName')].filter((name) => name?.includes('@')),
  });
}

function describeMessage(
  record: EntraRecord,
  category: SignInCategory,
  user: DraftUser,
  { outcome }: ReadResult,
): string {
  const who = user.name ?? user.uid ?? 'Somebody';
  const what = category === 'interactive' ? 'Sign-in' : 'Token';
  const word =
    outcome === 'success' ? '' : outcome === 'failure' ? ' failed' : ' of unknown outcome';
  const app = record.text('appDisplayName') ?? record.text('appId') ?? 'an application';
  return `${what}${word}: ${who} to ${app}.`.slice(0, 500);
}
