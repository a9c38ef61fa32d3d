// The attributes that each OCSF class asks for, drawn from actor, targets and debug data of an Okta event.

import { type DraftUser, describeUser } from '../ocsf/draft-event.ts';
import { textOf } from '../reading/read-text.ts';
import type { OktaMeaning } from './okta-operations.ts';
import { type OktaParty, type OktaRecord, saidOf, targetOf } from './read-okta.ts';

const USER_TYPES: Readonly<Record<string, NonNullable<DraftUser['type']>>> = {
  user: 'User',
  appuser: 'User',
  systemprincipal: 'System',
  publicclientapp: 'Service',
  appinstance: 'Service',
};

/** The parties that a target may be, in the order in which one is taken for what was acted on. */
const THINGS = [
  ...['AppInstance', 'UserGroup', 'PolicyEntity', 'Policy', 'PolicyRule', 'Token', 'Device'],
  ...['IdentityProvider', 'OAuth2Client', 'Role', 'Zone', 'NetworkZone'],
];

export function userOf(party: OktaParty | undefined): DraftUser | undefined {
  if (party === undefined) return undefined;
  const uid = party.id;
  const name = party.alternateId ?? party.displayName;
  if (uid === undefined && name === undefined) return undefined;
  return { uid, name, type: USER_TYPES[party.type?.toLowerCase() ?? ''] };
}

/** Whom an event is about: the person among the targets, or whoever acted on himself. */
export function affectedOf({ actor, targets }: OktaRecord): DraftUser | undefined {
  return userOf(targetOf(targets, 'User', 'AppUser')) ?? userOf(actor);
}

export function describeClass(okta: OktaRecord, meaning: OktaMeaning): Record<string, unknown> {
  switch (meaning.classUid) {
    case 3001:
      return { user: describeUser(affectedOf(okta)) };
    case 3002:
      return describeTicket(okta, meaning);
    case 3004:
      return { entity: describeEntity(okta, meaning.entity ?? 'Unknown') };
    case 3005:
      return {
        privileges: privilegesOf(okta),
        resource: describeResource(targetOf(okta.targets, 'AppInstance', 'UserGroup', 'Role')),
        user: describeUser(affectedOf(okta)),
      };
    case 3006:
      return describeGroupChange(okta);
    case 2004:
      return { finding_info: describeFinding(okta) };
    case 6002:
      return { app: { name: thingOf(okta)?.displayName ?? 'Okta', vendor_name: 'Okta' } };
    case 6005:
      return {
        actor: { user: describeUser(userOf(okta.actor)) },
        databucket: { ...nameOf(thingOf(okta)), type: 'Secret', type_id: 99 },
        type_id: 2,
      };
    default:
      return {
        api: {
          operation: okta.eventType,
          request: requestOf(okta),
          service: { name: 'Okta' },
          token: tokenOf(okta),
        },
        resources: resourcesOf(okta),
      };
  }
}

function describeTicket(okta: OktaRecord, meaning: OktaMeaning): Record<string, unknown> {
  const app = targetOf(okta.targets, 'AppInstance', 'app', 'PublicClientApp');
  const token = targetOf(okta.targets, 'access_token', 'id_token', 'refresh_token', 'code');
  const types: Readonly<Record<string, [number, string]>> = {
    id_token: [3, 'Identity Token'],
    refresh_token: [4, 'Refresh Token'],
    access_token: [99, 'Access Token'],
  };
  const [typeId, type] = types[token?.type?.toLowerCase() ?? ''] ?? [99, 'Other'];
  const saml = app?.signOnMode?.startsWith('SAML') === true;
  return {
    ...(token?.id === undefined
      ? {}
      : { authentication_token: { type, type_id: typeId, uid: token.id } }),
    ...(meaning.kind === 'token' ? { auth_protocol: 'OAUTH 2.0', auth_protocol_id: 6 } : {}),
    ...(saml ? { auth_protocol: 'SAML', auth_protocol_id: 5 } : {}),
    ...(okta.eventType === 'user.authentication.auth_via_mfa' ? { is_mfa: true } : {}),
    service:
      app?.id === undefined && app?.displayName === undefined ? { name: 'Okta' } : nameOf(app),
    user: describeUser(affectedOfTicket(okta)),
  };
}

/** With OAuth the client acts, and the person is a target or a debug value. */
export function affectedOfTicket(okta: OktaRecord): DraftUser | undefined {
  const { actor, targets, debug } = okta;
  if (actor?.type === undefined || actor.type.toLowerCase() === 'user') return userOf(actor);
  const person = userOf(targetOf(targets, 'User'));
  const uid = saidOf(debug, 'userId');
  return person ?? (uid === undefined ? userOf(actor) : { uid, type: 'User' });
}

function describeEntity(okta: OktaRecord, type: string): Record<string, unknown> {
  const thing = thingOf(okta);
  const ids: Readonly<Record<string, number>> = { Device: 1, Policy: 5, 'Network Zone': 7 };
  return { ...nameOf(thing), type, type_id: ids[type] ?? 99 };
}

function describeGroupChange(okta: OktaRecord): Record<string, unknown> {
  const member = targetOf(okta.targets, 'User', 'AppUser');
  return {
    group: nameOf(targetOf(okta.targets, 'UserGroup') ?? okta.targets[0]),
    ...(textOf(okta.debug?.['privilegeGranted']) === undefined
      ? {}
      : { privileges: privilegesOf(okta) }),
    ...(member === undefined ? {} : { user: describeUser(userOf(member)) }),
  };
}

function describeFinding(okta: OktaRecord): Record<string, unknown> {
  return {
    desc: okta.reason,
    title: okta.message ?? okta.eventType,
    types: [okta.eventType],
    uid: okta.uuid ?? 'unknown',
  };
}

const FACTORS: readonly [RegExp, number, string][] = [
  [/WEBAUTHN|FIDO/, 10, 'WebAuthn'],
  [/PUSH/, 5, 'Push Notification'],
  [/SMS/, 1, 'SMS'],
  [/CALL|VOICE/, 3, 'Phone Call'],
  [/EMAIL/, 8, 'Email'],
  [/QUESTION/, 2, 'Security Question'],
  [/U2F/, 9, 'U2F'],
  [/OTP|TOKEN:/, 7, 'OTP'],
  [/HARDWARE|YUBIKEY|RSA/, 6, 'Hardware Token'],
  [/PASSWORD/, 11, 'Password'],
];

export function factorOf(okta: OktaRecord): Record<string, unknown> | undefined {
  const said = saidOf(okta.debug, 'factor') ?? saidOf(okta.authentication, 'credentialType');
  if (said === undefined) return undefined;
  const found = FACTORS.find(([pattern]) => pattern.test(said.toUpperCase()));
  return { factor_type: found?.[2] ?? said, factor_type_id: found?.[1] ?? 99 };
}

function privilegesOf(okta: OktaRecord): string[] {
  const granted = saidOf(okta.debug, 'privilegeGranted');
  if (granted !== undefined) return granted.split(/,\s*/).filter((one) => one !== '');
  const role = targetOf(okta.targets, 'Role', 'ROLE', 'AppInstance', 'UserGroup');
  return [role?.displayName ?? role?.id ?? okta.eventType];
}

function thingOf({ targets }: OktaRecord): OktaParty | undefined {
  return targetOf(targets, ...THINGS) ?? targets[0];
}

function nameOf(party: OktaParty | undefined): Record<string, unknown> {
  const name = party?.displayName ?? party?.alternateId;
  if (name === undefined && party?.id === undefined) return { name: 'unknown' };
  return { name, uid: party?.id };
}

function describeResource(party: OktaParty | undefined): Record<string, unknown> | undefined {
  return party === undefined ? undefined : { ...nameOf(party), type: party.type };
}

function resourcesOf({ targets }: OktaRecord): Record<string, unknown>[] | undefined {
  if (targets.length === 0) return undefined;
  return targets.slice(0, 100).map((one) => ({ ...nameOf(one), type: one.type }));
}

function requestOf({ debug }: OktaRecord): Record<string, unknown> | undefined {
  const uid = saidOf(debug, 'requestId');
  return uid === undefined ? undefined : { uid };
}

function tokenOf({ transaction }: OktaRecord): Record<string, unknown> | undefined {
  const detail = transaction?.['detail'];
  const uid = saidOf(
    typeof detail === 'object' ? (detail as Record<string, unknown>) : undefined,
    'requestApiTokenId',
  );
  return uid === undefined ? undefined : { type: 'API Token', type_id: 99, uid };
}
