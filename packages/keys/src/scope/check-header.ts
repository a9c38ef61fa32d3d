// The protected header of everything this signer signs: exactly alg, kid, typ and itr. The log
// binds no other member, so no other member may exist.

import { signerRefusal } from '../keys-error.ts';
import type { KeyScope, SignatureAlg, TokenType } from './key-scope.ts';
import type { JsonMembers } from './parse-signing-input.ts';

const MEMBERS: ReadonlySet<string> = new Set(['alg', 'kid', 'typ', 'itr']);

export interface CheckedHeader {
  typ: TokenType;
  /** The receipt as text; absent only under a scope that requires none. */
  itr: string | undefined;
}

/** @throws CodedError `header_malformed`, `receipt_missing`, `token_type_out_of_scope` */
export function checkHeader(
  header: JsonMembers,
  key: { kid: string; alg: SignatureAlg; scope: KeyScope },
): CheckedHeader {
  for (const name of Object.keys(header)) {
    if (!MEMBERS.has(name)) {
      throw signerRefusal('header_malformed', 'The header holds more than alg, kid, typ and itr.');
    }
  }
  if (header['kid'] !== key.kid || header['alg'] !== key.alg) {
    throw signerRefusal('header_malformed', 'The header names another key or algorithm.');
  }
  const { typ, itr } = header;
  if (typeof typ !== 'string') {
    throw signerRefusal('header_malformed', 'The header needs a typ.');
  }
  const tokenType = key.scope.tokenTypes.find((known) => known === typ);
  if (tokenType === undefined) {
    throw signerRefusal('token_type_out_of_scope', 'The key does not sign tokens of this type.');
  }
  if (itr === undefined && key.scope.requireReceiptFrom !== undefined) {
    throw signerRefusal('receipt_missing', 'The key signs nothing that the log has not seen.');
  }
  if (itr !== undefined && typeof itr !== 'string') {
    throw signerRefusal('header_malformed', 'The receipt in the header is not text.');
  }
  return { typ: tokenType, itr };
}
