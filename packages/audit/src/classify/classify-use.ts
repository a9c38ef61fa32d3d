// One reported use against what we know → a verdict, or nothing. Pure. The rule that matters most:
// a reporter is believed about itself, never about our keys; only a signature we checked makes a
// proven forgery, so a lying reporter cannot have a key quarantined (C-24, C-27).

import type { RevocationReason } from '../revoke/revocation-reason.ts';
import type { Verdict } from './verdict.ts';

export interface UseFacts {
  /** Tenant of the reporter. */
  tenant: string;
  decision: 'accepted' | 'refused' | 'audit_failed';
  code?: string | undefined;
  /** When it happened, by the reporter's clock. */
  atMs: number;
  audience?: string[] | undefined;
  /** Thumbprint of the key that the sender proved, or else the one the token names. */
  jkt?: string | undefined;
}

/** What the ledger says about the token. */
export interface IssuedFacts {
  tenant: string;
  audience: string[];
  jkt?: string | undefined;
  oneTime: boolean;
  revoked?: { ms: number; reason: RevocationReason } | undefined;
}

export interface KnownFacts {
  /** Absent when no ledger row is of this token. */
  issued?: IssuedFacts | undefined;
  /** The reporter names an issuer that is not this house: its tokens are in another's ledger. */
  foreignIssuer: boolean;
  /** What we found when we checked the token a reporter sent along. */
  evidence: 'valid' | 'invalid' | 'absent';
  /** The leaf the reporter names is in our log at that index, and no ledger row is. */
  strayLeaf: boolean;
  /** The token was accepted before, under another report id. */
  acceptedBefore: boolean;
  /** Time verifiers have to learn of a revocation, in milliseconds. */
  revocationGraceMs: number;
}

const REPLAY_CODES: ReadonlySet<string> = new Set(['token_replayed', 'dpop_replayed']);
/** After these the token's holder is not its owner any more. */
const COMPROMISE: ReadonlySet<RevocationReason> = new Set(['refresh_reuse', 'compromised']);

export function classifyUse(use: UseFacts, known: KnownFacts): Verdict | undefined {
  if (known.issued === undefined) return judgeUnknown(use, known);
  return (
    judgeLaundering(use, known.issued) ??
    judgeTheft(use, known.issued, known.revocationGraceMs) ??
    judgeReplay(use, known.issued, known.acceptedBefore)
  );
}

function judgeUnknown(use: UseFacts, known: KnownFacts): Verdict | undefined {
  if (known.evidence === 'valid') {
    return {
      class: 'forged',
      reason: 'signed_but_not_issued',
      severity: 'critical',
      proven: true,
      message: 'A token carries a valid signature of our key, but we never issued it.',
    };
  }
  if (known.foreignIssuer) return undefined;
  if (use.code === 'key_unlogged') {
    return {
      class: 'rogue',
      reason: 'key_unlogged_unproven',
      severity: 'high',
      proven: false,
      message: 'A verifier says our key set holds a key that no log has seen us publish.',
    };
  }
  if (use.decision === 'refused') return undefined;
  if (known.strayLeaf) {
    return {
      class: 'forged',
      reason: 'logged_but_not_issued',
      severity: 'high',
      proven: false,
      message: 'A verifier accepted a token whose leaf is in the log but which we never issued.',
    };
  }
  return use.decision === 'audit_failed'
    ? claim('audit_failed_unproven', 'high', 'A verifier says a receipt is not in the log.')
    : claim('accepted_unproven', 'medium', 'A verifier says it accepted a token we do not know.');
}

function claim(reason: string, severity: 'medium' | 'high', message: string): Verdict {
  return { class: 'unissued', reason, severity, proven: false, message };
}

function judgeLaundering(use: UseFacts, issued: IssuedFacts): Verdict | undefined {
  if (use.decision === 'refused') return undefined;
  const verdict = (reason: string, message: string): Verdict => ({
    class: 'laundered',
    reason,
    severity: 'high',
    proven: false,
    message,
  });
  if (use.tenant !== issued.tenant) {
    return verdict('tenant_differs', 'A token of one tenant was accepted at another.');
  }
  const { audience } = use;
  if (audience !== undefined && !audience.some((name) => issued.audience.includes(name))) {
    return verdict('audience_differs', 'A token of one audience was accepted at another.');
  }
  return undefined;
}

function judgeTheft(use: UseFacts, issued: IssuedFacts, graceMs: number): Verdict | undefined {
  const verdict = (reason: string, severity: 'medium' | 'high', message: string): Verdict => ({
    class: 'stolen',
    reason,
    severity,
    proven: false,
    message,
  });
  if (issued.jkt !== undefined) {
    if (use.jkt !== undefined && use.jkt !== issued.jkt) {
      return verdict('sender_key_differs', 'high', 'A bound token came with another key.');
    }
    // Another key, another address or another token than the proof says: what a thief has to show.
    if (use.code === 'dpop_mismatch') {
      return verdict('sender_proof_differs', 'medium', 'A bound token came with a wrong proof.');
    }
    if (use.code === 'dpop_missing') {
      return verdict('shown_without_proof', 'medium', 'A bound token came without a proof.');
    }
  }
  const { revoked } = issued;
  if (revoked !== undefined && use.atMs > revoked.ms + graceMs) {
    if (use.decision === 'accepted') {
      return verdict('accepted_after_revocation', 'high', 'A revoked token was accepted.');
    }
    // A client that keeps an old token after logout is clumsy, not a thief.
    if (use.code === 'token_revoked' && COMPROMISE.has(revoked.reason)) {
      return verdict('shown_after_revocation', 'medium', 'A token revoked as stolen was shown.');
    }
  }
  return undefined;
}

function judgeReplay(
  use: UseFacts,
  issued: IssuedFacts,
  acceptedBefore: boolean,
): Verdict | undefined {
  if (use.code !== undefined && REPLAY_CODES.has(use.code)) {
    return {
      class: 'replayed',
      reason: use.code === 'dpop_replayed' ? 'proof_replayed' : 'token_replayed',
      severity: 'medium',
      proven: false,
      message: 'A verifier saw the same proof or one-time token again.',
    };
  }
  if (issued.oneTime && use.decision === 'accepted' && acceptedBefore) {
    return {
      class: 'replayed',
      reason: 'accepted_twice',
      severity: 'high',
      proven: false,
      message: 'A token that is good for one use was accepted twice.',
    };
  }
  return undefined;
}
