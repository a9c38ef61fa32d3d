// The sources that the caller did not bring, opened from the policy alone.

import { createDeferredAuditor, type RunningAuditor } from './deferred-audit/audit-accepted.ts';
import { createFeedSource } from './feed/poll-feed.ts';
import { createJwksKeySource } from './jwks/fetch-keys.ts';
import type { ReceiptPolicy, VerifierPolicy } from './policy/verifier-policy.ts';
import type { FeedSource, KeySource, VerifierClock } from './ports.ts';
import type { VerifierOptions } from './verifier-options.ts';

export function openKeys(
  policy: VerifierPolicy,
  options: VerifierOptions,
  clock: VerifierClock,
): KeySource {
  return createJwksKeySource({
    issuers: policy.issuers.map(({ issuer, jwksUri }) => ({ issuer, jwksUri })),
    clock,
    ...pick(options, 'fetch'),
    onProblem: ({ code, message }) => options.onProblem?.(code, message),
  });
}

/** Undefined when the policy names no feed. */
export function openFeed(
  policy: VerifierPolicy,
  options: VerifierOptions,
  clock: VerifierClock,
): FeedSource | undefined {
  if (policy.feed === undefined) return undefined;
  return createFeedSource({ ...policy.feed, clock, ...pick(options, 'fetch', 'onProblem') });
}

/** Undefined when the policy names no log. */
export function openAuditor(
  policy: VerifierPolicy,
  options: VerifierOptions,
  clock: VerifierClock,
): RunningAuditor | undefined {
  const logs = new Map(
    policy.issuers
      .flatMap(({ receipts }) => (usesLogs(receipts) ? receipts.logs : []))
      .map((log) => [log.origin, log]),
  );
  if (logs.size === 0) return undefined;
  return createDeferredAuditor({
    logs: [...logs.values()],
    clock,
    ...pick(options, 'fetch', 'reporter', 'onAlarm', 'whenLagging'),
    onProblem: (_origin, code, message) => options.onProblem?.(code, message),
  });
}

function usesLogs({ mode, keys = 'off' }: ReceiptPolicy): boolean {
  return mode !== 'off' || keys !== 'off';
}

/** The named options that are set: an absent one must not hide a default. */
function pick<Name extends keyof VerifierOptions>(
  options: VerifierOptions,
  ...names: Name[]
): Pick<VerifierOptions, Name> {
  const set = names.filter((name) => options[name] !== undefined);
  return Object.fromEntries(set.map((name) => [name, options[name]])) as Pick<
    VerifierOptions,
    Name
  >;
}
