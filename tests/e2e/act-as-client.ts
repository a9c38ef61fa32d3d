// The ways a client of a running house comes to tokens, all with the real openid-client and over
// HTTP only; the person at the browser is scripted.

import * as client from 'openid-client';
import {
  type Page,
  ScriptedBrowser,
} from '../../packages/provider/src/testing/scripted-browser.ts';
import type { House } from './run-house.ts';

export const WORKFORCE = 'acme/workforce';
/** Nobody listens there: the redirect is read off the browser, not followed. */
export const REDIRECT = 'http://127.0.0.1:9/callback';

export type Tokens = client.TokenEndpointResponse & client.TokenEndpointResponseHelpers;

export interface Registered {
  id: string;
  /** Empty for a public client. */
  secret: string;
  config: client.Configuration;
}

/** Registers a client over the administration API and lets openid-client discover its issuer. */
export async function registerClient(
  house: House,
  metadata: Record<string, unknown> = {},
  realm = WORKFORCE,
): Promise<Registered> {
  const made = await house.operate('/clients', {
    realm,
    client_name: 'Payroll',
    redirect_uris: [REDIRECT],
    grant_types: ['authorization_code', 'refresh_token'],
    resources: [house.demo.resource.identifier],
    first_party: true,
    ...metadata,
  });
  const { clientId, clientSecret } = made as { clientId: string; clientSecret?: string };
  const config = await discover(house, realm, clientId, clientSecret, metadata);
  return { id: clientId, secret: clientSecret ?? '', config };
}

/** A confidential client for client credentials. */
export function registerService(
  house: House,
  metadata: Record<string, unknown> = {},
): Promise<Registered> {
  return registerClient(house, {
    client_name: 'Payroll service',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    ...metadata,
  });
}

async function discover(
  house: House,
  realm: string,
  clientId: string,
  secret: string | undefined,
  metadata: Record<string, unknown>,
): Promise<client.Configuration> {
  const alg = metadata['id_token_signed_response_alg'] ?? 'ES256';
  return client.discovery(
    new URL(`${house.url}/${realm}`),
    clientId,
    {
      ...(secret === undefined ? {} : { client_secret: secret }),
      id_token_signed_response_alg: String(alg),
    },
    secret === undefined ? client.None() : client.ClientSecretBasic(secret),
    { execute: [client.allowInsecureRequests] },
  );
}

export interface CodeRequest {
  url: URL;
  verifier: string;
  state: string;
  nonce: string;
}

/** @param how `pushed`: through the pushed authorization request endpoint (RFC 9126) */
export async function codeRequest(
  config: client.Configuration,
  parameters: Record<string, string> = {},
  how: 'plain' | 'pushed' = 'plain',
): Promise<CodeRequest> {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const nonce = client.randomNonce();
  const build =
    how === 'pushed' ? client.buildAuthorizationUrlWithPAR : client.buildAuthorizationUrl;
  const url = await build(config, {
    redirect_uri: REDIRECT,
    scope: 'openid profile email',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...parameters,
  });
  return { url, verifier, state, nonce };
}

export function redeem(
  config: client.Configuration,
  request: CodeRequest,
  back: Page,
  options: client.AuthorizationCodeGrantOptions = {},
): Promise<Tokens> {
  const checks = {
    pkceCodeVerifier: request.verifier,
    expectedState: request.state,
    expectedNonce: request.nonce,
  };
  return client.authorizationCodeGrant(config, new URL(back.url), checks, undefined, options);
}

export interface Person {
  username: string;
  password: string;
}

/** Of the demo tenant's workforce. */
export function alice(house: House): Person {
  const found = house.demo.people.find(({ username }) => username === 'alice');
  if (found === undefined) throw new Error('the demo tenant has no alice');
  return found;
}

/** As Alice and at a browser of her own, unless others are given. */
export function signIn(
  house: House,
  request: CodeRequest,
  browser = new ScriptedBrowser(house.url),
  { username, password }: Person = alice(house),
): Promise<Page> {
  return browser.signIn(request.url.href, username, password);
}

export async function signInForTokens(
  house: House,
  { config }: Registered,
  parameters: Record<string, string> = {},
  browser = new ScriptedBrowser(house.url),
  person = alice(house),
): Promise<Tokens> {
  const request = await codeRequest(config, parameters);
  return redeem(config, request, await signIn(house, request, browser, person));
}

/** Header and claims as they are written, believed by nobody. */
export function readToken(token: string): {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
} {
  const [header = '', payload = ''] = token.split('.');
  const read = (segment: string): Record<string, unknown> =>
    JSON.parse(Buffer.from(segment, 'base64url').toString('utf8')) as Record<string, unknown>;
  return { header: read(header), claims: read(payload) };
}
