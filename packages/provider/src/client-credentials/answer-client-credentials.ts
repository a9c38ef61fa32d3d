// The short way to a token for services: the same checks against the same directory, the same main
// road, without the engine's forty steps around them. It only ever says yes, and only where the
// engine would say the same (`client-credentials/same-answers.test.ts`); every no is the engine's.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClientRecord } from '@countersign/directory';
import { newId } from '@countersign/vocabulary';
import { toOAuthError } from '../engine/translate-failures.ts';
import type { ReportFailure } from '../realm/guard-requests.ts';
import type { RealmContext } from '../realm/realm-context.ts';
import { describeApi, OPENID_SCOPES, type ResourceChoice } from '../realm/resolve-resource.ts';
import { limitWorkload } from '../risk-gate/limit-token.ts';
import { issueAccessToken } from '../road/compose-access-token.ts';
import { roadClosed } from '../road/open-road.ts';
import { type CredentialsRequest, readCredentialsRequest } from './read-credentials-request.ts';

const HEADERS = {
  'Content-Type': 'application/json; charset=utf-8',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
};
/** Scopes with a meaning of their own for the engine. */
const STATIC_SCOPES: ReadonlySet<string> = new Set([...OPENID_SCOPES, 'offline_access']);

/** @returns whether it answered; otherwise the request is as it came. */
export async function answerClientCredentials(
  realm: RealmContext,
  request: IncomingMessage,
  response: ServerResponse,
  report: ReportFailure,
): Promise<boolean> {
  const asked = await readCredentialsRequest(request);
  if (asked === undefined) return false;
  // What fails here fails again in the engine, which knows how to say it.
  const grant = await findGrant(realm, asked).catch(() => undefined);
  if (grant === undefined) return false;
  try {
    await realm.road.ready();
    const { api } = grant;
    const asking = { clientId: asked.clientId, audience: api.audience, scope: grant.scope };
    const reach = await limitWorkload(realm, request, { ...asking, seconds: api.accessTokenTTL });
    // The engine asks no second time: it finds what was decided of this request, and says no.
    if (reach === undefined) return false;
    const { seconds, scope, recorded } = reach;
    const token = {
      kind: 'ClientCredentials' as const,
      jti: newId(realm.random),
      aud: api.audience,
      clientId: asked.clientId,
      expiration: seconds,
      resourceServer: api,
      ...(scope === '' ? {} : { scope }),
    };
    const accessToken = await issueAccessToken(realm, token, { req: request });
    await recorded?.catch((error: unknown) => Promise.reject(roadClosed(error)));
    respond(response, 200, {
      access_token: accessToken,
      expires_in: seconds,
      ...(scope === '' ? {} : { scope }),
      token_type: 'Bearer',
    });
  } catch (error) {
    respondFailure(realm, response, error, report);
  }
  // What was put back for the engine is not wanted any more.
  request.resume();
  return true;
}

async function findGrant(
  realm: RealmContext,
  asked: CredentialsRequest,
): Promise<{ api: ResourceChoice; scope: string } | undefined> {
  const { directory, policy } = realm;
  if (!policy.grants.includes('client_credentials')) return undefined;
  const record = await directory.clients.find(realm.id, asked.clientId);
  if (record === undefined || !isOrdinary(record, asked)) return undefined;
  const [only, ...others] = record.resources;
  const identifier = asked.resource ?? (others.length === 0 ? only : undefined);
  if (identifier === undefined || identifier === realm.issuer) return undefined;
  const api = await describeApi(realm, identifier, record);
  if (api === undefined) return undefined;
  const known = await directory.clients.verifySecret(realm.id, asked.clientId, asked.clientSecret);
  if (known === undefined) return undefined;
  const offered = new Set(api.scope.split(' '));
  return { api, scope: asked.scopes.filter((scope) => offered.has(scope)).join(' ') };
}

function isOrdinary(record: ClientRecord, { scopes }: CredentialsRequest): boolean {
  return (
    record.token_endpoint_auth_method.startsWith('client_secret_') &&
    record.grant_types.includes('client_credentials') &&
    !record.dpop_bound_access_tokens &&
    record.scope === undefined &&
    !scopes.some((scope) => STATIC_SCOPES.has(scope))
  );
}

function respondFailure(
  realm: RealmContext,
  response: ServerResponse,
  error: unknown,
  report: ReportFailure,
): void {
  report(error, 'token endpoint');
  const told = toOAuthError(error) as { expose?: boolean; status?: number; error?: string };
  const temporary = told.expose === true && told.status === 503;
  if (temporary) response.setHeader('Retry-After', String(realm.limits.retryAfterSeconds));
  respond(response, temporary ? 503 : 500, {
    error: temporary ? 'temporarily_unavailable' : 'server_error',
    error_description: temporary
      ? 'Tokens cannot be issued at the moment; try again shortly.'
      : 'the server could not finish this request',
  });
}

function respond(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { ...HEADERS, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}
