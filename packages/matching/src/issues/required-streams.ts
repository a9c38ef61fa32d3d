// An issuer may write several logs. Who brings one of them cannot say of a token that it was never
// issued: it may stand in another.

import { kindOfId } from '../activity.ts';

/** What Entra calls its categories; each must be there before one of its uses can be unissued. */
const REQUIRED: Readonly<Record<string, { person: readonly string[]; app: readonly string[] }>> = {
  microsoft: {
    person: ['interactive', 'non_interactive'],
    app: ['service_principal', 'managed_identity'],
  },
};

const LOG_NAMES: Readonly<Record<string, string>> = {
  SignInLogs: 'interactive',
  NonInteractiveUserSignInLogs: 'non_interactive',
  ServicePrincipalSignInLogs: 'service_principal',
  ManagedIdentitySignInLogs: 'managed_identity',
};

/** Which log of its issuer a record stands in, by the name that its map gives it. */
export function streamOf(source: string, kind: string, logName: unknown): string | undefined {
  if (source === 'entra-sign-in') return LOG_NAMES[String(logName)] ?? 'interactive';
  // The unified audit log has sign-ins of people at a keyboard, and few of those that were renewed.
  return source === 'microsoft-365' && kind === 'sign_in' ? 'interactive' : undefined;
}

/**
 * Streams that a use needs. An object id alone may be of a person, of an app or of a managed identity: then
 * all kinds are needed.
 */
export function neededStreams(
  family: string,
  given: { readonly size: number },
  persons: readonly string[],
): string[] {
  const required = REQUIRED[family];
  // Nothing is said of streams: there is nothing to miss.
  if (required === undefined || given.size === 0) return [];
  const named = persons.some((name) => ['upn', 'email'].includes(kindOfId(name)));
  return [...(named || persons.length > 0 ? required.person : []), ...(named ? [] : required.app)];
}
