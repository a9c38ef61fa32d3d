// A key that signs now, made as the server makes one.

import type { PublicKeyRecord, SignatureAlg, SignerClient } from '@countersign/keys';
import { makeScope } from './start-signer.ts';

export async function makeActive(
  signer: SignerClient,
  alg: SignatureAlg,
): Promise<PublicKeyRecord> {
  const { kid } = await signer.makeKey(alg, makeScope());
  await signer.changeKey(kid, 'published');
  return signer.changeKey(kid, 'active');
}
