// Where the private half of a key lives and who signs with it: this process, a token behind PKCS#11,
// a cloud. A custody makes a key, opens it again at a later start, and signs; it knows nothing of
// scopes, numbers or lives, which stay with the signer whoever holds the key (C-09).

import type { KeyObject } from 'node:crypto';
import type { CodedError } from '@countersign/vocabulary';
import { z } from 'zod';
import type { SignatureAlg } from '../scope/key-scope.ts';
import type { EndedPlace } from './ended-record.ts';

export const custodyKindSchema = z.enum(['software', 'pkcs11', 'aws-kms']);
export type CustodyKind = z.infer<typeof custodyKindSchema>;

/** How a token names itself; the key in it is found by its kid. */
export const tokenReferenceSchema = z.strictObject({
  tokenLabel: z.string().min(1).max(32),
  tokenSerial: z.string().max(16),
});

/** How the cloud names the key, account and region included. */
export const cloudReferenceSchema = z.strictObject({
  keyArn: z.string().regex(/^arn:[a-z0-9:/-]{1,2000}$/),
});

/** Where a private half is: here, or where a reference says, which is no secret. */
export type KeyPlace =
  | { kind: 'software'; privateKey: KeyObject }
  | { kind: 'pkcs11'; reference: z.infer<typeof tokenReferenceSchema> }
  | { kind: 'aws-kms'; reference: z.infer<typeof cloudReferenceSchema> };

export interface MadeKey {
  publicKey: KeyObject;
  place: KeyPlace;
}

/** A key as its file tells of it; the signer has checked that the file is whole. */
export interface KeptKey {
  kid: string;
  alg: SignatureAlg;
  publicKey: KeyObject;
  place: KeyPlace;
}

export interface Custody {
  readonly kind: CustodyKind;
  /**
   * Makes a key that never leaves this custody, and returns when it is durable there.
   * @param label for people who look at the token or the cloud: whom the key speaks for
   * @throws CodedError `custody_unsupported` when this custody has no such algorithm,
   *   `signer_unavailable` when it does not answer now
   */
  make(alg: SignatureAlg, label: string): Promise<MadeKey>;
  /**
   * Finds a key that was made before. Never makes one in its place.
   * @throws CodedError with a `CustodyRefusal` code that says what is wrong and what to do
   */
  open(key: KeptKey): Promise<SigningHandle>;
  /**
   * Destroys the private half of a key that is over; returns when it is gone, now or since before.
   * Absent where there is nothing beside the key's file, or it is not the signer's to destroy.
   * @throws CodedError `signer_unavailable` when the custody does not answer now, `custody_unreachable`
   *   when it is another than the one that had the key
   */
  destroy?(key: { kid: string; place: EndedPlace }): Promise<void>;
  close(): Promise<void>;
}

/** A private key that can sign and do nothing else: nothing of it gives the key out. */
export interface SigningHandle {
  /**
   * The raw signature: r || s (RFC 7518 §3.4), RFC 8037 §3.1 or RFC 7518 §3.3. It is not asked for
   * before its number is on disk.
   * @throws CodedError `signer_unavailable` when the custody is away: the number is then spent
   */
  sign(input: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /**
   * Why nothing would be signed now, if that is known: asked before a number is spent.
   * Always undefined for software.
   */
  away(): CodedError | undefined;
  /** Signatures that the custody made with this key since this process started. */
  readonly made: number;
  /** Gives the key up for this process: it signs no more. What lies in the custody stays there. */
  forget(): void;
}
