// One key in AWS KMS: each signature is a request.

import { type KeyObject, verify } from 'node:crypto';
import type { KMS } from '@aws-sdk/client-kms';
import { type CodedError, isCodedError } from '@countersign/vocabulary';
import type { KeptKey, SigningHandle } from '../custody/custody.ts';
import { signerRefusal } from '../keys-error.ts';
import type { SignatureAlg } from '../scope/key-scope.ts';
import { KMS_ALGORITHMS, type KmsAlgorithm } from './algorithms.ts';

/** What a key asks of who speaks to KMS. */
export interface KmsLine {
  ask<T>(question: (kms: KMS) => Promise<T>): Promise<T>;
  away(): CodedError | undefined;
  full(): CodedError | undefined;
  pause(cause: unknown): CodedError;
}

export class KmsKey implements SigningHandle {
  readonly #line: KmsLine;
  readonly #keyArn: string;
  readonly #algorithm: KmsAlgorithm;
  readonly #kid: string;
  readonly #alg: SignatureAlg;
  readonly #publicKey: KeyObject;
  /** Why it never signs again in this process. */
  #over: CodedError | undefined;
  #proved = false;
  #made = 0;

  constructor(line: KmsLine, { kid, alg, publicKey }: KeptKey, keyArn: string) {
    this.#line = line;
    this.#keyArn = keyArn;
    this.#algorithm = KMS_ALGORITHMS[alg];
    this.#kid = kid;
    this.#alg = alg;
    this.#publicKey = publicKey;
  }

  get made(): number {
    return this.#made;
  }

  away(): CodedError | undefined {
    return this.#over ?? this.#line.away() ?? this.#line.full();
  }

  async sign(input: Uint8Array): Promise<Uint8Array> {
    const away = this.#over ?? this.#line.away();
    if (away !== undefined) throw away;
    const { signing, messageType, prepare, raw } = this.#algorithm;
    const message = prepare(input);
    try {
      const { Signature: signature } = await this.#line.ask((kms) =>
        kms.sign({
          KeyId: this.#keyArn,
          Message: message,
          MessageType: messageType,
          SigningAlgorithm: signing,
        }),
      );
      const bytes = raw(signature ?? new Uint8Array());
      this.#made += 1;
      if (!this.#proved) this.#prove(input, bytes);
      return bytes;
    } catch (cause) {
      throw isCodedError(cause) ? cause : this.#line.pause(cause);
    }
  }

  forget(): void {
    this.#over = signerRefusal('key_expired', 'The key signs no more.');
  }

  /** Once a start: that KMS signs with the pair of what is published. */
  #prove(input: Uint8Array, signature: Uint8Array): void {
    const key = { key: this.#publicKey, dsaEncoding: 'ieee-p1363' as const };
    this.#proved = verify(this.#alg === 'EdDSA' ? null : 'sha256', input, key, signature);
    if (this.#proved) return;
    this.#over = signerRefusal(
      'signer_unavailable',
      `AWS KMS signs with another key than ${this.#kid} is. Nothing is signed with it any more: rotate its issuer, and find out who answers at that endpoint.`,
    );
    throw this.#over;
  }
}
