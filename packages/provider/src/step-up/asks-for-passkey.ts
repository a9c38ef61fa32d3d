// A client asks for a phishing-resistant sign-in (OpenID Connect Core §3.1.2.1, RFC 9470 §5). The value
// is OpenID's EAP ACR `phr`. Values that we do not know are wishes, as OpenID says, and go unanswered;
// `phrh` is known and cannot be met: without attestation nobody knows what holds a key.

import { errors } from '../engine/oidc-provider.ts';
import { PHISHING_RESISTANT } from '../sign-in/finish-sign-in.ts';

/** Why the engine prompts: the session is good, and was begun without a passkey. */
export const PASSKEY_ASKED = 'passkey_asked';

const HARDWARE_PROTECTED = 'phrh';

/** @throws unmet_authentication_requirements, to the client, where nothing that it accepts can be had. */
export function asksForPasskey(params: Record<string, unknown>): boolean {
  const { acr_values: wanted } = params;
  const values = typeof wanted === 'string' ? wanted.split(' ') : [];
  if (values.includes(PHISHING_RESISTANT)) return true;
  if (values.includes(HARDWARE_PROTECTED)) {
    throw new errors.CustomOIDCProviderError(
      UNMET,
      'phrh needs attested keys; phr can be had here',
    );
  }
  return false;
}

/** OpenID Connect Core Error Code unmet_authentication_requirements 1.0. */
export const UNMET = 'unmet_authentication_requirements';
