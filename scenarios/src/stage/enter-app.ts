// How a person gets into an application, and a thief in the person's name: authorization code with PKCE
// through the house's own pages, from wherever the visitor sits. What stops them is an answer, not an error.

import { createHash, randomBytes } from 'node:crypto';
import type { Operator } from './operator.ts';
import { CALLBACK, formWith, type VisitedPage, type Visitor } from './visit-pages.ts';

export interface App {
  /** TENANT/POPULATION */
  realm: string;
  issuer: string;
  clientId: string;
  audience: string;
}

export interface Tokens {
  access: string;
  refresh: string;
}

export type Entry =
  | { how: 'in'; tokens: Tokens; seconds: number }
  /** A passkey is asked for; the page is where it would be given. */
  | { how: 'asked'; page: VisitedPage; finish(page: VisitedPage): Promise<Entry> }
  | { how: 'denied'; status: number };

export async function openApp(
  operator: Operator,
  { url, realm, audience }: { url: string; realm: string; audience: string },
): Promise<App> {
  const { clientId } = await operator.post<{ clientId: string }>('/api/v1/clients', {
    ...{ realm, client_name: 'Scenario app', application_type: 'native' },
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    redirect_uris: [CALLBACK],
    ...{ first_party: true, resources: [audience] },
  });
  return { realm, issuer: `${url}/${realm}`, clientId, audience };
}

export async function enterApp(
  app: App,
  visitor: Visitor,
  person: { username: string; password: string },
): Promise<Entry> {
  const verifier = randomBytes(32).toString('base64url');
  const start = new URL(`${app.issuer}/auth`);
  start.search = new URLSearchParams({
    ...{ client_id: app.clientId, response_type: 'code', redirect_uri: CALLBACK },
    ...{ scope: 'openid offline_access', prompt: 'consent', resource: app.audience },
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  const first = await visitor.open(start);
  const answer = await visitor.submit(first, formWith(first, 'username'), { ...person });
  return arrive(app, visitor, verifier, answer);
}

async function arrive(
  app: App,
  visitor: Visitor,
  verifier: string,
  page: VisitedPage,
): Promise<Entry> {
  const consent = page.forms.find(({ action }) => action.endsWith('/consent'));
  if (consent !== undefined) {
    return arrive(app, visitor, verifier, await visitor.submit(page, consent));
  }
  const asked = page.forms.some(({ action }) => action.endsWith('/step-up'));
  if (asked) {
    const finish = (next: VisitedPage): Promise<Entry> => arrive(app, visitor, verifier, next);
    return { how: 'asked', page, finish };
  }
  const code = page.url.startsWith(CALLBACK) ? new URL(page.url).searchParams.get('code') : null;
  if (code === null) return { how: 'denied', status: page.status };
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK };
  const reply = await askToken(app, visitor, { ...form, code_verifier: verifier });
  if (!('tokens' in reply)) throw new Error(`No tokens for a code: ${reply.error}`);
  return { how: 'in', ...reply };
}

/** @returns tokens, or the error code of the token endpoint */
export async function refreshTokens(
  app: App,
  visitor: Visitor,
  refreshToken: string,
): Promise<{ tokens: Tokens; seconds: number } | { error: string }> {
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
  return askToken(app, visitor, { ...form, resource: app.audience });
}

interface Reply {
  access_token?: string;
  refresh_token?: string;
  expires_in?: number;
  error?: string;
}

async function askToken(
  { issuer, clientId }: App,
  visitor: Visitor,
  form: Record<string, string>,
): Promise<{ tokens: Tokens; seconds: number } | { error: string }> {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: visitor.headers,
    body: new URLSearchParams({ client_id: clientId, ...form }),
  });
  const {
    access_token: access,
    refresh_token: refresh = '',
    expires_in: seconds = 0,
    error = '',
  } = (await response.json()) as Reply;
  return access === undefined ? { error } : { tokens: { access, refresh }, seconds };
}

/** In the window where the person signed in a moment ago. */
export async function addPasskey(
  app: App,
  visitor: Visitor,
  create: (options: string) => string,
  person: { username: string; password: string },
): Promise<VisitedPage> {
  const first = await visitor.open(`${app.issuer}/account`);
  const page = first.forms.some(({ fields }) => 'password' in fields)
    ? await visitor.submit(first, formWith(first, 'username'), { ...person })
    : first;
  const form = page.forms.find(({ action }) => action.endsWith('/add-passkey'));
  if (form?.passkeyOptions === undefined) throw new Error('The account page offers no passkey.');
  return visitor.submit(page, form, { passkey: create(form.passkeyOptions), name: 'Telephone' });
}
