// Whether a record is a sign-in or an audit of Entra, and what makes it the same in any shape. Several
// rows may carry one Id (a target each, or a later state of the same sign-in): what tells them apart is
// part of the key, taken from the facts and not from the text, so that shapes do not matter.

import { hash } from 'node:crypto';
import type { JsonObject } from '../map-record.ts';
import { digestRecord } from '../reading/digest-record.ts';
import { memberOf, objectOf, objectsOf, textOf } from '../reading/read-text.ts';
import type { EntraRecord } from './open-entra-record.ts';

export type SignInCategory =
  | 'interactive'
  | 'non_interactive'
  | 'service_principal'
  | 'managed_identity';

/** Names of tables and categories, folded. */
const SIGN_INS: ReadonlyMap<string, SignInCategory> = new Map([
  ['signinlogs', 'interactive'],
  ['interactiveuser', 'interactive'],
  ['noninteractiveusersigninlogs', 'non_interactive'],
  ['aadnoninteractiveusersigninlogs', 'non_interactive'],
  ['noninteractiveuser', 'non_interactive'],
  ['serviceprincipalsigninlogs', 'service_principal'],
  ['aadserviceprincipalsigninlogs', 'service_principal'],
  ['serviceprincipal', 'service_principal'],
  ['managedidentitysigninlogs', 'managed_identity'],
  ['aadmanagedidentitysigninlogs', 'managed_identity'],
  ['managedidentity', 'managed_identity'],
]);

export function isEntraSignIn(record: JsonObject): boolean {
  const table = textOf(record['category'] ?? record['Category'] ?? record['Type']);
  if (table !== undefined && SIGN_INS.has(table.toLowerCase())) return true;
  const has = member(record);
  const timed = hasTime(has, 'createdDateTime', 'CreatedDateTime');
  const app =
    has('appId') || has('AppId') || has('servicePrincipalId') || has('ServicePrincipalId');
  if (!timed || !app) return false;
  return (
    has('conditionalAccessStatus') ||
    has('ConditionalAccessStatus') ||
    has('uniqueTokenIdentifier') ||
    has('UniqueTokenIdentifier') ||
    has('signInEventTypes')
  );
}

export function isEntraAudit(record: JsonObject): boolean {
  const has = member(record);
  if (textOf(record['Type'])?.toLowerCase() === 'auditlogs') return true;
  if (textOf(record['category'])?.toLowerCase() === 'auditlogs') return true;
  const timed = hasTime(has, 'activityDateTime', 'ActivityDateTime');
  return (
    timed &&
    (has('targetResources') || has('TargetResources') || has('initiatedBy') || has('InitiatedBy'))
  );
}

/** A CSV of Log Analytics says the zone beside the name. */
function hasTime(has: (name: string) => boolean, ...names: string[]): boolean {
  return names.some((name) => has(name) || has(`${name} [UTC]`));
}

function member(record: JsonObject): (name: string) => boolean {
  return (name) => Object.hasOwn(record, name);
}

/** Which of the four logs of sign-ins. */
export function signInCategory(record: EntraRecord): SignInCategory {
  const kinds = record.get('signInEventTypes');
  const first = Array.isArray(kinds)
    ? textOf(kinds[0])
    : textOf(kinds)?.replace(/^\["?|"?\]$/g, '');
  for (const name of [record.text('category'), record.text('type'), first]) {
    const found = SIGN_INS.get(name?.toLowerCase() ?? '');
    if (found !== undefined) return found;
  }
  if (record.text('userId') === undefined && record.text('servicePrincipalId') !== undefined) {
    return 'service_principal';
  }
  return record.text('isInteractive')?.toLowerCase() === 'false'
    ? 'non_interactive'
    : 'interactive';
}

/**
 * The application the token opens. In Log Analytics it is `ResourceIdentity`, and `ResourceId`, as beside
 * the properties of an export, is a path that names the log.
 */
export function resourceOf(record: EntraRecord): string | undefined {
  return [record.text('resourceIdentity'), record.text('resourceId')].find(
    (id) => id !== undefined && !id.startsWith('/'),
  );
}

export function signInKey(
  record: EntraRecord,
  given: JsonObject,
  errorCode: string | undefined,
): string {
  const id = record.text('id');
  if (id === undefined) return digestRecord(given);
  const told = [
    errorCode,
    record.text('uniqueTokenIdentifier'),
    resourceOf(record)?.toLowerCase(),
    ...['riskState', 'riskLevelAggregated', 'conditionalAccessStatus'].map((name) =>
      record.text(name)?.toLowerCase(),
    ),
  ];
  return `${id.toLowerCase()}/${shortHash(told)}`;
}

export function auditKey(record: EntraRecord, given: JsonObject, activity: string): string {
  const id = record.text('id');
  if (id === undefined) return digestRecord(given);
  const targets = objectsOf(record.get('targetResources')).map((target) => [
    textOf(memberOf(target, 'id'))?.toLowerCase(),
    objectsOf(memberOf(target, 'modifiedProperties')).map((change) => [
      textOf(memberOf(objectOf(change), 'displayName')),
      textOf(memberOf(objectOf(change), 'newValue')),
    ]),
  ]);
  return `${id}/${shortHash([activity, ...targets])}`;
}

function shortHash(told: readonly unknown[]): string {
  return hash('sha256', JSON.stringify(told), 'hex').slice(0, 16);
}
