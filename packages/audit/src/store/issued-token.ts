// A row of the ledger of issued tokens, as other rooms see it. Hashes are lower-case hex SHA-256.

import type { RealmId } from '@countersign/vocabulary';

export interface IssuedToken {
  logIndex: number;
  /** The log of that index. Default: the first. */
  logOrigin?: string;
  leafHash: string;
  tokenHash: string;
  jtiHash: string;
  kid: string;
  alg: string;
  typ: string;
  issuer: string;
  realm: RealmId;
  audience: string[];
  subject?: string;
  clientId?: string;
  rootAuthId: string;
  parentJtiHash?: string;
  journalNumber: number;
  /** The signer of that number. Default: the first. */
  signer?: string;
  keyNumber: number;
  /** Of the ASCII `header.payload`. */
  signingInputHash: string;
  issuedAtSeconds: number;
  expiresAtSeconds: number;
  jkt?: string;
  grantId?: string;
  sessionId?: string;
  /** Id of the risk assessment of the act that its session began with. */
  signIn?: string;
  /** True when a second acceptance is a replay. Default: true for `logout+jwt` only. */
  oneTime?: boolean;
}
