// The verifier a resource server holds: made once from a pinned policy, asked for every request.
// What the options leave out is opened from the policy; what cannot be opened stops it here.

import { sha256Key } from '#platform';
import { encodeHexOfByteText } from './bytes/hex.ts';
import { ReplayMemory } from './dpop/remember-proofs.ts';
import { openAuditor, openFeed, openKeys } from './open-sources.ts';
import { parsePolicy } from './policy/parse-policy.ts';
import type { VerifierPolicy } from './policy/verifier-policy.ts';
import type { DeferredAuditor, VerifierClock } from './ports.ts';
import { type LeafRecogniser, recogniseLeaves } from './receipt/recognise-leaf.ts';
import type { TenantTagKey } from './receipt/tenant-tag-key.ts';
import { createSubtreeCache } from './receipt/verify-receipt.ts';
import { VerificationError } from './refusal.ts';
import {
  fallen,
  judgeGround,
  type Standing,
  type StandingOptions,
} from './sessions/judge-ground.ts';
import { groundOf, type SessionGround } from './sessions/session-ground.ts';
import { type SessionEnd, SessionWatch, type WatchedSession } from './sessions/watch-sessions.ts';
import { type CheckResult, explainToken } from './token/explain-token.ts';
import { prepareIssuers } from './token/issuer-rules.ts';
import { openJudgement, type VerifierRules } from './token/judgement.ts';
import { asRefusal } from './token/run-steps.ts';
import { TokenCache } from './token/token-cache.ts';
import type { TokenContext, VerifiedToken } from './token/token-context.ts';
import { type VerifierParts, verifyToken } from './token/verify-token.ts';
import type { VerifierOptions } from './verifier-options.ts';

export interface Verifier {
  /** @throws VerificationError */
  verifyToken(token: string, context: TokenContext): Promise<VerifiedToken>;
  /** Every check with its outcome, for people; decides, remembers and reports nothing. */
  explain(token: string, context: TokenContext): Promise<CheckResult[]>;
  /**
   * Whether what was made out of an accepted token (web session, socket, stream) may live on: its key
   * published, in its life and not quarantined, the token neither revoked nor refuted by its log, the
   * feed fresh. Keep `groundOf(verified)` with the session and ask on each use; a promise only where
   * something has to be fetched. Never throws.
   */
  standing(
    of: SessionGround | VerifiedToken,
    options?: StandingOptions,
  ): Standing | Promise<Standing>;
  /**
   * For what nobody asks after while it is open: asks every second, and calls `onEnd` once when the
   * session must end. Does not keep the process alive.
   * @throws VerificationError `verifier_misconfigured` when `maxWatched` sessions are watched
   */
  watch(
    of: SessionGround | VerifiedToken,
    onEnd: (end: SessionEnd) => void,
    options?: StandingOptions,
  ): WatchedSession;
  /** Sends what is still to be reported and stops all polling. Afterwards nothing is accepted. */
  close(): Promise<void>;
}

const DEFAULT_CACHE_ENTRIES = 8_192;
const MOST_ENTRIES = 10_000_000;
const DEFAULT_WATCHED = 65_536;
const DEFAULT_WATCH_MS = 1_000;
const MOST_WATCH_MS = 60_000;
const DEFAULT_TOLERANCE_SECONDS = 5;
const MOST_TOLERANCE_SECONDS = 120;
const DEFAULT_TOKEN_LENGTH = 16_384;
const DEFAULT_STRICT_WAIT_MS = 10_000;
const MOST_STRICT_WAIT_MS = 60_000;
/** Longer input is refused without so much as a hash of it. */
const LONGEST_HASHED = 1_000_000;

/** @throws FormatError for a policy that is malformed; VerificationError `verifier_misconfigured` */
export function createVerifier(policy: VerifierPolicy, options: VerifierOptions = {}): Verifier {
  return new PinnedVerifier(parsePolicy(policy), options);
}

class PinnedVerifier implements Verifier {
  readonly #clock: VerifierClock;
  readonly #parts: VerifierParts;
  readonly #opened: { close?(): Promise<void> }[] = [];
  readonly #sessions: SessionWatch;
  #closed = false;

  constructor(policy: VerifierPolicy, options: VerifierOptions) {
    const { cacheEntries = DEFAULT_CACHE_ENTRIES } = options;
    demandCount('cacheEntries', cacheEntries, MOST_ENTRIES);
    this.#clock = options.clock ?? { nowMs: () => Date.now() };
    this.#parts = {
      rules: this.#prepareRules(policy, options),
      cache: new TokenCache(cacheEntries),
      reporter: options.reporter,
    };
    const { maxWatched = DEFAULT_WATCHED, watchEveryMs = DEFAULT_WATCH_MS } = options;
    demandCount('maxWatched', maxWatched, MOST_ENTRIES);
    demandCount('watchEveryMs', watchEveryMs, MOST_WATCH_MS, 1);
    this.#sessions = new SessionWatch({
      judge: (ground, given) => this.standing(ground, given),
      maxWatched,
      everyMs: watchEveryMs,
      onProblem: options.onProblem,
    });
  }

  async verifyToken(token: string, context: TokenContext): Promise<VerifiedToken> {
    this.#demandUsable(token, context);
    return verifyToken(token, context, this.#nowMs(), this.#parts);
  }

  async explain(token: string, context: TokenContext): Promise<CheckResult[]> {
    this.#demandUsable(token, context);
    const tokenHash = encodeHexOfByteText(sha256Key(token));
    const judgement = openJudgement(token, tokenHash, context, this.#nowMs());
    return explainToken(judgement, this.#parts.rules);
  }

  standing(
    of: SessionGround | VerifiedToken,
    options: StandingOptions = {},
  ): Standing | Promise<Standing> {
    try {
      if (this.#closed) refuseUse('The verifier is closed.');
      return judgeGround(asGround(of), options, this.#nowMs(), this.#parts.rules);
    } catch (error) {
      return fallen(asRefusal(error));
    }
  }

  watch(
    of: SessionGround | VerifiedToken,
    onEnd: (end: SessionEnd) => void,
    options?: StandingOptions,
  ): WatchedSession {
    return this.#sessions.add(asGround(of), onEnd, options);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#sessions.close();
    await this.#parts.reporter?.flush?.();
    await Promise.all(this.#opened.map((part) => part.close?.()));
  }

  /** Every comparison with a time that is no number would come out as good. */
  #nowMs(): number {
    const nowMs = this.#clock.nowMs();
    return Number.isFinite(nowMs) ? nowMs : refuseUse('The clock does not tell the time.');
  }

  #demandUsable(token: string, context: TokenContext): void {
    if (this.#closed) refuseUse('The verifier is closed.');
    if (typeof context?.audience !== 'string' || context.audience === '') {
      refuseUse('The caller must say which audience it is; without one no token is accepted.');
    }
    if (context.type !== undefined && context.type !== 'access' && context.type !== 'id') {
      refuseUse('The type of token must be access or id.');
    }
    if (typeof token !== 'string') {
      throw new VerificationError('token_malformed', 'There is no token.');
    }
    if (token.length > LONGEST_HASHED) {
      throw new VerificationError('token_too_large', 'The token is far too long.');
    }
  }

  #prepareRules(policy: VerifierPolicy, options: VerifierOptions): VerifierRules {
    const { toleranceSeconds = DEFAULT_TOLERANCE_SECONDS, maxTokenLength = DEFAULT_TOKEN_LENGTH } =
      options;
    demandCount('toleranceSeconds', toleranceSeconds, MOST_TOLERANCE_SECONDS);
    demandCount('maxTokenLength', maxTokenLength, LONGEST_HASHED);
    demandCount('subtreeEntries', options.subtreeEntries ?? 0, MOST_ENTRIES);
    const { strictWaitMs = DEFAULT_STRICT_WAIT_MS } = options;
    demandCount('strictWaitMs', strictWaitMs, MOST_STRICT_WAIT_MS, 1);
    const replay = options.replay ?? new ReplayMemory({ clock: this.#clock });
    return {
      issuers: prepareIssuers(policy),
      keys: options.keys ?? this.#open(openKeys(policy, options, this.#clock)),
      feed: options.feed ?? this.#open(openFeed(policy, options, this.#clock)),
      auditor: this.#openAuditor(policy, options),
      replay: options.replay,
      dpop: { ...options.dpop, replay: options.dpop?.replay ?? replay },
      subtrees: createSubtreeCache(options.subtreeEntries),
      tenantTags: openTags(policy, options.tenantTagKey),
      ed25519: options.ed25519,
      toleranceSeconds,
      maxTokenLength,
      strictWaitMs,
      clock: { nowMs: () => this.#nowMs() },
    };
  }

  #openAuditor(policy: VerifierPolicy, options: VerifierOptions): DeferredAuditor | undefined {
    const strict = policy.issuers.some(
      ({ receipts }) => (receipts.strictAudiences?.length ?? 0) > 0,
    );
    const { auditor } = options;
    if (strict && auditor !== undefined && (auditor === 'off' || !auditor.awaitInclusion)) {
      refuseUse('A policy with strict audiences needs an auditor that can wait for the log.');
    }
    if (auditor === 'off') return undefined;
    return auditor ?? this.#open(openAuditor(policy, options, this.#clock));
  }

  #open<T extends { close?(): Promise<void> } | undefined>(part: T): T {
    if (part !== undefined) this.#opened.push(part);
    return part;
  }
}

/** A key of a tenant without an issuer here, or without receipts to carry tags, would check nothing. */
function openTags(
  { issuers }: VerifierPolicy,
  key: TenantTagKey | undefined,
): LeafRecogniser | undefined {
  if (key === undefined) return undefined;
  const own = issuers.filter(({ tenant }) => tenant === key.tenant);
  if (own.length === 0 || own.some(({ receipts }) => receipts.mode === 'off')) {
    refuseUse('The policy asks no receipts of the tenant that the tag key is of.');
  }
  return recogniseLeaves(key);
}

function asGround(of: SessionGround | VerifiedToken): SessionGround {
  return typeof of === 'object' && of !== null && 'claims' in of ? groundOf(of) : of;
}

/** A limit that is no number would be no limit. */
function demandCount(name: keyof VerifierOptions, value: number, most: number, least = 0): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  refuseUse(`The option ${name} must be a whole number from ${least} to ${most}.`);
}

function refuseUse(message: string): never {
  throw new VerificationError('verifier_misconfigured', message);
}
