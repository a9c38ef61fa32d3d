// express-oauth2-jwt-bearer: its middleware before a resource, asked over HTTP with a bearer token.

import type { AddressInfo } from 'node:net';
import express, { type NextFunction, type Request, type Response } from 'express';
import { auth } from 'express-oauth2-jwt-bearer';
import { installedVersion, type OpenPeer } from './peer.ts';

export const openExpressBearer: OpenPeer = async ({ issuers, audience, jwksUri, algorithm }) => {
  const [issuer = '', ...others] = issuers;
  const app = express();
  app.use(
    auth({
      issuer,
      audience,
      jwksUri,
      tokenSigningAlg: algorithm,
      // The documented way to welcome more than one issuer.
      ...(others.length === 0
        ? {}
        : { validators: { iss: (iss: unknown) => issuers.includes(String(iss)) } }),
    }),
  );
  app.get('/', (_request, response) => void response.end());
  // Express knows an error handler by its four parameters.
  app.use((error: Error, _request: Request, response: Response, _next: NextFunction) => {
    response.status(401).end(error.message);
  });
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    name: 'express-oauth2-jwt-bearer',
    version: installedVersion('express-oauth2-jwt-bearer'),
    judge: async (token) => {
      const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
      return { accepted: response.status === 200, reason: await response.text() };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
