// Our facts about tokens, keys and the log, for which OCSF 1.8 has no attribute. Until the extension
// is registered they travel in `unmapped.countersign`; every member is described in EVENTS.md.

import type { CountersignEvent, ExtraFacts } from '@countersign/vocabulary';
import { describeRiskFacts } from './describe-risk.ts';

/** Raised when a member changes its meaning; a new member does not raise it. */
export const EXTENSION_VERSION = 1;

export interface ExtensionFacts {
  /** Whether the issued-token ledger holds this very token; absent where nobody looked. */
  ledgerMatch?: boolean;
  /** Whose log the event belongs to when no realm is known, as with a token of nobody. */
  tenant?: string;
}

/** Members in the order of RFC 8785, so that the stored text is canonical as it is. */
export function describeExtension(event: CountersignEvent, facts: ExtensionFacts): object {
  const { actor, change, item, token, verifier } = event;
  return {
    actor: actor === undefined ? undefined : sortMembers({ ...actor }),
    alg: token?.alg,
    aud: token?.audience,
    caused_by: event.causedBy,
    change:
      change === undefined
        ? undefined
        : { after: sortMembers(change.after), before: sortMembers(change.before) },
    client_id: event.clientId,
    cnf_jkt: token?.confirmationThumbprint,
    count: event.count,
    event: event.name,
    extra: sortMembers(event.extra),
    iss: token?.issuer,
    item: item === undefined ? undefined : sortMembers({ ...item }),
    journal_number: token?.journalNumber,
    jti_hash: token?.jtiHash,
    kid: token?.kid,
    kind: token?.kind,
    leaf_hash: token?.leafHash,
    ledger_match: facts.ledgerMatch,
    log_index: token?.logIndex,
    log_origin: token?.logOrigin,
    operation: event.operation,
    parent_jti_hash: token?.parentJtiHash,
    realm: event.realm,
    reason: event.reason,
    risk: event.risk === undefined ? undefined : describeRiskFacts(event.risk),
    root_auth_id: token?.rootAuthId,
    scope: token?.scope,
    signer: token?.signer,
    sub: token?.subject ?? event.subject,
    token_hash: token?.tokenHash,
    typ: token?.typ,
    v: EXTENSION_VERSION,
    verifier:
      verifier === undefined ? undefined : { name: verifier.name, version: verifier.version },
  };
}

function sortMembers(extra: ExtraFacts | undefined): object | undefined {
  if (extra === undefined) return undefined;
  // Code-unit order, as RFC 8785 §3.2.3 asks; the default sort is exactly that. No prototype, so
  // that a member named `__proto__` is a member like any other.
  const sorted: Record<string, unknown> = Object.create(null);
  for (const name of Object.keys(extra).sort()) sorted[name] = extra[name];
  return sorted;
}
