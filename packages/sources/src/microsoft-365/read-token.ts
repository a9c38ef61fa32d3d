// Which token and session, and by which application: what joins a use to a sign-in. Ids keep their
// case: `uti` is case-sensitive. A forger picks these ids; that they were issued is another log's word.

import { isSomebody, isUuid } from '../reading/fold-person.ts';
import { type NameValues, valueIn } from '../reading/name-values.ts';
import { memberOf, objectOf, textOf } from '../reading/read-text.ts';
import { timeMsOf } from '../reading/read-time.ts';
import type { AuditRecord } from './open-record.ts';

export interface ReadToken {
  tokens: string[];
  sessions: string[];
  issuedMs?: number;
  tenant?: string;
}

/** Times before this are the zero of some clock (1601, 0001), not a time of issue. */
const FIRST_MS = Date.UTC(2000, 0, 1);

export function readToken(record: AuditRecord, device: NameValues): ReadToken {
  const access = objectOf(record.get('AppAccessContext'));
  const inside = (name: string): string | undefined => {
    const text = textOf(memberOf(access, name) ?? memberOf(access, name.toLowerCase()));
    return isSomebody(text) ? text : undefined;
  };
  const uti = inside('UniqueTokenId') ?? record.text('SignInActivityId');
  const sessions = [
    inside('AADSessionId'),
    record.text('SessionId'),
    valueIn(device, 'SessionId'),
  ].filter(isSomebody);
  const issuedMs = timeMsOf(inside('IssuedAtTime') ?? record.get('TokenIssuedAt'));
  const tenant = record.text('TokenTenantId');
  return {
    tokens: uti === undefined ? [] : [`uti:${uti}`],
    sessions: [...new Set(sessions)].map((id) => `sid:${id}`),
    ...(issuedMs === undefined || issuedMs < FIRST_MS ? {} : { issuedMs }),
    ...(isUuid(tenant) ? { tenant } : {}),
  };
}

export interface ReadApp {
  /** The front door: `AppId`, or `info:REST` when the record names no application at all. */
  app: string | undefined;
  /** The caller. Never the text of a fall-back: it is no id to compare. */
  client: string | undefined;
  /** `ClientInfoString` or the user agent. */
  userAgent: string | undefined;
}

/**
 * `AppId` is the front door (Graph, OWA) and `ClientAppId` the caller; they may be equal. Some 5 % of
 * mail records have neither: then `ClientInfoString` says at least which protocol it was.
 */
export function readApp(record: AuditRecord, extended: NameValues): ReadApp {
  const access = objectOf(record.get('AppAccessContext'));
  const appId = record.text('AppId') ?? record.text('ApplicationId');
  const client = [record.text('ClientAppId'), textOf(memberOf(access, 'ClientAppId'))].find(
    isSomebody,
  );
  const info = record.text('ClientInfoString');
  const userAgent = record.text('UserAgent') ?? valueIn(extended, 'UserAgent') ?? info;
  const protocol = /^Client=([\w.-]{1,64})/i.exec(info ?? '')?.[1];
  const fallBack = client === undefined && protocol !== undefined ? `info:${protocol}` : undefined;
  return {
    app: foldId(isSomebody(appId) ? appId : fallBack),
    client: foldId(client),
    userAgent,
  };
}

/** Application ids are GUIDs: their case says nothing. */
function foldId(id: string | undefined): string | undefined {
  return isUuid(id) ? id.toLowerCase() : id;
}
