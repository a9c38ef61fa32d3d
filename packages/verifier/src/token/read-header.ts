// The protected header (RFC 7515 §4). It may name a key but never bring or fetch one, and beside a
// receipt nothing may stand but what the receipt binds: alg, kid, typ.

import { VerificationError } from '../refusal.ts';
import { type Judgement, known, type Outcome } from './judgement.ts';
import { readRecord } from './read-record.ts';

export interface TokenHeader {
  readonly alg: string;
  readonly kid: string;
  readonly typ: string;
  /** The receipt as it stands in the token. */
  readonly itr?: unknown;
}

/** Members that carry or locate a key, or change what is signed (RFC 7515 §4.1, RFC 7797). */
const FORBIDDEN = new Set(['jwk', 'jku', 'x5u', 'x5c', 'b64', 'zip', 'enc', 'epk']);
/** All that is read, and all that may stand beside a receipt. */
const READ: ReadonlySet<string> = new Set(['alg', 'kid', 'typ', 'itr']);
const LONGEST_NAME = 255;

export function readHeader(judgement: Judgement): Outcome {
  const header = readRecord(known(judgement.envelope).header, 'header');
  if (Object.hasOwn(header, 'crit')) {
    throw new VerificationError(
      'header_critical_unknown',
      'The token demands an extension (crit) that this verifier does not have.',
    );
  }
  for (const name of Object.keys(header)) {
    const folded = name.toUpperCase().toLowerCase();
    if (FORBIDDEN.has(folded)) refuseMember(name, 'Keys come from the policy alone.');
    if (folded !== name && READ.has(folded)) refuseMember(name, 'Its spelling is ambiguous.');
  }
  if (Object.hasOwn(header, 'itr')) {
    const extra = Object.keys(header).find((name) => !READ.has(name));
    if (extra !== undefined) refuseMember(extra, 'The receipt does not cover it.');
  }
  judgement.header = {
    alg: readName(header, 'alg'),
    kid: readName(header, 'kid'),
    typ: readName(header, 'typ'),
    ...(Object.hasOwn(header, 'itr') ? { itr: header.itr } : {}),
  };
  return undefined;
}

function readName(header: Record<string, unknown>, name: 'alg' | 'kid' | 'typ'): string {
  const value = Object.hasOwn(header, name) ? header[name] : undefined;
  if (typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME) return value;
  throw new VerificationError(
    'token_malformed',
    `The token's header has no ${name}, or not as a text of at most ${LONGEST_NAME} characters.`,
  );
}

function refuseMember(name: string, reason: string): never {
  const shown = /^[A-Za-z0-9_#-]{1,32}$/.test(name) ? name : 'of an unusual name';
  throw new VerificationError(
    'header_member_forbidden',
    `The token's header has a member ${shown}, which is not allowed. ${reason}`,
  );
}
