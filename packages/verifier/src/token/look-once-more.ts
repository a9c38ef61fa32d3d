// A key may die, and a token be revoked, while its judgement waits for something else: then it dies
// with it. The last look before anything is concluded that was waited for.

import { VerificationError } from '../refusal.ts';
import { refuseUnpublished } from './check-key.ts';
import { checkQuarantine, checkRevocation } from './check-status.ts';
import { type Judgement, known, type VerifierRules } from './judgement.ts';

/** @throws VerificationError */
export async function lookOnceMore(judgement: Judgement, rules: VerifierRules): Promise<void> {
  checkQuarantine(judgement, rules);
  checkRevocation(judgement, rules);
  const { kid, thumbprint } = known(judgement.key);
  const key = await rules.keys.key(known(judgement.issuer).policy.issuer, kid);
  if (key === undefined) refuseUnpublished(judgement, rules.keys);
  if (key.thumbprint === thumbprint) return;
  throw new VerificationError(
    'key_withdrawn',
    'The issuer has replaced the key of the token by another under its kid; get a new one.',
  );
}
