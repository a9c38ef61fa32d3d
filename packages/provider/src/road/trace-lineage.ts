// Where a token comes from (control C-28): `root_auth_id` names the one sign-in that everything
// descends from, `parent_jti` the access token that a refreshed one follows. The root is derived
// from facts each code and refresh token carries anyway, so it needs no state and cannot drift.

import { createHash } from 'node:crypto';
import { newId, type Random } from '@countersign/vocabulary';
import type { EngineContext } from '../engine/oidc-provider.ts';

export interface Lineage {
  rootAuthId: string;
  /** The browser session the sign-in belongs to; in the record only, never in a token. */
  sessionUid?: string;
  parentJti?: string;
}

interface Source {
  sessionUid?: string | undefined;
  authTime?: number | undefined;
  accessJti?: string | undefined;
}

const reserved = new WeakMap<object, string>();

/** 128 bits that name a sign-in: one session, one moment of authentication. */
export function rootAuthId(
  issuer: string,
  sessionUid: string | undefined,
  authTime: number | undefined,
): string {
  return createHash('sha256')
    .update(`root_auth_id\n${issuer}\n${sessionUid ?? ''}\n${authTime ?? ''}`)
    .digest()
    .subarray(0, 16)
    .toString('base64url');
}

/** The `jti` of the access token this request will issue: the one promised to its refresh token. */
export function takeAccessJti(context: EngineContext | undefined, random: Random): string {
  if (context === undefined) return newId(random);
  const promised = reserved.get(context);
  reserved.delete(context);
  return promised ?? newId(random);
}

/**
 * What a refresh token remembers beside the engine's own members: the `jti` of the access token it
 * is issued with. On a rotation the refresh token is saved first, so the id is promised here.
 */
export function lineagePayload(
  model: string,
  context: EngineContext | undefined,
  random?: Random,
): { accessJti?: string } {
  if (model !== 'RefreshToken' || context?.oidc === undefined) return {};
  const issued = context.oidc.entities.AccessToken?.jti;
  if (issued !== undefined) return { accessJti: issued };
  const promised = newId(random);
  reserved.set(context, promised);
  return { accessJti: promised };
}

/** @param makeRoot names the root of a token that no person stands behind (client credentials). */
export function traceLineage(
  issuer: string,
  context: EngineContext | undefined,
  makeRoot: () => string,
): Lineage {
  const entities = context?.oidc?.entities;
  if (entities === undefined) return { rootAuthId: makeRoot() };
  const source = (entities.AuthorizationCode ?? entities.DeviceCode ?? entities.RefreshToken) as
    | Source
    | undefined;
  if (source?.sessionUid !== undefined) {
    const parent = (entities.RotatedRefreshToken as Source | undefined)?.accessJti;
    return {
      rootAuthId: rootAuthId(issuer, source.sessionUid, source.authTime),
      sessionUid: source.sessionUid,
      ...(parent === undefined ? {} : { parentJti: parent }),
    };
  }
  const session = entities.Session;
  if (session?.accountId === undefined) return { rootAuthId: makeRoot() };
  return {
    rootAuthId: rootAuthId(issuer, session.uid, session.loginTs),
    sessionUid: session.uid,
  };
}
