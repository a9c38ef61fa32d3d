// Microsoft Graph activity (MicrosoftGraphActivityLogs): each request to Graph, as a diagnostic export or
// as columns of Log Analytics. What it names as `SignInActivityId` is the claim `uti` of its token.

import type { ActivityFacts, TouchedItem } from '@countersign/vocabulary';
import { openEntraRecord } from '../entra/open-entra-record.ts';
import type { JsonObject, MappedRecord } from '../map-record.ts';
import { draftEvent, type Outcome, omitAbsent } from '../ocsf/draft-event.ts';
import { digestRecord } from '../reading/digest-record.ts';
import { foldPersons, isSomebody } from '../reading/fold-person.ts';
import { addressOf } from '../reading/read-address.ts';
import { numberOf, textOf } from '../reading/read-text.ts';
import { timeMsOf } from '../reading/read-time.ts';
import { describeToken } from './describe-class.ts';

export function isGraphActivity(record: JsonObject): boolean {
  return textOf(record['category'] ?? record['Type']) === 'MicrosoftGraphActivityLogs';
}

const ACTIVITIES: Readonly<Record<string, number>> = {
  GET: 2,
  HEAD: 2,
  POST: 1,
  PUT: 3,
  PATCH: 3,
  DELETE: 4,
};

export function mapGraphActivity(given: JsonObject): MappedRecord {
  const record = openEntraRecord(given);
  const written = record.text('TimeGenerated') ?? record.text('time');
  const timeMs = timeMsOf(written) ?? 0;
  const method = record.text('requestMethod')?.toUpperCase() ?? 'unknown';
  const path = pathOf(record.text('requestUri'));
  const operation = `${method} ${path.replace(ID, '{id}')}`.slice(0, 300);
  const uti = record.text('signInActivityId');
  const session = record.text('sessionId');
  const oid = [record.text('userId'), record.text('servicePrincipalId')].find(isSomebody);
  const client = record.text('appId')?.toLowerCase();
  const issuedMs = timeMsOf(record.text('tokenIssuedAt'));
  const status = numberOf(record.get('responseStatusCode'));
  const outcome: Outcome =
    status === undefined ? 'unknown' : status >= 200 && status < 400 ? 'success' : 'failure';
  const address = addressOf(record.text('ipAddress') ?? record.text('callerIpAddress'));
  const tokens = isSomebody(uti) ? [`uti:${uti}`] : [];
  const touched = method === 'GET' && outcome === 'success' ? touchedBy(path) : {};
  const facts = omitAbsent({
    kind: method === 'GET' || method === 'HEAD' ? 'access' : 'change',
    outcome,
    tokens: tokens.length === 0 ? undefined : tokens,
    sessions: isSomebody(session) ? [`sid:${session}`] : undefined,
    persons: oid === undefined ? undefined : foldPersons({ oids: [oid] }),
    client,
    ip: address?.ip,
    userAgent: record.text('userAgent'),
    tenant: (record.text('AadTenantId') ?? record.text('tenantId'))?.toLowerCase(),
    resource: path,
    operation,
    tokenIssuedMs: issuedMs,
    ...touched,
  }) as unknown as ActivityFacts;
  const ocsf = draftEvent({
    ...{
      classUid: 6003,
      activityId: ACTIVITIES[method] ?? 99,
      timeMs,
      outcome,
      operation,
      address,
    },
    message: `${operation} at Microsoft Graph by ${client ?? 'an unknown application'}.`,
    statusCode: status === undefined ? undefined : String(status),
    product: { name: 'Microsoft Graph', vendor: 'Microsoft' },
    logName: 'MicrosoftGraphActivityLogs',
    originalUid: record.text('requestId'),
    originalTime: written,
    correlation: record.text('clientRequestId'),
    user: { uid: oid, type: isSomebody(record.text('userId')) ? 'User' : 'Service' },
    app: { uid: client },
    userAgent: record.text('userAgent'),
    session: { uid: isSomebody(session) ? session : undefined },
    parts: {
      api: omitAbsent({
        operation,
        service: { name: 'Microsoft Graph' },
        token: describeToken(tokens, issuedMs),
      }),
    },
    unmapped: { microsoft_365: record.rest(KNOWN) },
  });
  const key = record.text('requestId')?.toLowerCase() ?? digestRecord(given);
  return { key: `graph/${key}`, timeMs, ocsf, facts, recognised: timeMs > 0 };
}

const ID = /(?<=\/)(?:[0-9a-f-]{36}|[A-Za-z0-9_=-]{40,}|[^/@]+@[^/]+)(?=\/|$)/g;

/** Path of a request, without version and query. */
function pathOf(uri: string | undefined): string {
  const path = uri === undefined ? '' : (URL.parse(uri)?.pathname ?? uri.split('?')[0] ?? '');
  return path
    .slice(0, 2000)
    .replace(/\/{2,}/g, '/')
    .replace(/^\/(v1\.0|beta)(?=\/)/, '');
}

/** A request for one message names it; one for a list of them says only where it looked. */
function touchedBy(path: string): Pick<ActivityFacts, 'items' | 'itemsComplete'> {
  const [, mailbox, , folder, one] =
    /^\/(?:users\/([^/]+)|me)(\/mailFolders\/([^/]+))?\/messages(?:\/([^/]+))?/i.exec(path) ?? [];
  if (!/\/messages(\/|$)/i.test(path) || !/^\/(users|me)(\/|$)/i.test(path)) return {};
  const place = mailbox === undefined ? {} : { in: mailbox.toLowerCase() };
  const item: TouchedItem =
    one === undefined || one.startsWith('$')
      ? { kind: 'folder', id: folder ?? 'messages', ...place }
      : { kind: 'mail', id: one, ...place };
  return { items: [item], itemsComplete: item.kind === 'mail' };
}

const KNOWN: ReadonlySet<string> = new Set([
  ...['time', 'timegenerated', 'requestid', 'requestmethod', 'signinactivityid', 'sessionid'],
  ...['userid', 'appid', 'ipaddress', 'calleripaddress', 'useragent', 'tokenissuedat'],
  ...['responsestatuscode', 'clientrequestid', 'category', 'type'],
]);
