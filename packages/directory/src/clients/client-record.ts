// A client's metadata in the words of OpenID Connect Registration 1.0 §2, RFC 7591 §2, RFC 9449
// §5.2 and RFC 9126 §6, narrowed to what this product does. Unknown members are refused.

import { z } from 'zod';
import { isPrivateUseUri, redirectUri, webUrl } from './check-uris.ts';

export const DEVICE_CODE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const MOST_URIS = 20;
const LONGEST_JWKS_JSON = 16_384;

const grantType = z.enum([
  'authorization_code',
  'refresh_token',
  'client_credentials',
  DEVICE_CODE_GRANT,
]);

const scopeList = z
  .string()
  .max(2000)
  // RFC 6749 §3.3.
  .regex(
    /^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/,
    'must be scopes, one space apart',
  );

const PRIVATE_JWK_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const publicJwks = z
  .strictObject({ keys: z.array(z.record(z.string(), z.unknown())).min(1).max(10) })
  .refine(
    ({ keys }) => keys.every((key) => !PRIVATE_JWK_MEMBERS.some((member) => member in key)),
    'must hold public keys only: a private key was sent, treat it as leaked',
  )
  .refine((jwks) => JSON.stringify(jwks).length <= LONGEST_JWKS_JSON, 'is too large');

const fields = z.strictObject({
  /** 1 to 64 of `A-Z a-z 0-9 . _ ~ -`. */
  client_id: z.string().regex(/^[A-Za-z0-9._~-]{1,64}$/, 'is 1 to 64 of A-Z a-z 0-9 . _ ~ -'),
  client_name: z
    .string()
    .trim()
    .min(1)
    .max(120)
    .regex(/^\P{C}+$/u, 'must not hold control characters'),
  application_type: z.enum(['web', 'native']).default('web'),
  redirect_uris: z.array(redirectUri).max(MOST_URIS).default([]),
  post_logout_redirect_uris: z.array(redirectUri).max(MOST_URIS).default([]),
  grant_types: z.array(grantType).min(1).default(['authorization_code']),
  token_endpoint_auth_method: z
    .enum(['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'])
    .default('client_secret_basic'),
  /** For `private_key_jwt` only: the client's public keys. */
  jwks: publicJwks.optional(),
  id_token_signed_response_alg: z.enum(['ES256', 'EdDSA', 'RS256']).default('ES256'),
  dpop_bound_access_tokens: z.boolean().default(false),
  require_pushed_authorization_requests: z.boolean().default(false),
  backchannel_logout_uri: webUrl.optional(),
  backchannel_logout_session_required: z.boolean().default(false),
  /** Scopes the client may ask for; absent: what its realm and resources offer. */
  scope: scopeList.optional(),
  /** Resource servers (audience URIs) the client may ask tokens for. */
  resources: z.array(z.string().max(512)).max(100).default([]),
  /** The client is ours: its people are not asked for consent. */
  first_party: z.boolean().default(false),
});

type Fields = z.infer<typeof fields>;

export const clientSchema = fields.superRefine((client, context) => {
  for (const [path, message] of contradictions(client)) {
    context.addIssue({ code: 'custom', path: [path], message });
  }
});

export type ClientRecord = Fields & { response_types: 'code'[] };
/** What a registration may leave out; `client_id` is drawn when absent. */
export type NewClient = Omit<z.input<typeof fields>, 'client_id'> & { client_id?: string };

export function hasSecret(client: Pick<Fields, 'token_endpoint_auth_method'>): boolean {
  return client.token_endpoint_auth_method.startsWith('client_secret_');
}

export function toClientRecord(client: Fields): ClientRecord {
  const withCode = client.grant_types.includes('authorization_code');
  return { ...client, response_types: withCode ? ['code'] : [] };
}

/** Members that contradict each other, with what to do. */
function* contradictions(client: Fields): Generator<[keyof Fields, string]> {
  const grants = new Set(client.grant_types);
  const isPublic = client.token_endpoint_auth_method === 'none';
  if (grants.size !== client.grant_types.length) yield ['grant_types', 'holds one twice'];
  if (grants.has('authorization_code') !== client.redirect_uris.length > 0) {
    yield ['redirect_uris', 'goes together with the authorization_code grant'];
  }
  if (isPublic && grants.has('client_credentials')) {
    yield ['grant_types', 'client_credentials needs a client that authenticates'];
  }
  if (grants.size === 1 && grants.has('refresh_token')) {
    yield ['grant_types', 'refresh_token needs a grant that gives one'];
  }
  const uris = [...client.redirect_uris, ...client.post_logout_redirect_uris];
  if (client.application_type === 'web' && uris.some(isPrivateUseUri)) {
    yield ['application_type', 'must be native for a private-use scheme'];
  }
  if ((client.token_endpoint_auth_method === 'private_key_jwt') !== (client.jwks !== undefined)) {
    yield ['jwks', 'goes together with private_key_jwt'];
  }
  if (client.backchannel_logout_session_required && client.backchannel_logout_uri === undefined) {
    yield ['backchannel_logout_uri', 'is missing'];
  }
}
