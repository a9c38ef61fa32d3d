// DPoP proofs (RFC 9449 §4.2) for the bound tokens of the zoo, genuine by default.

import { sha256 } from './build-receipt.ts';
import { encode, type Members } from './build-token.ts';
import { NOW, otherSenderKey, senderEdKey, senderKey } from './build-world.ts';
import type { ZooKey } from './derive-keys.ts';

export const MAIL_URL = 'https://mail.acme.example/v1/messages';

/** RFC 7638: required members only, in lexical order. */
function thumbprint({ publicJwk }: ZooKey): string {
  const members = Object.entries(publicJwk).sort(([left], [right]) => (left < right ? -1 : 1));
  return sha256(JSON.stringify(Object.fromEntries(members))).toString('base64url');
}

export const senderThumbprint = thumbprint(senderKey);
export const senderEdThumbprint = thumbprint(senderEdKey);

export interface ProofPlan {
  /** With the Ed25519 sender key in place of the P-256 one. */
  ed?: boolean;
  /** Made by the thief's own key. */
  thief?: boolean;
  header?: Members;
  sign?: (input: string) => Buffer;
}

export function proofFor(token: string, claims: Members, plan: ProofPlan = {}): string {
  const honest = plan.ed === true ? senderEdKey : senderKey;
  const key = plan.thief === true ? otherSenderKey : honest;
  const header = { typ: 'dpop+jwt', alg: key.alg, jwk: key.publicJwk, ...plan.header };
  const body = {
    htm: 'GET',
    htu: MAIL_URL,
    iat: NOW,
    ath: sha256(token).toString('base64url'),
    ...claims,
  };
  const input = `${encode(JSON.stringify(header))}.${encode(JSON.stringify(body))}`;
  return `${input}.${encode(plan.sign?.(input) ?? key.sign(input))}`;
}
