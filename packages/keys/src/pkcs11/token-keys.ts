// Keys in a token: made there, never to leave it, and found again by the kid, which is their CKA_ID.

import type { KeyObject } from 'node:crypto';
import type { Attribute, Handle, PKCS11 } from 'pkcs11js';
import { kidOf } from '../custody/public-jwk.ts';
import { custodyRefusal } from '../keys-error.ts';
import type { TokenAlgorithm } from './algorithms.ts';
import {
  CKA_ALWAYS_SENSITIVE,
  CKA_CLASS,
  CKA_DECRYPT,
  CKA_DERIVE,
  CKA_ENCRYPT,
  CKA_EXTRACTABLE,
  CKA_ID,
  CKA_LABEL,
  CKA_LOCAL,
  CKA_NEVER_EXTRACTABLE,
  CKA_PRIVATE,
  CKA_SENSITIVE,
  CKA_SIGN,
  CKA_TOKEN,
  CKA_UNWRAP,
  CKA_VERIFY,
  CKA_WRAP,
  CKO_PRIVATE_KEY,
  CKO_PUBLIC_KEY,
} from './constants.ts';

export interface TokenKeyPair {
  publicKey: KeyObject;
  kid: string;
}

/** Whom it speaks for, for who looks at the token; some allow no more. */
const LABEL_BYTES = 64;

/**
 * Makes a pair that stays. Its private half cannot leave: sensitive and not extractable from its first
 * moment, which `CKA_ALWAYS_SENSITIVE` and `CKA_NEVER_EXTRACTABLE` will say for ever.
 * @throws the module's error
 */
export async function makePair(
  cryptoki: PKCS11,
  session: Handle,
  algorithm: TokenAlgorithm,
  label: string,
): Promise<TokenKeyPair> {
  const named = { type: CKA_LABEL, value: Buffer.from(label).subarray(0, LABEL_BYTES) };
  const denied = (types: number[]): Attribute[] => types.map((type) => ({ type, value: false }));
  const publicTemplate: Attribute[] = [
    { type: CKA_TOKEN, value: true },
    { type: CKA_PRIVATE, value: false },
    { type: CKA_VERIFY, value: true },
    ...denied([CKA_ENCRYPT, CKA_WRAP]),
    named,
    ...algorithm.shape,
  ];
  const privateTemplate: Attribute[] = [
    { type: CKA_TOKEN, value: true },
    { type: CKA_PRIVATE, value: true },
    { type: CKA_SENSITIVE, value: true },
    { type: CKA_EXTRACTABLE, value: false },
    { type: CKA_SIGN, value: true },
    ...denied([CKA_DECRYPT, CKA_UNWRAP, CKA_DERIVE]),
    named,
  ];
  const pair = await cryptoki.C_GenerateKeyPairAsync(
    session,
    { mechanism: algorithm.makeMechanism },
    publicTemplate,
    privateTemplate,
  );
  const publicKey = readPublic(cryptoki, session, pair.publicKey, algorithm);
  const kid = kidOf(publicKey);
  const id = [{ type: CKA_ID, value: idOf(kid) }];
  cryptoki.C_SetAttributeValue(session, pair.publicKey, id);
  cryptoki.C_SetAttributeValue(session, pair.privateKey, id);
  return { publicKey, kid };
}

/**
 * The private half of `kid`, when the token has exactly one, it is the pair of `publicKey`, and it
 * never could leave.
 * @throws CodedError `custody_key_missing`, `custody_key_duplicate`, `custody_key_unfit`
 */
export function findPrivateKey(
  cryptoki: PKCS11,
  session: Handle,
  wanted: { kid: string; publicKey: KeyObject; algorithm: TokenAlgorithm },
): Handle {
  const { kid, publicKey, algorithm } = wanted;
  const privateKey = findOne(cryptoki, session, CKO_PRIVATE_KEY, kid);
  const beside = findOne(cryptoki, session, CKO_PUBLIC_KEY, kid);
  if (!sameKey(readPublic(cryptoki, session, beside, algorithm), publicKey)) {
    throw unfit(kid, 'is another key than its file says');
  }
  const attributes = [
    [CKA_SENSITIVE, true],
    [CKA_ALWAYS_SENSITIVE, true],
    [CKA_EXTRACTABLE, false],
    [CKA_NEVER_EXTRACTABLE, true],
    [CKA_LOCAL, true],
    [CKA_SIGN, true],
  ] as const;
  const found = cryptoki.C_GetAttributeValue(
    session,
    privateKey,
    attributes.map(([type]) => ({ type })),
  );
  const says = found.map(({ value }) => (value as Buffer)[0] === 1);
  if (attributes.some(([, value], at) => says[at] !== value)) {
    throw unfit(kid, 'was not made in the token, or may be taken out of it');
  }
  return privateKey;
}

/** Destroys both halves of `kid`, if they are found, and says whether. @throws the module's error */
export function destroyPair(cryptoki: PKCS11, session: Handle, kid: string): boolean {
  let found = false;
  // The private half first: the public one alone is what a token shows of a key that is gone.
  for (const objectClass of [CKO_PRIVATE_KEY, CKO_PUBLIC_KEY]) {
    for (const object of findAll(cryptoki, session, objectClass, kid)) {
      cryptoki.C_DestroyObject(session, object);
      found = true;
    }
  }
  return found;
}

function findOne(cryptoki: PKCS11, session: Handle, objectClass: number, kid: string): Handle {
  const found = findAll(cryptoki, session, objectClass, kid);
  const [only] = found;
  const half = objectClass === CKO_PRIVATE_KEY ? 'private' : 'public';
  if (only === undefined) {
    throw custodyRefusal(
      'custody_key_missing',
      `The token has no ${half} key with the CKA_ID of ${kid}. Restore it from the token's own backup. No new key is made in its place: to give this one up for ever, revoke it.`,
    );
  }
  if (found.length > 1) {
    throw custodyRefusal(
      'custody_key_duplicate',
      `The token has two ${half} keys with the CKA_ID of ${kid}. Remove the one that does not belong to it with the token's own tool.`,
    );
  }
  return only;
}

/** At most two, which is one too many. */
function findAll(cryptoki: PKCS11, session: Handle, objectClass: number, kid: string): Handle[] {
  cryptoki.C_FindObjectsInit(session, [
    { type: CKA_CLASS, value: objectClass },
    { type: CKA_TOKEN, value: true },
    { type: CKA_ID, value: idOf(kid) },
  ]);
  try {
    return cryptoki.C_FindObjects(session, 2);
  } finally {
    cryptoki.C_FindObjectsFinal(session);
  }
}

function readPublic(
  cryptoki: PKCS11,
  session: Handle,
  handle: Handle,
  algorithm: TokenAlgorithm,
): KeyObject {
  const parts = cryptoki.C_GetAttributeValue(
    session,
    handle,
    algorithm.publicParts.map((type) => ({ type })),
  );
  return algorithm.importPublic(parts.map(({ value }) => value as Buffer));
}

function idOf(kid: string): Buffer {
  return Buffer.from(kid, 'base64url');
}

function sameKey(a: KeyObject, b: KeyObject): boolean {
  return kidOf(a) === kidOf(b);
}

function unfit(kid: string, what: string): Error {
  return custodyRefusal(
    'custody_key_unfit',
    `The key ${kid} in the token ${what}. Rotate its issuer to a new key and revoke this one: who put it there may have it elsewhere too.`,
  );
}
