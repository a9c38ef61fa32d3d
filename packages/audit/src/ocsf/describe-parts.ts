// The OCSF objects that several classes share: metadata, token, session, client address. Members
// are written in the order of RFC 8785, so that the stored text is canonical as it is.

import { isIP, SocketAddress } from 'node:net';
import { type CountersignEvent, parseRealmId, type TokenFacts } from '@countersign/vocabulary';
import { OCSF_VERSION } from './class-kinds.ts';
import type {
  OcsfAuthenticationToken,
  OcsfHttpRequest,
  OcsfMetadata,
  OcsfNetworkEndpoint,
  OcsfSession,
  OcsfToken,
  OcsfUser,
} from './schema/ocsf-objects.ts';

/** OCSF has two objects for a token; ours fits both. */
type OcsfTokenOfEvent = OcsfAuthenticationToken & OcsfToken;

export interface Product {
  name: string;
  version: string;
}

export interface Stamp {
  /** Unique id of the record (UUID version 7). */
  uid: string;
  /** When we wrote it down, as opposed to when it happened. */
  loggedMs: number;
  product: Product;
}

export function tenantOf(event: CountersignEvent): string | undefined {
  return event.realm === undefined ? event.tenant : parseRealmId(event.realm).tenant;
}

export function describeMetadata(
  event: CountersignEvent,
  stamp: Stamp,
  tenant: string | undefined,
): OcsfMetadata {
  return {
    correlation_uid: event.token?.rootAuthId,
    event_code: event.name,
    log_name: 'countersign',
    logged_time: stamp.loggedMs,
    product: {
      name: stamp.product.name,
      vendor_name: 'Countersign',
      version: stamp.product.version,
    },
    tenant_uid: tenant,
    uid: stamp.uid,
    version: OCSF_VERSION,
  };
}

// OCSF 1.8 knows ID and refresh tokens but not OAuth access tokens: those are "Other".
const TOKEN_TYPES: Readonly<Record<TokenFacts['kind'], [3 | 4 | 99, string]>> = {
  id: [3, 'Identity Token'],
  refresh: [4, 'Refresh Token'],
  access: [99, 'Access Token'],
  logout: [99, 'Logout Token'],
  other: [99, 'Other'],
};

export function describeToken(event: CountersignEvent): OcsfTokenOfEvent | undefined {
  const { token } = event;
  if (token === undefined) return undefined;
  const [typeId, type] = TOKEN_TYPES[token.kind];
  return {
    created_time: inMilliseconds(token.issuedAtSeconds),
    expiration_time: inMilliseconds(token.expiresAtSeconds),
    tenant_uid: tenantOf(event),
    type,
    type_id: typeId,
    uid: token.jtiHash,
  };
}

export function describeSession(event: CountersignEvent): OcsfSession | undefined {
  if (event.sessionId === undefined) return undefined;
  return { issuer: event.token?.issuer, uid: event.sessionId };
}

/** The person, or the client when it acts for itself. OCSF asks for a name or an id. */
export function describeUser(event: CountersignEvent): OcsfUser {
  const subject = event.subject ?? event.token?.subject;
  if (subject !== undefined && subject !== event.clientId) {
    return { type: 'User', type_id: 1, uid: subject };
  }
  if (event.clientId !== undefined) return { type: 'Service', type_id: 4, uid: event.clientId };
  return { name: 'unknown', type: 'Unknown', type_id: 0 };
}

export function describeEndpoint(event: CountersignEvent): OcsfNetworkEndpoint | undefined {
  const ip = event.request?.ip;
  return ip !== undefined && isIP(ip) !== 0 ? { ip: spellAddress(ip) } : undefined;
}

export function describeHttpRequest(event: CountersignEvent): OcsfHttpRequest | undefined {
  const userAgent = event.request?.userAgent;
  return userAgent === undefined ? undefined : { user_agent: userAgent };
}

export function inMilliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

const LONGEST_ADDRESS = 40;

/** OCSF `ip_t` has 40 characters; an IPv6 address can be written in more, so it is written anew. */
function spellAddress(ip: string): string {
  if (ip.length <= LONGEST_ADDRESS) return ip;
  const family = isIP(ip) === 6 ? 'ipv6' : 'ipv4';
  return new SocketAddress({ address: ip.replace(/%.*$/, ''), family }).address;
}
