// What a proved passkey counts as, in the words of RFC 8176 and OpenID's EAP ACR Values.

import type { Passkey } from '@countersign/directory';
import { PHISHING_RESISTANT, type ProvedFactors } from '../sign-in/finish-sign-in.ts';

/**
 * A key that stays in its device is `hwk`, one that its maker may copy is `swk`. Nothing is attested, so
 * neither is more than what the authenticator says, and `phrh` is never claimed. It verified its person
 * (a finger, a face, a PIN): with the key itself that is two factors.
 * @param before what was proved already: `['pwd']`.
 */
export function passkeyFactors(passkey: Passkey, before: readonly string[] = []): ProvedFactors {
  const key = passkey.multiDevice ? 'swk' : 'hwk';
  return {
    accountId: passkey.personId,
    amr: [...new Set([...before, key, 'user', 'mfa'])],
    acr: PHISHING_RESISTANT,
    deviceKey: passkey.id,
  };
}
