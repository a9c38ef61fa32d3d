// Keys in AWS KMS, by the official SDK, which is loaded only when it is asked for. Whoever has the
// credentials can have anything signed there: give them to this signer alone, and kms:Sign to nobody else.

import { createPublicKey, type KeyObject } from 'node:crypto';
import type { KMS } from '@aws-sdk/client-kms';
import type { CodedError } from '@countersign/vocabulary';
import type { Custody, KeptKey, MadeKey, SigningHandle } from '../custody/custody.ts';
import type { ReadSecret } from '../custody/custody-plan.ts';
import { kidOf } from '../custody/public-jwk.ts';
import { custodyRefusal } from '../keys-error.ts';
import type { SignatureAlg } from '../scope/key-scope.ts';
import { KMS_ALGORITHMS } from './algorithms.ts';
import {
  kmsAway,
  kmsFull,
  notMade,
  notOpened,
  refusedCredentials,
  wasThrottled,
} from './kms-error.ts';
import { KmsKey } from './kms-key.ts';
import { readCredentials } from './read-credentials.ts';

export interface KmsOptions {
  region: string;
  /** Default: the one of AWS in that region. */
  endpoint?: string | undefined;
  /** An INI file's bytes, read anew when KMS refused the last ones. */
  readCredentials: ReadSecret;
  /** A request that takes longer is given up: it may or may not have been carried out. Default 5,000. */
  answerMs?: number;
  /** Requests without an answer above which no number is spent on another. Default 1,024. */
  mostAsked?: number;
}

type Sdk = typeof import('@aws-sdk/client-kms');

const CONNECT_MS = 2000;
const ANSWER_MS = 5000;
const MOST_ASKED = 1024;
const CONNECTIONS = 64;
/** How long nothing is asked after KMS did not answer: no number is spent on what will fail. */
const PAUSE_MS = 1000;
const THROTTLED_PAUSES_MS = [50, 200];

export class KmsCustody implements Custody {
  readonly kind = 'aws-kms';
  readonly #sdk: Sdk;
  readonly #options: KmsOptions;
  #client: KMS | undefined;
  #away: CodedError | undefined;
  #awayUntilMs = 0;
  #asked = 0;

  private constructor(sdk: Sdk, options: KmsOptions) {
    this.#sdk = sdk;
    this.#options = options;
    this.#client = this.#connect();
  }

  /** @throws CodedError `custody_not_installed`, `credentials_missing` */
  static async start(options: KmsOptions): Promise<KmsCustody> {
    return new KmsCustody(await loadSdk(), options);
  }

  async make(alg: SignatureAlg, label: string): Promise<MadeKey> {
    try {
      const { KeyMetadata: made } = await this.ask((kms) =>
        kms.createKey({
          KeySpec: KMS_ALGORITHMS[alg].keySpec,
          KeyUsage: 'SIGN_VERIFY',
          Description: `Countersign ${label}`.slice(0, 8192),
        }),
      );
      const keyArn = made?.Arn ?? '';
      const publicKey = await this.#publicKeyOf(keyArn);
      return { publicKey, place: { kind: 'aws-kms', reference: { keyArn } } };
    } catch (cause) {
      throw notMade(alg, cause);
    }
  }

  async open(key: KeptKey): Promise<SigningHandle> {
    const { kid, place } = key;
    if (place.kind !== 'aws-kms') throw new TypeError(`a key of ${place.kind} is not in AWS KMS`);
    const { keyArn } = place.reference;
    let publicKey: KeyObject;
    let state: string;
    let origin: string;
    try {
      const { KeyMetadata: known } = await this.ask((kms) => kms.describeKey({ KeyId: keyArn }));
      state = known?.KeyState ?? 'unknown';
      origin = known?.Origin ?? 'unknown';
      publicKey = await this.#publicKeyOf(keyArn);
    } catch (cause) {
      throw notOpened(kid, keyArn, cause);
    }
    if (state !== 'Enabled') {
      throw custodyRefusal(
        'custody_key_missing',
        `The key ${kid} is ${state} in AWS KMS (${keyArn}). Enable it, or cancel its deletion. No new key is made in its place.`,
      );
    }
    if (origin === 'EXTERNAL' || kidOf(publicKey) !== kid) {
      throw custodyRefusal(
        'custody_key_unfit',
        `${keyArn} is not the key ${kid} that was made there. Rotate its issuer to a new key and revoke this one.`,
      );
    }
    return new KmsKey(this, key, keyArn);
  }

  /** Why nothing would be signed now, if that is known. */
  away(): CodedError | undefined {
    return performance.now() < this.#awayUntilMs ? this.#away : undefined;
  }

  /** Why no more shall be asked just now: what waits has its number already, and is asked. */
  full(): CodedError | undefined {
    return this.#asked < (this.#options.mostAsked ?? MOST_ASKED) ? undefined : kmsFull();
  }

  /** Asks KMS, again only when it said that it did nothing. @throws its errors */
  async ask<T>(question: (kms: KMS) => Promise<T>): Promise<T> {
    this.#asked += 1;
    try {
      return await this.#askUntilTaken(question);
    } finally {
      this.#asked -= 1;
    }
  }

  /** After a signature failed: a pause, and what to tell meanwhile. */
  pause(cause: unknown): CodedError {
    this.#away = kmsAway(cause);
    this.#awayUntilMs = performance.now() + PAUSE_MS;
    return this.#away;
  }

  async close(): Promise<void> {
    this.#client?.destroy();
  }

  async #askUntilTaken<T>(question: (kms: KMS) => Promise<T>): Promise<T> {
    for (const pauseMs of [...THROTTLED_PAUSES_MS, undefined]) {
      this.#client ??= this.#connect();
      try {
        return await question(this.#client);
      } catch (error) {
        if (refusedCredentials(error)) this.#client = undefined;
        if (!wasThrottled(error) || pauseMs === undefined) throw error;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
    throw new TypeError('unreachable');
  }

  async #publicKeyOf(keyArn: string): Promise<KeyObject> {
    const { PublicKey: der } = await this.ask((kms) => kms.getPublicKey({ KeyId: keyArn }));
    return createPublicKey({ key: Buffer.from(der ?? []), format: 'der', type: 'spki' });
  }

  #connect(): KMS {
    const { region, endpoint, answerMs = ANSWER_MS } = this.#options;
    return new this.#sdk.KMS({
      region,
      ...(endpoint === undefined ? {} : { endpoint }),
      credentials: readCredentials(this.#options.readCredentials()),
      // A signature that was asked for twice is made twice, and counted once.
      maxAttempts: 1,
      requestHandler: {
        connectionTimeout: CONNECT_MS,
        requestTimeout: answerMs,
        // Without it the SDK only warns, and waits for ever.
        throwOnRequestTimeout: true,
        // An answer that begins and does not end.
        socketTimeout: answerMs,
        httpsAgent: { maxSockets: CONNECTIONS },
        httpAgent: { maxSockets: CONNECTIONS },
      },
    });
  }
}

async function loadSdk(): Promise<Sdk> {
  try {
    return await import('@aws-sdk/client-kms');
  } catch (cause) {
    throw custodyRefusal(
      'custody_not_installed',
      'custody aws-kms needs the optional package @aws-sdk/client-kms. Run npm ci without --omit=optional, or use another custody.',
      { cause },
    );
  }
}
