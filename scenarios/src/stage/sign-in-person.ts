// A person signs in the way a browser does: pages, cookies, a form, authorization code with PKCE;
// afterwards the client refreshes. Needed where a scenario is about tokens that descend from others.

import { createHash, randomBytes } from 'node:crypto';
import { type OpenToken, readClaims } from '../attack/read-claims.ts';
import type { Operator } from './operator.ts';
import type { StageServer } from './start-server.ts';

export interface SignedIn {
  /** The access token of the sign-in. */
  first: OpenToken & { token: string };
  /** @throws Error with the server's answer */
  refresh(): Promise<OpenToken & { token: string }>;
}

export interface PersonSetup {
  /** TENANT/POPULATION */
  realm: string;
  username: string;
  audience: string;
  scope: string;
}

interface TokenReply {
  access_token: string;
  refresh_token?: string;
}

const REDIRECT_URI = 'http://127.0.0.1/callback';
const MOST_STEPS = 10;

export async function signInPerson(
  server: StageServer,
  operator: Operator,
  setup: PersonSetup,
): Promise<SignedIn> {
  const { realm, username, audience, scope } = setup;
  const password = randomBytes(18).toString('base64url');
  await operator.post('/api/v1/people', { realm, username, password });
  const { clientId } = await operator.post<{ clientId: string }>('/api/v1/clients', {
    realm,
    client_name: 'Scenario app',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [REDIRECT_URI],
    first_party: true,
    resources: [audience],
  });
  const issuer = `${server.url}/${realm}`;
  const verifier = randomBytes(32).toString('base64url');
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const metadata = (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as {
    authorization_endpoint: string;
    token_endpoint: string;
  };
  const start = new URL(metadata.authorization_endpoint);
  start.search = new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: REDIRECT_URI,
    scope: `openid offline_access ${scope}`,
    prompt: 'consent',
    resource: audience,
    state: 'scenario',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  }).toString();
  const code = await browse(start, { username, password });
  const ask = (form: Record<string, string>): Promise<TokenReply> =>
    requestToken(metadata.token_endpoint, { client_id: clientId, ...form });
  let reply = await ask({
    grant_type: 'authorization_code',
    code,
    redirect_uri: REDIRECT_URI,
    code_verifier: verifier,
  });
  return {
    first: open(reply),
    refresh: async () => {
      reply = await ask({
        grant_type: 'refresh_token',
        refresh_token: reply.refresh_token ?? '',
        resource: audience,
      });
      return open(reply);
    },
  };
}

function open({ access_token: token }: TokenReply): OpenToken & { token: string } {
  return { token, ...readClaims(token) };
}

async function requestToken(url: string, form: Record<string, string>): Promise<TokenReply> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  const text = await response.text();
  if (!response.ok) throw new Error(`The token endpoint answered ${response.status}: ${text}`);
  return JSON.parse(text) as TokenReply;
}

/** Follows pages and forms until the browser is sent back to the client. */
async function browse(start: URL, person: { username: string; password: string }): Promise<string> {
  const cookies = new Map<string, string>();
  let url = start;
  let form: URLSearchParams | undefined;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const response = await fetch(url, {
      method: form === undefined ? 'GET' : 'POST',
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(form === undefined ? {} : { origin: url.origin }),
      },
      redirect: 'manual',
      ...(form === undefined ? {} : { body: form }),
    });
    for (const line of response.headers.getSetCookie()) keepCookie(cookies, line);
    const location = response.headers.get('location');
    const page = await response.text();
    if (location === null) {
      ({ url, form } = fillForm(page, url, person));
      continue;
    }
    url = new URL(location, url);
    form = undefined;
    const code = url.searchParams.get('code');
    if (url.href.startsWith(REDIRECT_URI) && code !== null) return code;
    if (url.searchParams.has('error')) throw new Error(`The sign-in ended with ${url.search}.`);
  }
  throw new Error('The sign-in went in circles.');
}

function keepCookie(cookies: Map<string, string>, line: string): void {
  const [pair = ''] = line.split(';');
  const at = pair.indexOf('=');
  const value = pair.slice(at + 1);
  if (value === '') cookies.delete(pair.slice(0, at));
  else cookies.set(pair.slice(0, at), value);
}

/** The first form of the page with its hidden fields, as the person would send it. */
function fillForm(
  page: string,
  url: URL,
  person: { username: string; password: string },
): { url: URL; form: URLSearchParams } {
  const [, action, body] = /<form[^>]*action="([^"]+)"[^>]*>([\s\S]*?)<\/form>/.exec(page) ?? [];
  if (action === undefined || body === undefined)
    throw new Error(`The page has no form: ${page.replace(/<[^>]*>/g, ' ').slice(0, 300)}`);
  const form = new URLSearchParams();
  for (const [input] of body.matchAll(/<input[^>]*>/g)) {
    const name = /name="([^"]+)"/.exec(input)?.[1];
    const value = /value="([^"]*)"/.exec(input)?.[1] ?? '';
    if (name !== undefined) form.set(name, name in person ? person[name as 'username'] : value);
  }
  return { url: new URL(action, url), form };
}
