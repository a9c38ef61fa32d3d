// The real signer in this process, behind the real pipe: for tests and simulations of other rooms.
// It gives up the one thing that production is about, which is that it lives somewhere else.

import { PassThrough } from 'node:stream';
import { connectPipe } from '@countersign/pipe';
import type { SignerOptions } from '../signing/open-folder.ts';
import { Signer } from '../signing/signer.ts';
import { serveSigner } from './serve-signer.ts';
import { createSignerClient, type SignerClient } from './signer-client.ts';

/** The cheapest key derivation that key files may name: tests start many folders. */
const FAST_KDF = {
  name: 'argon2id',
  memoryKiB: 19_456,
  passes: 2,
  parallelism: 1,
  salt: 'AAAAAAAAAAAAAAAAAAAAAA',
} as const;

/** Opens a signer on `folder` and connects to it; closing the client closes the signer. */
export async function connectLocalSigner(options: SignerOptions): Promise<SignerClient> {
  const signer = await Signer.open({ kdf: FAST_KDF, ...options });
  const there = new PassThrough();
  const back = new PassThrough();
  const pipe = connectPipe({ readable: back, writable: there });
  const client = createSignerClient(pipe);
  serveSigner({
    input: there,
    output: back,
    signer,
    onEnd: () => undefined,
    onFatal: () => pipe.close(),
  });
  return {
    ...client,
    close: () => {
      client.close();
      signer.close();
    },
  };
}
