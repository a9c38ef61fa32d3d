// The keys that CloudTrail signs with: PEM, or the answer of `aws cloudtrail list-public-keys`, whose
// keys are PKCS#1 in base64 and come with a fingerprint that digests name.

import { createPublicKey, type KeyObject } from 'node:crypto';
import { type LooseObject, memberOf, objectsOf, textOf } from '../../reading/read-text.ts';

export interface DigestKey {
  key: KeyObject;
  /** Absent for PEM: then every key is tried. */
  fingerprint: string | undefined;
}

const SHORTEST_RSA_BITS = 2048;

/** No keys when the text holds none that could have signed: RSA of 2,048 bits or more. */
export function readPublicKeys(text: string): DigestKey[] {
  const found = text.trimStart().startsWith('{') ? fromAnswer(text) : fromPem(text);
  return found.filter(
    ({ key }) => (key.asymmetricKeyDetails?.modulusLength ?? 0) >= SHORTEST_RSA_BITS,
  );
}

function fromPem(text: string): DigestKey[] {
  const blocks = text.match(/-----BEGIN [A-Z ]*PUBLIC KEY-----[^-]+-----END [A-Z ]*-----/g) ?? [];
  return blocks.flatMap((block) => made(() => createPublicKey(block), undefined));
}

function fromAnswer(text: string): DigestKey[] {
  let answer: LooseObject;
  try {
    answer = JSON.parse(text) as LooseObject;
  } catch {
    return [];
  }
  return objectsOf(memberOf(answer, 'PublicKeyList')).flatMap((one) => {
    const value = Buffer.from(textOf(memberOf(one, 'Value')) ?? '', 'base64');
    return made(
      () => createPublicKey({ key: value, format: 'der', type: 'pkcs1' }),
      textOf(memberOf(one, 'Fingerprint')),
    );
  });
}

function made(make: () => KeyObject, fingerprint: string | undefined): DigestKey[] {
  try {
    const key = make();
    return key.asymmetricKeyType === 'rsa' ? [{ key, fingerprint }] : [];
  } catch {
    return [];
  }
}
