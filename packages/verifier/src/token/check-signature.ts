// The issuer's signature over header and payload exactly as they stand (RFC 7515 §5.2).

import { asciiBytes, verifySignatureOfText } from '#platform';
import type { VerificationKey } from '../platform/verification-key.ts';
import { VerificationError } from '../refusal.ts';
import { type Judgement, known, type Outcome, type VerifierRules } from './judgement.ts';

export function checkSignature(
  judgement: Judgement,
  rules: VerifierRules,
): Outcome | Promise<Outcome> {
  const { signingInput, signature } = known(judgement.envelope);
  const key = known(judgement.key).handle as VerificationKey;
  // A key source of the caller's own may hand out what does not fit together.
  if (key.alg !== known(judgement.header).alg) {
    throw new VerificationError('key_algorithm_mismatch', 'The key is for another algorithm.');
  }
  const good =
    rules.ed25519 !== undefined && key.ed25519 !== undefined
      ? rules.ed25519(key.ed25519, asciiBytes(signingInput), signature)
      : verifySignatureOfText(key, signingInput, signature);
  if (typeof good !== 'boolean') return good.then((answer) => conclude(judgement, answer));
  return conclude(judgement, good);
}

function conclude(judgement: Judgement, good: boolean): Outcome {
  if (!good) {
    throw new VerificationError(
      'signature_invalid',
      'The token was not signed by the key it names, or was changed since.',
    );
  }
  judgement.signed = true;
  return undefined;
}
