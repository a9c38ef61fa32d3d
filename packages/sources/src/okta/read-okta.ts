// One Okta System Log event, read without trust: names in any of their two spellings, `debugData` an
// object, JSON text or empty, targets null, `"unknown"` a value and `zone` the text "null".

import { keepRest } from '../reading/keep-rest.ts';
import { type Address, addressOf } from '../reading/read-address.ts';
import {
  type LooseObject,
  memberOf,
  numberOf,
  objectOf,
  objectsOf,
  textOf,
} from '../reading/read-text.ts';
import { timeMsOf } from '../reading/read-time.ts';
import { spellingOf, spellNames } from '../reading/spell-names.ts';

const spelling = spellingOf(
  ...['uuid', 'published', 'eventType', 'legacyEventType', 'displayMessage', 'severity', 'version'],
  ...['outcome', 'result', 'reason', 'actor', 'target', 'id', 'type', 'alternateId', 'displayName'],
  ...[
    'detailEntry',
    'signOnModeType',
    'client',
    'ipAddress',
    'userAgent',
    'rawUserAgent',
    'zone',
    'device',
    'name',
  ],
  ...['geographicalContext', 'geolocation', 'lat', 'lon', 'city', 'state', 'country', 'postalCode'],
  ...[
    'request',
    'ipChain',
    'ip',
    'securityContext',
    'asNumber',
    'asOrg',
    'isp',
    'domain',
    'isProxy',
  ],
  ...['authenticationContext', 'externalSessionId', 'rootSessionId', 'authenticationStep'],
  ...['credentialType', 'transaction', 'detail', 'requestApiTokenId', 'debugContext', 'debugData'],
  ...['dtHash', 'requestId', 'requestUri', 'userId', 'privilegeGranted', 'factor', 'os', 'browser'],
  ...['grantType', 'grantedScopes', 'deviceFingerprint', 'clientId', 'url', 'logOnlySecurityData'],
);

/** What the map puts somewhere; any other member of the record is kept under `unmapped.okta`. */
const PLACED: ReadonlySet<string> = new Set([
  ...['uuid', 'published', 'eventType', 'displayMessage', 'severity', 'outcome', 'actor'],
]);

export interface OktaParty {
  id: string | undefined;
  type: string | undefined;
  alternateId: string | undefined;
  displayName: string | undefined;
  /** Of an application: `SAML_2_0`, `OPENID_CONNECT`, … */
  signOnMode: string | undefined;
}

export interface OktaRecord {
  record: LooseObject;
  uuid: string | undefined;
  eventType: string;
  timeMs: number;
  published: string | undefined;
  message: string | undefined;
  severity: string | undefined;
  result: string | undefined;
  reason: string | undefined;
  actor: OktaParty | undefined;
  targets: readonly OktaParty[];
  client: LooseObject | undefined;
  address: Address | undefined;
  userAgent: string | undefined;
  security: LooseObject | undefined;
  authentication: LooseObject | undefined;
  debug: LooseObject | undefined;
  transaction: LooseObject | undefined;
  rest: Record<string, unknown>;
}

/** True for what only an Okta System Log event has. */
export function isOktaRecord(record: LooseObject): boolean {
  const eventType = memberOf(record, 'eventType') ?? memberOf(record, 'eventtype');
  if (typeof eventType !== 'string' || !/^[a-z0-9_]+(\.[a-zA-Z0-9_]+)+$/.test(eventType)) {
    return false;
  }
  return MARKS.some((name) => Object.hasOwn(record, name));
}

const MARKS = [
  ...['legacyEventType', 'legacyeventtype', 'displayMessage', 'displaymessage', 'outcome'],
  ...['debugContext', 'debugcontext', 'securityContext', 'securitycontext', 'actorId'],
  ...['authenticationContext', 'authenticationcontext', 'published'],
];

export function readOkta(given: LooseObject): OktaRecord {
  const record = spellNames(given, spelling);
  const client = objectOf(memberOf(record, 'client'));
  const outcome = objectOf(memberOf(record, 'outcome'));
  const agent = memberOf(client, 'userAgent');
  const published = memberOf(record, 'published');
  return {
    record,
    uuid: textOf(memberOf(record, 'uuid')),
    eventType: textOf(memberOf(record, 'eventType')) ?? 'unknown',
    // A feed that was normalised may have lost `published`, and says its own instead.
    timeMs: timeMsOf(published) ?? timeMsOf(memberOf(record, 'p_event_time')) ?? 0,
    published: textOf(published),
    message: textOf(memberOf(record, 'displayMessage')),
    severity: textOf(memberOf(record, 'severity')),
    result: textOf(memberOf(outcome, 'result')),
    reason: textOf(memberOf(outcome, 'reason')),
    actor: partyOf(objectOf(memberOf(record, 'actor'))),
    targets: objectsOf(memberOf(record, 'target'))
      .map(partyOf)
      .filter((one) => one !== undefined),
    client,
    address: addressOf(textOf(memberOf(client, 'ipAddress'))),
    userAgent: textOf(memberOf(objectOf(agent), 'rawUserAgent')) ?? textOf(agent),
    security: objectOf(memberOf(record, 'securityContext')),
    authentication: objectOf(memberOf(record, 'authenticationContext')),
    debug: objectOf(memberOf(objectOf(memberOf(record, 'debugContext')), 'debugData')),
    transaction: objectOf(memberOf(record, 'transaction')),
    rest: keepRest(record, PLACED),
  };
}

/** A value of Okta's that says something: `unknown` and the text `null` say nothing. */
export function saidOf(object: LooseObject | undefined, name: string): string | undefined {
  const text = textOf(memberOf(object, name));
  return text === 'unknown' || text === 'null' || text === 'UNKNOWN' ? undefined : text;
}

/** The first target of one of some types, in the order of the types. */
export function targetOf(
  targets: readonly OktaParty[],
  ...types: readonly string[]
): OktaParty | undefined {
  for (const type of types) {
    const found = targets.find((one) => one.type?.toLowerCase() === type.toLowerCase());
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Where the address lies and whose network it is, in the words of OCSF. */
export function describeOrigin({ client, security, record }: OktaRecord): Record<string, unknown> {
  const place = objectOf(memberOf(client, 'geographicalContext'));
  const point = objectOf(memberOf(place, 'geolocation'));
  const named = {
    city: saidOf(place, 'city'),
    country: saidOf(place, 'country'),
    postal_code: saidOf(place, 'postalCode'),
    region: saidOf(place, 'state'),
  };
  const number = numberOf(memberOf(security, 'asNumber'));
  const name = saidOf(security, 'asOrg');
  const hops = objectsOf(memberOf(objectOf(memberOf(record, 'request')), 'ipChain'))
    .slice(1, 20)
    .map((hop) => addressOf(textOf(memberOf(hop, 'ip')))?.ip)
    .filter((ip) => ip !== undefined);
  return {
    autonomous_system: number === undefined && name === undefined ? undefined : { name, number },
    intermediate_ips: hops.length === 0 ? undefined : hops,
    isp: saidOf(security, 'isp'),
    location: Object.values(named).every((text) => text === undefined)
      ? undefined
      : { ...named, lat: degrees(point, 'lat'), long: degrees(point, 'lon') },
  };
}

function degrees(point: LooseObject | undefined, name: string): number | undefined {
  const value = memberOf(point, name);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function partyOf(party: LooseObject | undefined): OktaParty | undefined {
  if (party === undefined) return undefined;
  return {
    id: saidOf(party, 'id'),
    type: saidOf(party, 'type'),
    alternateId: saidOf(party, 'alternateId'),
    displayName: saidOf(party, 'displayName'),
    signOnMode: saidOf(objectOf(memberOf(party, 'detailEntry')), 'signOnModeType'),
  };
}
