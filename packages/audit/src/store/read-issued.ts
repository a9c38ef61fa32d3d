// Looks one token up in the ledger.

import type { RealmId } from '@countersign/vocabulary';
import type { Selectable } from 'kysely';
import { hashBytes, hexOf } from '../hex-bytes.ts';
import type { IssuedTokenRow } from '../tables.ts';
import type { AuditRoom } from './audit-room.ts';
import type { IssuedToken } from './issued-token.ts';
import type { LogPlace } from './log-places.ts';

export type IssuedKey = LogPlace | { tokenHash: string } | { jtiHash: string };

/** @throws CodedError `issued_malformed` when a hash is not one. */
export async function findIssued(
  room: AuditRoom,
  key: IssuedKey,
): Promise<IssuedToken | undefined> {
  const query = room.store.read.selectFrom('issued_token').selectAll();
  const found =
    'logIndex' in key
      ? query.where('log_index', '=', room.logs.placeOf(key) ?? -1)
      : 'tokenHash' in key
        ? query.where('token_hash', '=', hashBytes(key.tokenHash))
        : query.where('jti_hash', '=', hashBytes(key.jtiHash));
  const row = await found.executeTakeFirst();
  return row === undefined ? undefined : issuedTokenOf(room, row);
}

export function issuedTokenOf(room: AuditRoom, row: Selectable<IssuedTokenRow>): IssuedToken {
  return {
    ...room.logs.describe(row.log_index),
    leafHash: hexOf(row.leaf_hash),
    tokenHash: hexOf(row.token_hash),
    jtiHash: hexOf(row.jti_hash),
    kid: row.kid,
    alg: row.alg,
    typ: row.typ,
    issuer: row.issuer,
    realm: row.realm as RealmId,
    audience: JSON.parse(row.audience),
    rootAuthId: row.root_auth_id,
    ...room.signers.describe(row.journal_number),
    keyNumber: row.key_number,
    signingInputHash: hexOf(row.signing_input_hash),
    issuedAtSeconds: row.issued_at_seconds,
    expiresAtSeconds: row.expires_at_seconds,
    oneTime: row.one_time === 1,
    ...(row.subject === null ? {} : { subject: row.subject }),
    ...(row.client_id === null ? {} : { clientId: row.client_id }),
    ...(row.parent_jti_hash === null ? {} : { parentJtiHash: hexOf(row.parent_jti_hash) }),
    ...(row.jkt === null ? {} : { jkt: row.jkt }),
    ...(row.grant_id === null ? {} : { grantId: row.grant_id }),
    ...(row.session_id === null ? {} : { sessionId: row.session_id }),
    ...(row.sign_in === null ? {} : { signIn: row.sign_in }),
  };
}
