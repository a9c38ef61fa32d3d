// Who must hear first that a key is over: its signer, and through ledger and feed every verifier.

import type { PublicKeyRecord } from '@countersign/keys';
import { CodedError } from '@countersign/vocabulary';
import type { KeyLivesCode } from './key-lives.ts';
import type { KeyLivesOptions } from './key-lives-options.ts';

/**
 * Tells both at once: a signer that hangs must not keep verifiers from hearing of it, nor the other way
 * round. Whatever fails, the word of one of them is what each turn goes by until the rest is done too.
 * @returns what failed
 */
export async function tellOfEnd(
  { signer, audit, onQuarantined }: Pick<KeyLivesOptions, 'signer' | 'audit' | 'onQuarantined'>,
  { kid, scope: { issuer } }: PublicKeyRecord,
  { reason, by }: { reason: string; by: string },
): Promise<unknown[]> {
  const failures: unknown[] = [];
  const attempt = async (step: () => Promise<unknown> | undefined): Promise<void> => {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  };
  const tellVerifiers = async (): Promise<void> => {
    await attempt(() => audit.quarantineKey({ issuer, kid, reason, by }));
    await attempt(() => onQuarantined?.());
  };
  await Promise.all([
    attempt(() => signer.changeKey(kid, 'revoked', { reason, by })),
    tellVerifiers(),
  ]);
  return failures;
}

/** @param failures at least one */
export function unfinished(failures: readonly unknown[]): CodedError<KeyLivesCode> {
  const [first] = failures;
  const messages = failures.map((failure) =>
    failure instanceof Error ? failure.message : 'an unexpected failure',
  );
  const what = [...new Set(messages)].join(' ');
  return new CodedError<KeyLivesCode>(
    'key_change_unfinished',
    `The key is being revoked; what is unfinished is tried again by itself: ${what}`.slice(0, 500),
    { cause: first, retryAfterSeconds: 2 },
  );
}
