// Keycloak events and admin events: JSON of event listeners, of the REST API, and the line that the
// built-in listener writes into the server's JSON log (`type="LOGIN", realmId="…", …`).

import { keepRest } from '../reading/keep-rest.ts';
import { maskSecrets } from '../reading/mask-secrets.ts';
import { type LooseObject, memberOf, objectOf, textOf } from '../reading/read-text.ts';
import { timeMsOf } from '../reading/read-time.ts';
import { spellingOf, spellNames } from '../reading/spell-names.ts';

const spelling = spellingOf(
  ...['id', 'time', 'type', 'realmId', 'realmName', 'clientId', 'userId', 'sessionId', 'ipAddress'],
  ...['error', 'details', 'operationType', 'resourceType', 'resourcePath', 'representation'],
  ...['authDetails', 'loggerName', 'message', 'timestamp'],
);

/** What the map puts somewhere; any other member is kept under `unmapped.keycloak`. */
const PLACED: ReadonlySet<string> = new Set([
  ...['id', 'time', 'type', 'clientId', 'userId', 'sessionId', 'ipAddress', 'error', 'details'],
  ...['operationType', 'resourceType', 'authDetails'],
]);

const OPERATIONS: ReadonlySet<unknown> = new Set(['CREATE', 'UPDATE', 'DELETE', 'ACTION']);
const LOGGER = /^org\.keycloak\.events(\.|$)/;
const PAIR = /([A-Za-z_][\w.-]*)="((?:[^"\\]|\\.)*)"/g;
const LONGEST_LINE = 64 * 1024;

export interface KeycloakRecord {
  record: LooseObject;
  id: string | undefined;
  timeMs: number;
  /** `LOGIN`, or of an admin event `CREATE USER`. */
  operation: string;
  /** Undefined for an admin event. */
  type: string | undefined;
  operationType: string | undefined;
  resourceType: string | undefined;
  resourcePath: string | undefined;
  realm: string | undefined;
  client: string | undefined;
  user: string | undefined;
  session: string | undefined;
  from: string | undefined;
  error: string | undefined;
  details: LooseObject;
  rest: Record<string, unknown>;
}

export function isKeycloakRecord(record: LooseObject): boolean {
  const logger = memberOf(record, 'loggerName') ?? memberOf(record, 'loggername');
  if (typeof logger === 'string') return LOGGER.test(logger);
  const realm = has(record, 'realmId') || has(record, 'realmName');
  if (OPERATIONS.has(memberOf(record, 'operationType') ?? memberOf(record, 'operationtype'))) {
    return has(record, 'resourceType') && (realm || has(record, 'authDetails'));
  }
  const type = memberOf(record, 'type');
  return realm && typeof type === 'string' && /^[A-Z][A-Z0-9_]{2,60}$/.test(type);
}

export function readKeycloak(given: LooseObject): KeycloakRecord {
  const written = spellNames(given, spelling);
  const record = LOGGER.test(textOf(memberOf(written, 'loggerName')) ?? '')
    ? { ...readLine(textOf(memberOf(written, 'message')) ?? ''), ...stampOf(written) }
    : written;
  // Of an admin event who did it stands apart; the listener's line has it at the top.
  const who = objectOf(memberOf(record, 'authDetails')) ?? record;
  const operationType = textOf(memberOf(record, 'operationType'));
  const resourceType = textOf(memberOf(record, 'resourceType'));
  const type = operationType === undefined ? textOf(memberOf(record, 'type')) : undefined;
  return {
    record,
    id: textOf(memberOf(record, 'id')),
    timeMs: timeMsOf(memberOf(record, 'time')) ?? timeMsOf(memberOf(record, 'timestamp')) ?? 0,
    operation: type ?? [operationType, resourceType].filter((one) => one !== undefined).join(' '),
    ...{ type, operationType, resourceType },
    resourcePath: textOf(memberOf(record, 'resourcePath')),
    realm: textOf(memberOf(record, 'realmName')) ?? textOf(memberOf(record, 'realmId')),
    client: textOf(memberOf(who, 'clientId')),
    user: textOf(memberOf(who, 'userId')),
    session: textOf(memberOf(record, 'sessionId')),
    from: textOf(memberOf(who, 'ipAddress')),
    error: textOf(memberOf(record, 'error')),
    details: maskSecrets(objectOf(memberOf(record, 'details')) ?? {}),
    rest: keepRest(record, PLACED),
  };
}

/** The pairs of a line as an event: what an event has no member for is one of its details. */
function readLine(line: string): LooseObject {
  const top: [string, string][] = [];
  const details: [string, string][] = [];
  for (const [, name = '', value = ''] of line.slice(0, LONGEST_LINE).matchAll(PAIR)) {
    const text = value.replace(/\\(.)/g, '$1');
    if (text !== 'null') (spelling.has(name.toLowerCase()) ? top : details).push([name, text]);
  }
  return { ...Object.fromEntries(top), details: Object.fromEntries(details) };
}

function stampOf(written: LooseObject): LooseObject {
  return { time: memberOf(written, 'timestamp') };
}

function has(record: LooseObject, name: string): boolean {
  return Object.hasOwn(record, name) || Object.hasOwn(record, name.toLowerCase());
}
