// The one file that knows the types of `oidc-provider` 9.13.3, whose typings (DefinitelyTyped
// 9.12.1) are written elsewhere and lag. Everything else imports from here. The deep paths are
// what the package's own index re-exports, without its check for a Node that is marked LTS; they and
// what we override (`engine/override-engine.ts`) are pinned by `engine/contract.test.ts`.

import type { Context } from 'koa';
import type {
  Adapter,
  AdapterPayload,
  Client,
  Configuration,
  Grant,
  Interaction,
  KoaContextWithOIDC,
  Session,
} from 'oidc-provider';
import * as errors from 'oidc-provider/lib/helpers/errors.js';
import * as interactionPolicy from 'oidc-provider/lib/helpers/interaction_policy/index.js';
import { ExternalSigningKey } from 'oidc-provider/lib/helpers/keystore.js';
import { Provider } from 'oidc-provider/lib/provider.js';

export type {
  Adapter,
  AdapterPayload,
  Client as EngineClient,
  Configuration as EngineConfiguration,
  Grant as EngineGrant,
  Interaction as EngineInteraction,
  KoaContextWithOIDC as EngineContext,
};
export { ExternalSigningKey, errors, interactionPolicy, Provider as Engine };

export const ENGINE_VERSION = '9.13.3';

/** What an access token object of either kind holds when the engine asks for its value. */
export interface EngineAccessToken {
  kind: 'AccessToken' | 'ClientCredentials';
  jti: string;
  aud?: string | string[];
  scope?: string | undefined;
  accountId?: string;
  clientId: string;
  grantId?: string;
  sessionUid?: string;
  sid?: string;
  gty?: string;
  jkt?: string;
  /** Seconds; what `expiration` gives once it is set. */
  expiresIn?: number;
  readonly expiration: number;
  readonly resourceServer?: {
    jwt?: { sign?: { alg?: string; kid?: string } };
    accessTokenFormat?: string;
  };
  format?: string;
}

/** A refresh token object that is about to be used up. */
export interface EngineRefreshToken {
  accountId: string;
  clientId: string;
  grantId: string;
  sessionUid?: string;
  authTime?: number;
  scope?: string;
  amr?: string[];
  jkt?: string;
}

/** An ID or logout token object before it is signed. */
export interface EngineIdToken {
  client: Client;
  ctx: KoaContextWithOIDC | undefined;
  payload(): Promise<Record<string, unknown>>;
}

export interface IssueOptions {
  use: 'idtoken' | 'logout' | 'userinfo' | 'introspection' | 'authorization';
  expiresAt?: number | null;
}

/** The constructors whose prototypes we replace members of. One set per engine instance. */
export interface EngineClasses {
  AccessToken: { prototype: Record<string, unknown>; IN_PAYLOAD: string[] };
  ClientCredentials: { prototype: Record<string, unknown> };
  RefreshToken: { prototype: Record<string, unknown>; IN_PAYLOAD: string[] };
  AuthorizationCode: { IN_PAYLOAD: string[] };
  Interaction: { IN_PAYLOAD: string[] };
  Session: { IN_PAYLOAD: string[] };
  Grant: { IN_PAYLOAD: string[] };
  IdToken: { prototype: Record<string, unknown>; validate: unknown };
  Client: {
    prototype: Record<string, unknown>;
    find(this: unknown, clientId: unknown): Promise<Client | undefined>;
  };
  OIDCContext: { prototype: object };
  request: object;
}

export function classesOf(engine: Provider): EngineClasses {
  return engine as unknown as EngineClasses;
}

/** The request the engine is working on; undefined outside one (never in our token paths). */
export function currentContext(): KoaContextWithOIDC | undefined {
  return Provider.ctx;
}

/** The engine's session has been given a new cookie value; this was the old one. */
export function rotatedFrom(session: Session | undefined): string | undefined {
  return (session as { oldId?: string } | undefined)?.oldId;
}

/** What a session says of its person, outside the engine's own routes. */
export interface SessionFacts {
  uid?: string;
  accountId?: string;
  /** Seconds since the Unix epoch. */
  loginTs?: number;
  acr?: string;
  amr?: string[];
}

/** The session of a request's signed cookie; one without a person when there is none. */
export async function sessionOf(engine: Provider, ctx: Context): Promise<SessionFacts> {
  const sessions = engine.Session as unknown as { get(ctx: Context): Promise<SessionFacts> };
  return sessions.get(ctx);
}

/** An OAuth error that the engine shows to the client as it is, with any status. */
export function oauthError(status: number, code: string, description: string): Error {
  const error = new errors.CustomOIDCProviderError(code, description);
  return Object.assign(error, { status, statusCode: status, expose: true });
}

/** What Koa would otherwise print. Not the visitor who hung up: strangers must not fill our log. */
export function onConnectionError(engine: Provider, listener: (error: unknown) => void): void {
  (engine as NodeJS.EventEmitter).on('error', (error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!/^(HPE_|ECONNRESET$|EPIPE$|ECONNABORTED$)/.test(code)) listener(error);
  });
}
