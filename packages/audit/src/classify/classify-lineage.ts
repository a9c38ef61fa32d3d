// Does a ledger row descend from what it says it does? Pure. Storm-0558 fed a forged token to an
// exchange that handed back a genuine one; such a token has a parent nobody issued (C-20, C-28).

import type { Verdict } from './verdict.ts';

export interface LineageFacts {
  realm: string;
  rootAuthId: string;
  subject: string | null;
  clientId: string | null;
  /** `direct`, `refreshed` or `exchanged`. */
  derivation: string;
  recordedMs: number;
  /** `none`: the token names no parent. `unknown`: it names one that was never issued. */
  parent: 'none' | 'unknown' | ParentFacts;
  /** The first token under the same root, when there is an earlier one. */
  first?: { realm: string; subject: string | null } | undefined;
  /** Who signed in at that root, when the sign-in was recorded. */
  signedIn?: { realm: string; subject: string } | undefined;
}

export interface ParentFacts {
  realm: string;
  rootAuthId: string;
  subject: string | null;
  clientId: string | null;
  revoked?: { ms: number; reason: string } | undefined;
}

/** A refresh that was under way when its parent was revoked is no crime. */
const REVOCATION_SLACK_MS = 5000;

export function classifyLineage(row: LineageFacts): Verdict | undefined {
  const reason = parentFault(row) ?? rootFault(row);
  if (reason === undefined) return undefined;
  return {
    class: 'laundered',
    reason,
    severity: 'high',
    proven: true,
    message: 'A token was issued on the strength of something that does not support it.',
  };
}

function parentFault(row: LineageFacts): string | undefined {
  const { parent } = row;
  if (parent === 'none') return undefined;
  if (parent === 'unknown') return 'parent_unknown';
  if (parent.realm !== row.realm) return 'parent_of_another_realm';
  if (parent.rootAuthId !== row.rootAuthId) return 'root_differs';
  if (differs(parent.subject, row.subject)) return 'person_differs';
  if (row.derivation !== 'exchanged' && differs(parent.clientId, row.clientId)) {
    return 'client_differs';
  }
  const { revoked } = parent;
  // A client may return one access token (RFC 7009) and go on with its refresh token.
  if (revoked !== undefined && revoked.reason !== 'requested') {
    if (row.recordedMs > revoked.ms + REVOCATION_SLACK_MS) return 'parent_revoked';
  }
  return undefined;
}

function rootFault(row: LineageFacts): string | undefined {
  for (const known of [row.first, row.signedIn]) {
    if (known === undefined) continue;
    if (known.realm !== row.realm) return 'root_of_another_realm';
    if (differs(known.subject, row.subject)) return 'person_differs';
  }
  return undefined;
}

function differs(left: string | null, right: string | null): boolean {
  return left !== null && right !== null && left !== right;
}
