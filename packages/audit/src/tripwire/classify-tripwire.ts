// A key of ours that is retired or revoked was named (C-13). Pure. What counts as what:
// docs/decisions/0019-tripwires-and-tally.md. Anybody can write a kid into a token, so what is neither
// proven nor accepted says that it is not.

import type { Verdict } from '../classify/verdict.ts';

export interface DeadKey {
  kid: string;
  issuer: string;
  state: 'retired' | 'revoked';
  sinceMs: number;
}

export interface NamedUse {
  decision: 'accepted' | 'refused' | 'audit_failed';
  code?: string | undefined;
  /** When it happened, by the verifier's clock within reason. */
  atMs: number;
}

export interface KnownOfToken {
  /** In the ledger: issued while the key was alive, and late. */
  genuine: boolean;
  /** The token is here, and its signature verifies under the dead key. */
  proven: boolean;
  /** The verifier tells of claims, which it does only of a token whose signature it found good. */
  signed: boolean;
  /** Time verifiers have to learn of a revocation, in milliseconds. */
  revocationGraceMs: number;
}

/** A verifier that says so had the public half of the key, and would have sent a good signature along. */
const CHECKED: ReadonlySet<string> = new Set([
  'key_withdrawn',
  'key_quarantined',
  'key_expired',
  'key_too_old',
]);

export function classifyTripwire(
  use: NamedUse,
  key: DeadKey,
  known: KnownOfToken,
): Verdict | undefined {
  if (known.genuine) return classifyGenuine(use, key, known.revocationGraceMs);
  const { state } = key;
  if (known.proven) {
    return tripped(
      key,
      `${state}_key_used`,
      'critical',
      true,
      'signed a token that we never issued',
    );
  }
  if (use.decision !== 'refused') {
    return tripped(
      key,
      `${state}_key_accepted`,
      'critical',
      false,
      'was accepted by a verifier, on a token that we do not know',
    );
  }
  if (known.signed) {
    return tripped(
      key,
      `${state}_key_used`,
      'critical',
      false,
      'signed a token that we do not know, says the verifier',
    );
  }
  return use.code !== undefined && CHECKED.has(use.code)
    ? tripped(
        key,
        'named_without_signature',
        'low',
        false,
        'is named by a token that it did not sign, says the verifier',
      )
    : tripped(
        key,
        'named_unchecked',
        'high',
        false,
        'is named by a token whose signature nobody could check',
      );
}

function classifyGenuine(
  use: NamedUse,
  key: DeadKey,
  revocationGraceMs: number,
): Verdict | undefined {
  // It happened while the key was alive, and was told of later.
  if (use.atMs < key.sinceMs) return undefined;
  if (use.decision === 'accepted' && use.atMs > key.sinceMs + revocationGraceMs) {
    return tripped(
      key,
      `${key.state}_key_accepted`,
      'high',
      false,
      'is still accepted by a verifier, on a token of ours',
    );
  }
  // Honest clients show what they have until they get something new: after a revocation for minutes.
  const severity = key.state === 'retired' ? 'medium' : 'low';
  return tripped(
    key,
    'genuine_token_late',
    severity,
    false,
    'is named by a token of ours that is late',
  );
}

/** Requests to a signer. It knows its keys, so this needs no further proof. */
export function classifyRequest(key: DeadKey): Verdict {
  return tripped(
    key,
    'signature_asked_for',
    'critical',
    true,
    'was asked for a signature, which the signer refused',
  );
}

function tripped(
  { kid, state, sinceMs }: DeadKey,
  reason: string,
  severity: Verdict['severity'],
  proven: boolean,
  what: string,
): Verdict {
  const since = new Date(sinceMs).toISOString();
  return {
    class: 'tripwire',
    reason,
    severity,
    proven,
    message: `Key ${kid}, ${state} since ${since}, ${what}.`,
  };
}
