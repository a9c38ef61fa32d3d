// The account page is a client of its own realm: whoever comes without a fresh sign-in goes through the
// same sign-in as everybody, with its limits, its risk and its record. It redeems no code and holds no
// token; the session is all it wants.

import type { ClientRecord } from '@countersign/directory';

/** Reserved: one of the directory with this name is never asked for. */
export const ACCOUNT_CLIENT = 'countersign-account';

interface Place {
  issuer: string;
}

const records = new WeakMap<Place, ClientRecord>();

/** The same object each time, as the engine's memory of clients wants it. */
export function accountClient(realm: Place): ClientRecord {
  const known = records.get(realm);
  if (known !== undefined) return known;
  const record: ClientRecord = Object.freeze({
    client_id: ACCOUNT_CLIENT,
    client_name: 'your account',
    application_type: 'web',
    redirect_uris: [`${realm.issuer}/account`],
    post_logout_redirect_uris: [],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    id_token_signed_response_alg: 'ES256',
    dpop_bound_access_tokens: false,
    require_pushed_authorization_requests: false,
    backchannel_logout_session_required: false,
    scope: 'openid',
    resources: [],
    first_party: true,
  } satisfies ClientRecord);
  records.set(realm, record);
  return record;
}
