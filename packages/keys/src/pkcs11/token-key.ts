// One key in a token. It outlives the token's absence: found anew, by its kid, each time that comes
// back.

import { type KeyObject, verify } from 'node:crypto';
import type { CodedError } from '@countersign/vocabulary';
import type { Handle, PKCS11 } from 'pkcs11js';
import type { KeptKey, SigningHandle } from '../custody/custody.ts';
import { signerRefusal } from '../keys-error.ts';
import type { SignatureAlg } from '../scope/key-scope.ts';
import { TOKEN_ALGORITHMS, type TokenAlgorithm } from './algorithms.ts';
import type { OpenToken } from './open-token.ts';
import { findPrivateKey } from './token-keys.ts';

/** What a key asks of who holds its token. */
export interface TokenHolder {
  reach(): OpenToken | undefined;
  away(): CodedError | undefined;
  full(): CodedError | undefined;
  lose(token: OpenToken, cause: unknown): CodedError;
}

export class TokenKey implements SigningHandle {
  readonly #holder: TokenHolder;
  readonly #cryptoki: PKCS11;
  readonly #kid: string;
  readonly #alg: SignatureAlg;
  readonly #publicKey: KeyObject;
  readonly #algorithm: TokenAlgorithm;
  /** Where it was found; of no use with another opening of the token. */
  #found: { token: OpenToken; handle: Handle; proved: boolean } | undefined;
  /** Why it never signs again in this process. */
  #over: CodedError | undefined;
  #made = 0;

  constructor(holder: TokenHolder, cryptoki: PKCS11, { kid, alg, publicKey }: KeptKey) {
    this.#holder = holder;
    this.#cryptoki = cryptoki;
    this.#kid = kid;
    this.#alg = alg;
    this.#publicKey = publicKey;
    this.#algorithm = TOKEN_ALGORITHMS[alg];
  }

  get made(): number {
    return this.#made;
  }

  /** @throws CodedError `custody_key_missing`, `custody_key_duplicate`, `custody_key_unfit` */
  find(token: OpenToken): void {
    const wanted = { kid: this.#kid, publicKey: this.#publicKey, algorithm: this.#algorithm };
    const handle = findPrivateKey(this.#cryptoki, token.session, wanted);
    this.#found = { token, handle, proved: false };
  }

  away(): CodedError | undefined {
    return this.#missing() ?? this.#holder.full();
  }

  async sign(input: Uint8Array): Promise<Uint8Array> {
    const away = this.#missing();
    const found = this.#found;
    if (away !== undefined || found === undefined) throw away ?? this.#holder.away();
    const { signMechanism, signatureBytes, prepare } = this.#algorithm;
    // Both are kept here for as long as the module's thread uses them.
    const data = prepare(input);
    const room = Buffer.alloc(signatureBytes);
    const signature = await found.token
      .borrow((session) => {
        this.#cryptoki.C_SignInit(session, { mechanism: signMechanism }, found.handle);
        return this.#cryptoki.C_SignAsync(session, data, room);
      })
      .catch((cause) => {
        throw this.#holder.lose(found.token, cause);
      });
    this.#made += 1;
    if (!found.proved) this.#prove(found, input, signature);
    return signature;
  }

  forget(): void {
    this.#over = signerRefusal('key_expired', 'The key signs no more.');
    this.#found = undefined;
  }

  #missing(): CodedError | undefined {
    if (this.#over !== undefined) return this.#over;
    const token = this.#holder.reach();
    if (token === undefined) return this.#holder.away();
    if (this.#found?.token === token) return undefined;
    try {
      this.find(token);
      return undefined;
    } catch (cause) {
      // The token is back without the key, or with another in its place.
      return signerRefusal('signer_unavailable', `The token cannot use ${this.#kid} now.`, {
        cause,
      });
    }
  }

  /** Once each time the token comes: that what it signs with is the pair of what is published. */
  #prove(found: { token: OpenToken; proved: boolean }, input: Uint8Array, signature: Uint8Array) {
    const key = { key: this.#publicKey, dsaEncoding: 'ieee-p1363' as const };
    const hashName = this.#alg === 'EdDSA' ? null : 'sha256';
    found.proved = verify(hashName, input, key, signature);
    if (found.proved) return;
    this.#over = signerRefusal(
      'signer_unavailable',
      `The token signs with another key than ${this.#kid} is. Nothing is signed with it any more: rotate its issuer, and find out who was at the token.`,
    );
    throw this.#over;
  }
}
