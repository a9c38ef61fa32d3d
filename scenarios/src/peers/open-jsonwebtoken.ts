// jsonwebtoken with jwks-rsa: the `getKey` callback both READMEs show.

import jwt from 'jsonwebtoken';
import jwksClient from 'jwks-rsa';
import { installedVersion, type OpenPeer, verdictOf } from './peer.ts';

export const openJsonwebtoken: OpenPeer = async ({ issuers, audience, jwksUri, algorithm }) => {
  const client = jwksClient({ jwksUri });
  const getKey: jwt.GetPublicKeyOrSecret = ({ kid }, done) => {
    client.getSigningKey(kid).then(
      (key) => done(null, key.getPublicKey()),
      (error: Error) => done(error),
    );
  };
  const [first = '', ...rest] = issuers;
  const options: jwt.VerifyOptions = {
    issuer: [first, ...rest],
    audience,
    algorithms: [algorithm],
  };
  const check = (token: string) =>
    new Promise((resolve, reject) => {
      jwt.verify(token, getKey, options, (error, claims) =>
        error === null ? resolve(claims) : reject(error),
      );
    });
  return {
    name: 'jsonwebtoken + jwks-rsa',
    version: `${installedVersion('jsonwebtoken')} + ${installedVersion('jwks-rsa')}`,
    judge: (token) => verdictOf(() => check(token)),
    close: async () => {},
  };
};
