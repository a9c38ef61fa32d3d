// Google Workspace activities in their three shapes: an item of the Reports API with several events, a
// feed in which each event stands alone, and the copy in Cloud Logging. Each becomes the same events.

import { hash } from 'node:crypto';
import { keepRest } from '../reading/keep-rest.ts';
import { type LooseObject, listOf, memberOf, objectOf, textOf } from '../reading/read-text.ts';
import { timeMsOf } from '../reading/read-time.ts';
import { spellingOf, spellNames } from '../reading/spell-names.ts';
import { type Parameters, readParameters } from './read-parameters.ts';

const spelling = spellingOf(
  ...['id', 'time', 'uniqueQualifier', 'applicationName', 'customerId', 'actor', 'email'],
  ...['profileId', 'callerType', 'key', 'ipAddress', 'ownerDomain', 'events', 'type', 'name'],
  ...['parameters', 'protoPayload', 'metadata', 'activityId', 'timeUsec', 'uniqQualifier', 'event'],
  ...['eventName', 'eventType', 'parameter', 'serviceName', 'methodName', 'authenticationInfo'],
  ...[
    'principalEmail',
    'requestMetadata',
    'callerIp',
    'callerIP',
    'insertId',
    'timestamp',
    'logName',
  ],
  ...['resource', 'labels', 'value', 'intValue', 'boolValue', 'multiValue', 'multiIntValue'],
  ...['messageValue', 'multiMessageValue', 'callerSuppliedUserAgent'],
);

/** Services of Cloud Logging → applications of the Reports API. */
const APPLICATIONS: Readonly<Record<string, string>> = {
  'login.googleapis.com': 'login',
  'admin.googleapis.com': 'admin',
  'oauth2.googleapis.com': 'token',
  'cloudidentity.googleapis.com': 'groups_enterprise',
  'drive.googleapis.com': 'drive',
  'saml.googleapis.com': 'saml',
};

/** What the map puts somewhere; any other member of the record is kept under `unmapped.google`. */
const PLACED: ReadonlySet<string> = new Set(['id', 'actor', 'ipAddress', 'events', 'type', 'name']);
const PLACED_ALONE: ReadonlySet<string> = new Set([...PLACED, 'parameters']);
const PLACED_LOGGED: ReadonlySet<string> = new Set([...PLACED, 'protoPayload']);

export interface Activity {
  application: string;
  /** The same in every shape. */
  key: string;
  timeMs: number;
  time: string | undefined;
  customer: string | undefined;
  email: string | undefined;
  profile: string | undefined;
  callerType: string | undefined;
  callerKey: string | undefined;
  from: string | undefined;
  type: string | undefined;
  name: string;
  parameters: Parameters;
  rest: Record<string, unknown>;
}

/** The copy of an activity that Cloud Logging keeps, told from an audit record of Google Cloud. */
export function isLoggedActivity(record: LooseObject): boolean {
  const payload = memberOf(record, 'protoPayload') ?? memberOf(record, 'protopayload');
  const metadata = memberOf(objectOf(payload), 'metadata');
  const event = memberOf(objectOf(metadata), 'event');
  return typeof event === 'object' && event !== null;
}

export function isActivity(record: LooseObject): boolean {
  const id = memberOf(record, 'id');
  if (typeof id === 'object' && id !== null && !Array.isArray(id)) {
    const named = id as LooseObject;
    const application = memberOf(named, 'applicationName') ?? memberOf(named, 'applicationname');
    return typeof application === 'string';
  }
  return isLoggedActivity(record);
}

export function readActivities(given: LooseObject): Activity[] {
  const record = spellNames(given, spelling);
  return objectOf(memberOf(record, 'protoPayload')) === undefined
    ? readItem(record)
    : readLogged(record);
}

function readItem(record: LooseObject): Activity[] {
  const id = objectOf(memberOf(record, 'id'));
  const actor = objectOf(memberOf(record, 'actor'));
  const time = memberOf(id, 'time');
  const whole: Whole = {
    application: textOf(memberOf(id, 'applicationName')) ?? 'unknown',
    qualifier: textOf(memberOf(id, 'uniqueQualifier')),
    timeMs: timeMsOf(time) ?? timeMsOf(memberOf(record, 'p_event_time')) ?? 0,
    time: textOf(time),
    customer: textOf(memberOf(id, 'customerId')),
    email: textOf(memberOf(actor, 'email')),
    profile: textOf(memberOf(actor, 'profileId')),
    callerType: textOf(memberOf(actor, 'callerType')),
    callerKey: textOf(memberOf(actor, 'key')),
    from: textOf(memberOf(record, 'ipAddress')),
  };
  const events = listOf(memberOf(record, 'events'));
  // Feeds that were normalised have one event, whose members stand at the top.
  const alone = events.length === 0;
  return split(whole, alone ? [record] : events, {
    ...{ type: 'type', name: 'name', parameters: 'parameters' },
    rest: keepRest(record, alone ? PLACED_ALONE : PLACED),
  });
}

function readLogged(record: LooseObject): Activity[] {
  const payload = objectOf(memberOf(record, 'protoPayload'));
  const metadata = objectOf(memberOf(payload, 'metadata'));
  const id = objectOf(memberOf(metadata, 'activityId'));
  const service = textOf(memberOf(payload, 'serviceName')) ?? 'unknown';
  const caller = objectOf(memberOf(payload, 'requestMetadata'));
  const time = textOf(memberOf(record, 'timestamp'));
  const whole: Whole = {
    application: APPLICATIONS[service] ?? service,
    qualifier: textOf(memberOf(id, 'uniqQualifier')),
    timeMs: timeMsOf(memberOf(id, 'timeUsec')) ?? timeMsOf(time) ?? 0,
    time,
    customer: undefined,
    email: textOf(memberOf(objectOf(memberOf(payload, 'authenticationInfo')), 'principalEmail')),
    ...{ profile: undefined, callerType: undefined, callerKey: undefined },
    from: textOf(memberOf(caller, 'callerIp')) ?? textOf(memberOf(caller, 'callerIP')),
  };
  return split(whole, listOf(memberOf(metadata, 'event')), {
    ...{ type: 'eventType', name: 'eventName', parameters: 'parameter' },
    rest: keepRest(record, PLACED_LOGGED),
  });
}

type Whole = Omit<Activity, 'key' | 'type' | 'name' | 'parameters' | 'rest'> & {
  qualifier: string | undefined;
};

interface Names {
  type: string;
  name: string;
  parameters: string;
  rest: Record<string, unknown>;
}

function split(whole: Whole, events: readonly unknown[], names: Names): Activity[] {
  const { qualifier, ...shared } = whole;
  const seen = new Map<string, number>();
  return events.map((event) => {
    const one = objectOf(event);
    const type = textOf(memberOf(one, names.type));
    const name = textOf(memberOf(one, names.name)) ?? type ?? 'unknown';
    const parameters = readParameters(memberOf(one, names.parameters));
    // An item may hold the same name several times, for each person a file was shared with: what an
    // event says is part of its key, in the same words whatever the shape.
    const said = [shared.application, shared.timeMs, qualifier, type, name, parameters.canonical];
    const key = `${qualifier ?? shared.email ?? ''}:${digest(said.join('\n'))}`;
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    return {
      ...shared,
      ...{ type, name, parameters, rest: names.rest },
      key: count === 1 ? key : `${key}:${count}`,
    };
  });
}

function digest(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 32);
}
