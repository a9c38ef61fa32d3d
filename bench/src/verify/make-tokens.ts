// Genuine tokens with genuine receipts for the verification benchmark: real keys, real Merkle
// subtrees, eleven claims, about 700 bytes. Each token differs, so that no cache helps unasked.

import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import {
  commitToken,
  cosignedMessage,
  createNoteKey,
  encodeLeafEntry,
  encodeReceipt,
  formatVerifierKey,
  hashLeaf,
  hashNode,
  hashRange,
  leafTypeOf,
  proveInclusion,
  type SignatureAlgorithm,
  type TreeNode,
} from '@countersign/verifier';

export const ISSUER = 'http://localhost:4600/acme/workforce';
export const AUDIENCE = 'https://api.acme.example/';
export const ORIGIN = 'localhost:4600/log';
const KID = 'bench-key';
const TYP = 'at+jwt';

export interface TokenSet {
  alg: SignatureAlgorithm;
  publicKey: KeyObject;
  /** JWK as a realm of ours publishes it. */
  jwk: JsonWebKey & { kid: string };
  /** vkey of the log that gave the receipts. */
  receiptKey: string;
  /** Never used here, for the deferred audit is off; a policy is not whole without it. */
  checkpointKey: string;
  tokens: string[];
}

interface Draft {
  payloadSegment: string;
  entry: Uint8Array;
}

/** @param batch tokens that share one log signature: a power of two */
export function makeTokens(alg: SignatureAlgorithm, count: number, batch: number): TokenSet {
  const issuer = keyPair(alg);
  const log = generateKeyPairSync('ed25519');
  const logKey = createNoteKey(ORIGIN, 'receipt', rawEd25519(log.publicKey));
  const issuedMs = Date.now();
  const tokens: string[] = [];
  for (let first = 0; first < count; first += batch) {
    const drafts = Array.from({ length: batch }, () => draft(alg, issuedMs));
    const hashes = drafts.map(({ entry }) => hashLeaf(entry));
    const read = nodeReader(hashes, first);
    const subtree = { start: first, end: first + batch };
    const signature = sign(
      null,
      cosignedMessage(ORIGIN, ORIGIN, subtree, hashRange(subtree, read)),
      log.privateKey,
    );
    for (const [at, { payloadSegment }] of drafts.entries()) {
      const proof = proveInclusion(first + at, subtree, read);
      const receipt = encodeReceipt({
        keyId: logKey.id,
        index: first + at,
        issuedMs,
        tags: undefined,
        log2Span: Math.log2(batch),
        proof,
        signature,
      });
      tokens.push(
        signToken(
          alg,
          issuer.privateKey,
          Buffer.from(receipt).toString('base64url'),
          payloadSegment,
        ),
      );
    }
  }
  const jwk = {
    ...issuer.publicKey.export({ format: 'jwk' }),
    kid: KID,
    alg,
    use: 'sig',
    iss: ISSUER,
    tenant: 'acme',
    token_types: [TYP],
    nbf: Math.floor(issuedMs / 1000) - 60,
    exp: Math.floor(issuedMs / 1000) + 86_400,
  };
  return {
    alg,
    publicKey: issuer.publicKey,
    jwk,
    receiptKey: formatVerifierKey(logKey),
    checkpointKey: formatVerifierKey(
      createNoteKey(ORIGIN, 'ed25519', rawEd25519(generateKeyPairSync('ed25519').publicKey)),
    ),
    tokens,
  };
}

function draft(alg: SignatureAlgorithm, issuedMs: number): Draft {
  const iat = Math.floor(issuedMs / 1000);
  const claims = {
    iss: ISSUER,
    sub: 'f3b1c2d4-5e6f-4a7b-8c9d-0e1f2a3b4c5d',
    aud: AUDIENCE,
    exp: iat + 3600,
    iat,
    jti: randomBytes(16).toString('base64url'),
    root_auth_id: randomBytes(16).toString('base64url'),
    client_id: 'acme-web',
    tenant: 'acme',
    scope: 'openid read write',
    sid: randomBytes(16).toString('base64url'),
  };
  const payloadSegment = Buffer.from(JSON.stringify(claims)).toString('base64url');
  const commitment = commitToken({ iss: ISSUER, kid: KID, alg, typ: TYP, payloadSegment });
  return {
    payloadSegment,
    entry: encodeLeafEntry({
      type: leafTypeOf(TYP),
      issuedMs,
      expiresAtSeconds: claims.exp,
      commitment,
    }),
  };
}

function signToken(
  alg: SignatureAlgorithm,
  key: KeyObject,
  itr: string,
  payloadSegment: string,
): string {
  const header = Buffer.from(JSON.stringify({ alg, kid: KID, typ: TYP, itr })).toString(
    'base64url',
  );
  const input = Buffer.from(`${header}.${payloadSegment}`);
  const signature =
    alg === 'ES256'
      ? sign('sha256', input, { key, dsaEncoding: 'ieee-p1363' })
      : sign(alg === 'RS256' ? 'sha256' : null, input, key);
  return `${header}.${payloadSegment}.${signature.toString('base64url')}`;
}

function keyPair(alg: SignatureAlgorithm): { publicKey: KeyObject; privateKey: KeyObject } {
  if (alg === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return alg === 'EdDSA'
    ? generateKeyPairSync('ed25519')
    : generateKeyPairSync('rsa', { modulusLength: 2048 });
}

function rawEd25519(key: KeyObject): Uint8Array {
  return new Uint8Array(Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url'));
}

/** Nodes of one aligned batch, hashed on demand: a node is its two halves, down to the leaves. */
function nodeReader(leafHashes: Uint8Array[], first: number): (node: TreeNode) => Uint8Array {
  const read = ({ level, index }: TreeNode): Uint8Array => {
    if (level > 0)
      return hashNode(
        read({ level: level - 1, index: index * 2 }),
        read({ level: level - 1, index: index * 2 + 1 }),
      );
    const leaf = leafHashes[index - first];
    if (leaf === undefined) throw new Error(`leaf ${index} is not in this batch`);
    return leaf;
  };
  return read;
}
