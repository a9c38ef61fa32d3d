// The tenant's own check: whoever holds its tag key refuses a token of the tenant whose leaf the key
// does not recognise. That is what makes the tenant's list complete: what is accepted is in it.

import { commitToken } from '../receipt/commit-token.ts';
import { committedToken, refuseReceipt } from './check-receipt.ts';
import { type Judgement, known, type Outcome, type VerifierRules } from './judgement.ts';

export function checkTags(judgement: Judgement, rules: VerifierRules): Outcome {
  const { tenantTags } = rules;
  if (tenantTags === undefined) return 'This verifier holds no tenant’s tag key.';
  if (known(judgement.issuer).policy.tenant !== tenantTags.tenant) {
    return 'The tag key is of another tenant.';
  }
  const { receipt, tags } = judgement;
  if (receipt === undefined) return 'Without a receipt there is no leaf to look for tags in.';
  const { sub } = known(judgement.payload);
  const commitment = commitToken(committedToken(judgement));
  const leaf = { issuedMs: receipt.issuedMs, commitment, tags };
  // The subject is read before the claims are judged: a token without one was tagged for nobody.
  if (typeof sub === 'string' && tenantTags.isOf(leaf, sub)) return undefined;
  return refuseReceipt(
    judgement,
    'receipt_untagged',
    'The log holds the token without the tags that the tenant’s issuer gives: the tenant would not find it among its own.',
  );
}
