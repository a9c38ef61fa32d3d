// What one record of anybody's log says about who touched what with which token: the facts that joining
// issuers with resources, and telling what was read, are made of. Stored with the event under
// `unmapped.countersign.activity`.

export interface TouchedItem {
  kind: 'mail' | 'folder' | 'file' | 'object' | 'site' | 'secret' | 'row' | 'other';
  /** As the source names it, exact case. */
  id: string;
  /** What holds it: a mailbox, bucket or site. */
  in?: string;
  /** What a person would call it: a path, a subject. */
  name?: string;
}

export interface ActivityFacts {
  kind: 'sign_in' | 'token' | 'access' | 'revocation' | 'change' | 'other';
  outcome: 'success' | 'failure' | 'unknown';
  /** Ids of tokens, exact case, with what they are: `uti:…`, `jti:…`, `key:AKIA…`, `dtHash:…`. */
  tokens?: string[];
  /** Tokens these were made from, as the key with which a role was assumed: used, not issued. */
  parents?: string[];
  /** Ids of sessions: `sid:…`. */
  sessions?: string[];
  /** Folded and with what they are: `oid:…`, `upn:…`, `email:…`. */
  persons?: string[];
  /** The application that was signed in to, or the front door that was used. */
  app?: string;
  /** The client that called. */
  client?: string;
  ip?: string;
  asn?: string;
  userAgent?: string;
  device?: string;
  /** The foreign tenant, account or organisation. */
  tenant?: string;
  resource?: string;
  /** What was done, as the source calls it. */
  operation: string;
  tokenIssuedMs?: number;
  tokenExpiresMs?: number;
  items?: TouchedItem[];
  /** False: more was touched than is listed, as when a whole folder was synchronised. */
  itemsComplete?: boolean;
  /** The source itself says that records are missing or summed up. */
  gap?: 'throttled' | 'aggregated' | 'truncated';
}
