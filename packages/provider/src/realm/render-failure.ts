// One failure, as JSON for programs and as a page for people.

import type { Context } from 'koa';
import { errors } from '../engine/oidc-provider.ts';
import { errorBody } from '../pages/message-pages.ts';
import { sendPage } from '../pages/page-frame.ts';
import type { RealmContext } from './realm-context.ts';
import { realmPage } from './realm-page.ts';

interface Exposed {
  status: number;
  expose: true;
  error: string;
  error_description?: string;
  retryAfterSeconds?: number;
}

export async function renderFailure(
  realm: RealmContext,
  ctx: Context,
  error: unknown,
  reference: string,
): Promise<void> {
  const exposed = asExposed(error);
  const status = exposed?.status ?? 500;
  const code = exposed?.error ?? 'server_error';
  if (exposed?.retryAfterSeconds !== undefined) {
    ctx.set('Retry-After', String(exposed.retryAfterSeconds));
  }
  if (ctx.accepts('json', 'html') === 'html') {
    const said = describeForPeople(error) ?? exposed?.error_description;
    sendErrorPage(realm, ctx, status, code, said, reference);
    return;
  }
  ctx.status = status;
  ctx.set('Cache-Control', 'no-store');
  ctx.body = {
    error: code,
    error_description: exposed?.error_description ?? `something went wrong (${reference})`,
  };
}

/** What happened, where the engine's own words are for developers. */
export function describeForPeople(error: unknown): string | undefined {
  if (error instanceof errors.SessionNotFound) {
    return 'this sign-in has expired, or was begun in another browser';
  }
  if (error instanceof errors.InvalidRedirectUri) {
    return 'the application asked to be answered at an address that it has not registered';
  }
  if (error instanceof errors.InvalidClient) return 'the application is not known here';
  return undefined;
}

export function sendErrorPage(
  realm: RealmContext,
  ctx: Context,
  status: number,
  code: string,
  description: string | undefined,
  reference?: string,
): void {
  const temporary = status === 503;
  const body = errorBody({
    heading: temporary ? 'Just a moment' : 'That did not work',
    sentence: temporary
      ? 'Signing in is not possible right now. Please try again in a little while.'
      : sentence(description),
    code,
    ...(reference === undefined ? {} : { reference }),
  });
  sendPage(ctx, status, realmPage(realm, temporary ? 'Try again soon' : 'Error', body), []);
}

function sentence(description: string | undefined): string {
  if (description === undefined) return 'The server could not finish this request.';
  const text = `${description.charAt(0).toUpperCase()}${description.slice(1)}`;
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function asExposed(error: unknown): Exposed | undefined {
  if (!(error instanceof Error) || !('expose' in error) || error.expose !== true) return undefined;
  return error as unknown as Exposed;
}
