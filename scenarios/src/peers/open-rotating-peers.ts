// The peers that look keys up again by themselves, with their default caches: what they do when keys
// rotate is what their users' services do. fast-jwt has no key set client, so it is not among them.

import { JwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import type { Request, Response } from 'express';
import { auth } from 'express-oauth2-jwt-bearer';
import { openJose } from './open-jose.ts';
import { openJsonwebtoken } from './open-jsonwebtoken.ts';
import { installedVersion, type OpenPeer, type Peer, type PeerSetup, verdictOf } from './peer.ts';

/** Its cache and penalty box are its own; only the fetcher is ours, because its own speaks https only. */
const openAwsOverHttp: OpenPeer = async ({ issuers, audience, jwksUri }) => {
  const jwksCache = new SimpleJwksCache({
    fetcher: {
      fetch: async (uri) => {
        const response = await fetch(uri);
        if (response.status !== 200) throw new Error(`${uri} answered ${response.status}`);
        return response.arrayBuffer();
      },
    },
  });
  const entries = issuers.map((issuer) => ({ issuer, audience, jwksUri }));
  const verifier = JwtVerifier.create(entries, { jwksCache });
  return {
    name: 'aws-jwt-verify',
    version: installedVersion('aws-jwt-verify'),
    judge: (token) => verdictOf(() => verifier.verify(token)),
    close: async () => {},
  };
};

/** The middleware alone, handed what it reads of a request: a socket for each token would be the load. */
const openBearerAlone: OpenPeer = async ({ issuers, audience, jwksUri, algorithm }) => {
  const [issuer = ''] = issuers;
  const check = auth({ issuer, audience, jwksUri, tokenSigningAlg: algorithm });
  const requestWith = (token: string): Request => {
    const headers = { authorization: `Bearer ${token}`, host: 'localhost' };
    const get = (name: string): unknown => headers[name.toLowerCase() as keyof typeof headers];
    const place = {
      protocol: 'http',
      originalUrl: '/',
      url: '/',
      method: 'GET',
      query: {},
      socket: {},
    };
    return { ...place, headers, get, is: () => false } as unknown as Request;
  };
  return {
    name: 'express-oauth2-jwt-bearer',
    version: installedVersion('express-oauth2-jwt-bearer'),
    judge: (token) =>
      verdictOf(
        () =>
          new Promise<void>((resolve, reject) => {
            const next = (error?: unknown): void =>
              error === undefined ? resolve() : reject(error);
            void check(requestWith(token), {} as Response, next);
          }),
      ),
    close: async () => {},
  };
};

const ROTATING: readonly OpenPeer[] = [
  openJose,
  openJsonwebtoken,
  openBearerAlone,
  openAwsOverHttp,
];

/** Opens all four with the same setup; close each when done. */
export function openRotatingPeers(setup: PeerSetup): Promise<Peer[]> {
  return Promise.all(ROTATING.map((open) => open(setup)));
}
