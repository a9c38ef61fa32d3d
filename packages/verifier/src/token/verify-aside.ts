// The log's signature is checked on another thread while this one checks the issuer's: a token that
// comes alone then waits for one signature, not two. Only a few at a time, so that a flood of
// forgeries cannot queue work; the others are checked here, one after the other.

import { verifySignature, verifySignatureAside } from '#platform';

/** Checks under way elsewhere; as many as Node has threads for it by default. */
const MOST_ASIDE = 4;

export function createVerifyAside(): typeof verifySignature {
  let aside = 0;
  return (key, data, signature) => {
    if (aside >= MOST_ASIDE) return verifySignature(key, data, signature);
    aside += 1;
    return verifySignatureAside(key, data, signature).finally(() => {
      aside -= 1;
    });
  };
}
