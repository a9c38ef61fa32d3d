// The three parties a token passes, and what becomes of one that does not get through: a leaf that
// was appended but whose token never left is on record as abandoned, so that the reconciler can
// tell an interrupted issuance from a theft.

import type { Audit, IssuedToken, LogPlace } from '@countersign/audit';
import type { SignerClient, SignerRefusal } from '@countersign/keys';
import type { NotaryClient } from '@countersign/transparency';
import { decodeReceipt, type LeafTags } from '@countersign/verifier';
import {
  type Clock,
  CodedError,
  type CountersignEvent,
  isCodedError,
} from '@countersign/vocabulary';
import type { ProviderLimits } from '../limits.ts';
import type { ProviderCode } from '../provider-error.ts';
import { hexSha256 } from './hex-sha256.ts';
import type { TokenDraft } from './issue-token.ts';
import type { LeafFacts, LeafTagger } from './tag-leaf.ts';

export interface Abandoned {
  draft: TokenDraft;
  /** Lower-case hex. */
  leafHash: string;
  receipt: Uint8Array;
  /** Present when the signer had signed and only the record failed. */
  signature?: { journalNumber: number; signer?: string };
  /** Lower-case hex; present when the signer was asked. */
  signingInputHash?: string;
}

export interface Road {
  clock: Clock;
  /** Marks a leaf for the tenant it is issued for. */
  tag(leaf: LeafFacts): LeafTags;
  /** Tells the reconciler what is in the making, before the log or the signer knows it. */
  expect: Audit['expectBuild'];
  append(leaf: Uint8Array): Promise<Uint8Array>;
  /** Where the leaf of a receipt stands. */
  placeOf(receipt: Uint8Array): LogPlace;
  sign: SignerClient['sign'];
  record(issued: IssuedToken, events: CountersignEvent[]): Promise<void>;
  /** Never throws: the caller is already refusing a token. */
  abandon(abandoned: Abandoned, cause: unknown): Promise<void>;
  /**
   * Resolves when a token could be issued now; undefined when that was just seen to be so.
   * @throws CodedError issuance_unavailable
   */
  ready(): Promise<void> | undefined;
}

export interface RoadParties {
  notary: Pick<NotaryClient, 'append' | 'ready'>;
  /** Which of several logs a receipt is of. Default: there is one log. */
  originOf?(receipt: Uint8Array): string;
  signer: Pick<SignerClient, 'sign' | 'ready'>;
  audit: Pick<Audit, 'expectBuild' | 'recordIssued' | 'record'>;
  tagger: Pick<LeafTagger, 'tag'>;
  /** Resolves when the audit store can write. */
  auditReady(): Promise<void>;
  clock: Clock;
  limits: ProviderLimits;
}

/** The signer's word that a key may not sign this: asking again will not help. */
const POLICY_REFUSALS: ReadonlySet<string> = new Set<SignerRefusal>([
  'unknown_key',
  'key_not_yet_valid',
  'key_expired',
  'issuer_out_of_scope',
  'tenant_out_of_scope',
  'audience_out_of_scope',
  'token_type_out_of_scope',
  'lifetime_too_long',
  'receipt_missing',
  'receipt_invalid',
  'header_malformed',
  'payload_malformed',
  'issued_in_future',
  'too_large',
]);

/** What the caller is told when the road is closed: temporary unless the signer said never. */
export function roadClosed(cause: unknown): CodedError<ProviderCode> {
  if (isCodedError(cause) && POLICY_REFUSALS.has(cause.code)) {
    return new CodedError<ProviderCode>(
      'issuance_refused',
      'The signing policy does not allow this token.',
      { cause, detail: `signer: ${cause.code}` },
    );
  }
  return new CodedError<ProviderCode>(
    'issuance_unavailable',
    'Tokens cannot be issued at the moment; try again shortly.',
    {
      cause,
      ...(isCodedError(cause) && cause.retryAfterSeconds !== undefined
        ? { retryAfterSeconds: cause.retryAfterSeconds }
        : {}),
    },
  );
}

export function openRoad(parties: RoadParties): Road {
  const { notary, signer, audit, clock } = parties;
  const pending: CountersignEvent[] = [];
  const probe = shareProbe(parties, flushAbandoned);

  async function append(leaf: Uint8Array): Promise<Uint8Array> {
    try {
      return await notary.append(leaf);
    } catch (error) {
      probe.forget();
      throw roadClosed(error);
    }
  }

  function placeOf(receipt: Uint8Array): LogPlace {
    const logIndex = decodeReceipt(receipt).index;
    const { originOf } = parties;
    return originOf === undefined ? { logIndex } : { logIndex, logOrigin: originOf(receipt) };
  }

  async function flushAbandoned(): Promise<void> {
    // Taken out first: another flush may start while this one waits.
    const batch = pending.splice(0);
    if (batch.length === 0) return;
    try {
      await audit.record(batch);
    } catch (error) {
      pending.unshift(...batch);
      pending.splice(parties.limits.mostPendingAbandoned);
      throw error;
    }
  }

  return {
    clock,
    tag: (leaf) => parties.tagger.tag(leaf),
    expect: (build) => audit.expectBuild(build),
    append,
    placeOf,
    sign: (kid, input) => signer.sign(kid, input),
    record: (issued, events) => audit.recordIssued(issued, events),
    async abandon(abandoned, cause) {
      probe.forget();
      if (pending.length >= parties.limits.mostPendingAbandoned) pending.shift();
      pending.push(abandonedEvent(abandoned, placeOf(abandoned.receipt), cause, clock.nowMs()));
      // When the audit store is the one that failed, the next attempt or probe delivers it; until
      // then the leaf itself stands in the log for the reconciler to find.
      await flushAbandoned().catch(() => undefined);
    },
    ready: probe.ready,
  };
}

function abandonedEvent(
  { draft, leafHash, signature, signingInputHash }: Abandoned,
  place: LogPlace,
  cause: unknown,
  timeMs: number,
): CountersignEvent {
  const { claims, key } = draft;
  return {
    name: 'token.abandoned',
    timeMs,
    realm: draft.realm,
    severity: 'low',
    clientId: draft.clientId,
    subject: claims.sub,
    token: {
      kind: draft.kind,
      jtiHash: hexSha256(claims.jti),
      issuer: claims.iss,
      audience: [claims.aud],
      kid: key.kid,
      alg: key.alg,
      typ: draft.typ,
      issuedAtSeconds: claims.iat,
      expiresAtSeconds: claims.exp,
      rootAuthId: claims.root_auth_id,
      ...place,
      leafHash,
      ...signature,
    },
    request: draft.request,
    reason: isCodedError(cause) ? cause.code : 'unexpected',
    message: 'A leaf was appended for a token that was never released.',
    ...(signingInputHash === undefined ? {} : { extra: { signingInputHash } }),
  };
}

interface SharedProbe {
  ready(): Promise<void> | undefined;
  /** A party failed: what it answered before counts for nothing, so the next request asks. */
  forget(): void;
}

/** One probe at a time, believed for `readinessFreshnessMs`; a failure is never remembered. */
function shareProbe(parties: RoadParties, afterwards: () => Promise<void>): SharedProbe {
  let answeredMs = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | undefined;

  async function probe(): Promise<void> {
    try {
      await withinTime(
        Promise.all([parties.notary.ready(), parties.signer.ready(), parties.auditReady()]),
        parties.limits.readinessTimeoutMs,
      );
      await afterwards();
      answeredMs = parties.clock.nowMs();
    } catch (error) {
      throw roadClosed(error);
    } finally {
      running = undefined;
    }
  }

  return {
    ready() {
      const ageMs = parties.clock.nowMs() - answeredMs;
      if (ageMs >= 0 && ageMs < parties.limits.readinessFreshnessMs) return undefined;
      running ??= probe();
      return running;
    },
    forget() {
      answeredMs = Number.NEGATIVE_INFINITY;
    },
  };
}

/** A party that hangs is as good as away, and a waiting client should know soon. */
async function withinTime(work: Promise<unknown>, mostMs: number): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('no answer in time')), mostMs);
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
