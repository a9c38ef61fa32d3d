// What makes a token one that can be followed: its own id, the sign-in it descends from, whom it
// is about, and what kind it is. Kinds are kept apart so that none passes for another (C-20).

import { signerRefusal } from '../keys-error.ts';
import type { TokenType } from './key-scope.ts';
import type { JsonMembers } from './parse-signing-input.ts';

/** 128 random bits in base64url. */
const SHORTEST_ID = 22;
const LONGEST_ID = 256;
const LONGEST_SUBJECT = 255;
/** OpenID Connect Back-Channel Logout 1.0 §2.4. */
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** @throws CodedError `payload_malformed` */
export function checkIdentity(payload: JsonMembers, typ: TokenType): void {
  const { jti, root_auth_id: root, parent_jti: parent, sub, client_id: client } = payload;
  if (!isText(jti, SHORTEST_ID, LONGEST_ID)) throw malformed('jti needs at least 128 random bits');
  if (!isText(root, 1, LONGEST_ID)) throw malformed('root_auth_id is missing');
  if (parent !== undefined && (!isText(parent, 1, LONGEST_ID) || parent === jti)) {
    throw malformed('parent_jti is not the id of another token');
  }
  if (typ === 'logout+jwt') {
    checkLogout(payload);
    return;
  }
  if (!isText(sub, 1, LONGEST_SUBJECT)) throw malformed('sub is missing');
  if (isLogoutEvent(payload['events'])) throw malformed('only a logout token ends a session');
  // RFC 9068 §2.2.
  if (typ === 'at+jwt' && !isText(client, 1, LONGEST_ID)) throw malformed('client_id is missing');
}

function checkLogout(payload: JsonMembers): void {
  const { sub, sid, events, nonce } = payload;
  if (!isText(sub, 1, LONGEST_SUBJECT) && !isText(sid, 1, LONGEST_ID)) {
    throw malformed('a logout token names sub or sid');
  }
  if (!isLogoutEvent(events)) throw malformed('a logout token holds the logout event');
  if (nonce !== undefined) throw malformed('a logout token holds no nonce');
}

function isLogoutEvent(events: unknown): boolean {
  return typeof events === 'object' && events !== null && Object.hasOwn(events, LOGOUT_EVENT);
}

function isText(value: unknown, shortest: number, longest: number): value is string {
  return typeof value === 'string' && value.length >= shortest && value.length <= longest;
}

function malformed(what: string): Error {
  return signerRefusal('payload_malformed', `The payload cannot be signed: ${what}.`);
}
