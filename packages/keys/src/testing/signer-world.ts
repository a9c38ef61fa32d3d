// A signer's folder over many starts: stopped, killed, copied, under a clock that the test moves.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isCodedError, ManualClock } from '@countersign/vocabulary';
import type { SignerClient } from '../client/signer-client.ts';
import type { PublicKeyRecord } from '../life/public-key-record.ts';
import type { SignatureAlg } from '../scope/key-scope.ts';
import type { SignerOptions } from '../signing/open-folder.ts';
import type { SignOutcome } from '../signing/sign-with.ts';
import { Signer, type SignRequest } from '../signing/signer.ts';
import { FAST_KDF, makeInput, makePayload, makeScope, NOW_MS } from './token-fixture.ts';

export const PASSPHRASE = Buffer.from('correct horse battery staple');

export class SignerWorld {
  readonly clock = new ManualClock(NOW_MS);
  folder = mkdtempSync(join(tmpdir(), 'countersign-signer-'));
  #open: Signer | undefined;
  readonly #folders = [this.folder];

  async start(options: Partial<SignerOptions> = {}): Promise<Signer> {
    const { folder, clock } = this;
    const fixed = { folder, passphrase: PASSPHRASE, clock, kdf: FAST_KDF, claimWaitMs: 0 };
    this.#open = await Signer.open({ ...fixed, ...options });
    return this.#open;
  }

  stop(): void {
    this.#open?.close();
    this.#open = undefined;
  }

  async restart(options: Partial<SignerOptions> = {}): Promise<Signer> {
    this.stop();
    return this.start(options);
  }

  /** What the next process finds when this one dies now: the folder, without anything being closed. */
  async kill(options: Partial<SignerOptions> = {}): Promise<Signer> {
    this.folder = this.copy();
    this.stop();
    return this.start(options);
  }

  /** A copy of the folder as it is now, free to be claimed. */
  copy(): string {
    const copy = mkdtempSync(join(tmpdir(), 'countersign-signer-'));
    this.#folders.push(copy);
    cpSync(this.folder, copy, { recursive: true });
    const owner = join(copy, 'owner');
    writeFileSync(owner, readFileSync(owner, 'latin1').replace(/ .*/, ' 0 -'));
    return copy;
  }

  end(): void {
    this.stop();
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true });
  }
}

/** A key that signs now. */
export async function makeActive(
  signer: Signer | SignerClient,
  scope = makeScope(),
  alg: SignatureAlg = 'EdDSA',
): Promise<PublicKeyRecord> {
  const { kid } = await signer.makeKey(alg, scope);
  await signer.changeKey(kid, 'published');
  return signer.changeKey(kid, 'active');
}

export function requestOf(
  { kid, alg }: Pick<PublicKeyRecord, 'kid' | 'alg'>,
  changes = {},
): SignRequest {
  return { kid, input: makeInput({ alg, kid, typ: 'at+jwt' }, makePayload(changes)) };
}

/** `signed`, or the code of the refusal. */
export function resultOf(outcome: SignOutcome | undefined): string {
  if (outcome === undefined) return 'nothing';
  if (!('refused' in outcome)) return 'signed';
  return isCodedError(outcome.refused) ? outcome.refused.code : String(outcome.refused);
}

export function trySign(signer: Signer, key: Pick<PublicKeyRecord, 'kid' | 'alg'>): string {
  return resultOf(signer.signBatch([requestOf(key)])[0]);
}
