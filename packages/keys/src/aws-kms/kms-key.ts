// One key in AWS KMS: each signature is a request.

import type { KMS } from '@aws-sdk/client-kms';
import { type CodedError, isCodedError } from '@countersign/vocabulary';
import type { KeptKey, SigningHandle } from '../custody/custody.ts';
import { signerRefusal } from '../keys-error.ts';
import { KMS_ALGORITHMS, type KmsAlgorithm } from './algorithms.ts';

/** What a key asks of who speaks to KMS. */
export interface KmsLine {
  ask<T>(question: (kms: KMS) => Promise<T>): Promise<T>;
  away(): CodedError | undefined;
  pause(cause: unknown): CodedError;
}

export class KmsKey implements SigningHandle {
  readonly #line: KmsLine;
  readonly #keyArn: string;
  readonly #algorithm: KmsAlgorithm;
  #forgotten = false;
  #made = 0;

  constructor(line: KmsLine, { alg }: KeptKey, keyArn: string) {
    this.#line = line;
    this.#keyArn = keyArn;
    this.#algorithm = KMS_ALGORITHMS[alg];
  }

  get made(): number {
    return this.#made;
  }

  away(): CodedError | undefined {
    if (this.#forgotten) return signerRefusal('key_expired', 'The key signs no more.');
    return this.#line.away();
  }

  async sign(input: Uint8Array): Promise<Uint8Array> {
    const away = this.away();
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
      return bytes;
    } catch (cause) {
      throw isCodedError(cause) ? cause : this.#line.pause(cause);
    }
  }

  forget(): void {
    this.#forgotten = true;
  }
}
