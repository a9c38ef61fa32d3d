// The tenant most tests live in, and the ways a client of it comes to tokens.

import type { ClientRecord, NewClient, Person } from '@countersign/directory';
import type { RealmId } from '@countersign/vocabulary';
import * as client from 'openid-client';
import type { World } from './open-world.ts';
import { type Page, ScriptedBrowser } from './scripted-browser.ts';

export const API = 'https://api.acme.test';
export const REDIRECT = 'http://127.0.0.1:9/callback';
export const PASSWORD = 'correct horse battery staple';
export const REALM: RealmId = 'acme/workforce';

export interface Acme {
  ada: Person;
  issuer: string;
}

export async function seedAcme(world: World): Promise<Acme> {
  await world.directory.tenants.create({ name: 'acme', displayName: 'Acme Corporation' });
  await world.directory.resources.register({
    tenant: 'acme',
    identifier: API,
    name: 'Payroll API',
    scopes: ['pay:read', 'pay:write'],
  });
  const ada = await world.directory.people.create({
    realm: REALM,
    username: 'ada',
    name: 'Ada Lovelace',
    email: 'ada@acme.test',
    emailVerified: true,
    password: PASSWORD,
  });
  return { ada, issuer: `${world.baseUrl}/${REALM}` };
}

export interface RegisteredClient {
  record: ClientRecord;
  /** Empty for a public client. */
  secret: string;
  config: client.Configuration;
}

/** Registers a client and lets openid-client discover the issuer for it. */
export async function registerClient(
  world: World,
  metadata: Partial<NewClient> = {},
  realm: RealmId = REALM,
): Promise<RegisteredClient> {
  const registered = await world.directory.clients.register(realm, {
    client_name: 'Payroll',
    redirect_uris: [REDIRECT],
    grant_types: ['authorization_code', 'refresh_token'],
    resources: [API],
    first_party: true,
    ...metadata,
  });
  const { client: record, secret } = registered;
  const config = await client.discovery(
    new URL(`${world.baseUrl}/${realm}`),
    record.client_id,
    {
      ...(secret === undefined ? {} : { client_secret: secret }),
      id_token_signed_response_alg: record.id_token_signed_response_alg,
    },
    secret === undefined ? client.None() : client.ClientSecretBasic(secret),
    { execute: [client.allowInsecureRequests] },
  );
  return { record, secret: secret ?? '', config };
}

export interface CodeRequest {
  url: URL;
  verifier: string;
  state: string;
  nonce: string;
}

export async function codeRequest(
  config: client.Configuration,
  parameters: Record<string, string> = {},
): Promise<CodeRequest> {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const nonce = client.randomNonce();
  const url = client.buildAuthorizationUrl(config, {
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

/** The redirect back to the client, after signing in as Ada. */
export async function signInAsAda(
  world: World,
  request: CodeRequest,
  browser = new ScriptedBrowser(world.baseUrl),
): Promise<Page> {
  return browser.signIn(request.url.href, 'ada', PASSWORD);
}

export type Tokens = client.TokenEndpointResponse & client.TokenEndpointResponseHelpers;

export async function redeem(
  config: client.Configuration,
  request: CodeRequest,
  back: Page,
  options: client.AuthorizationCodeGrantOptions = {},
): Promise<Tokens> {
  return client.authorizationCodeGrant(
    config,
    new URL(back.url),
    {
      pkceCodeVerifier: request.verifier,
      expectedState: request.state,
      expectedNonce: request.nonce,
    },
    undefined,
    options,
  );
}

export async function signInForTokens(
  world: World,
  { config }: RegisteredClient,
  parameters: Record<string, string> = {},
  browser = new ScriptedBrowser(world.baseUrl),
): Promise<Tokens> {
  const request = await codeRequest(config, parameters);
  return redeem(config, request, await signInAsAda(world, request, browser));
}

export function readToken(token: string): {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
} {
  const [header = '', claims = ''] = token.split('.');
  return {
    header: JSON.parse(Buffer.from(header, 'base64url').toString()),
    claims: JSON.parse(Buffer.from(claims, 'base64url').toString()),
  };
}

/** A client-credentials request as bare HTTP. */
export function askForToken(
  { record, secret, config }: RegisteredClient,
  parameters: Record<string, string> = {},
): Promise<Response> {
  return fetch(config.serverMetadata().token_endpoint ?? '', {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${record.client_id}:${secret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...parameters }),
  });
}

/** The answer inside what openid-client throws for a server error. */
export function answerIn(error: unknown): Response {
  const cause = (error as { cause?: unknown }).cause;
  if (!(cause instanceof Response)) throw error;
  return cause;
}
