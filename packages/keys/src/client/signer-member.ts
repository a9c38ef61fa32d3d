// One signer of a set: which keys it holds, as far as anybody heard, and whether it answers.

import { isCodedError } from '@countersign/vocabulary';
import { signerRefusal } from '../keys-error.ts';
import { isEnded, type KeyState } from '../life/key-life.ts';
import type { PublicKeyRecord } from '../life/public-key-record.ts';
import type { KeyScope, SignatureAlg } from '../scope/key-scope.ts';
import type {
  ChangeKeyOptions,
  ListKeysOptions,
  MakeKeyOptions,
  SignerStatus,
} from '../signing/signer.ts';
import type { SignAnswer } from './messages.ts';
import type { SignerClient } from './signer-client.ts';
import { SignerHealth } from './signer-health.ts';
import type { NamedSigner, SignerSetOptions } from './signer-set.ts';

/** A list of thousands of keys takes longer than a signature. */
const LIST_PATIENCE = 5;
/** What was made and ended within it is looked for before all that ever was. */
const RECENT_MS = 7 * 86_400_000;

export class SignerMember {
  readonly name: string;
  readonly client: SignerClient;
  readonly #health: SignerHealth;
  readonly #patienceMs: number;
  readonly #onKeys: SignerSetOptions['onKeys'];
  readonly #known = new Map<string, PublicKeyRecord>();
  /** Its keys are known, from it or from before this start. */
  #heard: boolean;

  constructor({ name, client, lastKnown }: NamedSigner, options: SignerSetOptions) {
    const { patienceMs = 1000, minPauseMs = 100, maxPauseMs = 2000, onKeys, onChange } = options;
    this.name = name;
    this.client = client;
    this.#patienceMs = patienceMs;
    this.#onKeys = onKeys;
    this.#health = new SignerHealth({
      // It may come back with a key that another server made.
      ask: async () => {
        this.#keep(await client.listKeys());
      },
      ...{ minPauseMs, maxPauseMs },
      onChange: (away, reason) => onChange?.(name, away, reason),
    });
    this.#heard = lastKnown !== undefined;
    for (const key of lastKnown ?? []) this.#place(key);
  }

  get away(): boolean {
    return this.#health.away;
  }

  get keyCount(): number {
    return this.#known.size;
  }

  holds(kid: string): boolean {
    return this.#known.has(kid);
  }

  /** @param replaceable another signer could sign: then this one is not waited for */
  async sign(kid: string, input: Uint8Array, replaceable: boolean): Promise<SignAnswer> {
    if (replaceable && this.away) throw restsNow();
    try {
      const answer = this.client.sign(kid, input);
      const { name: signer } = this;
      const signed = await (replaceable ? within(answer, this.#patienceMs) : answer);
      this.#health.worked();
      return { ...signed, signer };
    } catch (error) {
      if (mayPass(error)) this.#health.failed(error);
      throw error;
    }
  }

  async makeKey(
    alg: SignatureAlg,
    scope: KeyScope,
    options: MakeKeyOptions,
  ): Promise<PublicKeyRecord> {
    return this.#heardOf(await this.client.makeKey(alg, scope, options));
  }

  async changeKey(kid: string, to: KeyState, options?: ChangeKeyOptions): Promise<PublicKeyRecord> {
    return this.#heardOf(await this.client.changeKey(kid, to, options));
  }

  /** What it says or, while it is away, what it said last. @throws when it never said anything */
  async listKeys(issuer?: string, wanted?: ListKeysOptions): Promise<PublicKeyRecord[]> {
    if (!this.away || !this.#heard) {
      try {
        // One that was never heard tells all: what it has must be known when it goes away.
        const isAll = issuer === undefined && (wanted === undefined || !this.#heard);
        const asked = this.client.listKeys(issuer, isAll ? undefined : wanted);
        const keys = await within(asked, this.#patienceMs * LIST_PATIENCE);
        const placed = isAll ? this.#keep(keys) : this.#keepSome(keys);
        return placed.filter((key) => isWanted(key, issuer, wanted));
      } catch (error) {
        if (!mayPass(error)) throw error;
        this.#health.failed(error);
        if (!this.#heard) throw error;
      }
    }
    return [...this.#known.values()].filter((key) => isWanted(key, issuer, wanted));
  }

  async status(replaceable: boolean): Promise<SignerStatus> {
    const status = await this.#asked(replaceable, () => this.client.status());
    // The count is what others watch for new keys: they must find them in the list.
    if (status.keys !== this.#known.size && this.#heard) {
      await this.listKeys(undefined, { endedAfterMs: Date.now() - RECENT_MS });
    }
    if (status.keys !== this.#known.size) await this.listKeys();
    return status;
  }

  async ready(replaceable: boolean): Promise<void> {
    await this.#asked(replaceable, () => this.client.ready());
  }

  close(): void {
    this.#health.close();
    this.client.close();
  }

  async #asked<T>(replaceable: boolean, question: () => Promise<T>): Promise<T> {
    if (replaceable && this.away) throw restsNow();
    try {
      return await within(question(), this.#patienceMs);
    } catch (error) {
      if (mayPass(error)) this.#health.failed(error);
      throw error;
    }
  }

  #keep(keys: readonly PublicKeyRecord[]): PublicKeyRecord[] {
    this.#heard = true;
    const placed = keys.map((key) => this.#place(key));
    this.#onKeys?.(this.name, placed);
    return placed;
  }

  #keepSome(keys: readonly PublicKeyRecord[]): PublicKeyRecord[] {
    const before = this.#known.size;
    const placed = keys.map((key) => this.#place(key));
    if (this.#heard && this.#known.size > before) {
      this.#onKeys?.(this.name, [...this.#known.values()]);
    }
    return placed;
  }

  #heardOf(key: PublicKeyRecord): PublicKeyRecord {
    const placed = this.#place(key);
    this.#onKeys?.(this.name, [...this.#known.values()]);
    return placed;
  }

  #place(key: PublicKeyRecord): PublicKeyRecord {
    const health = this.#health;
    const placed = Object.defineProperty({ ...key, signer: this.name }, 'away', {
      enumerable: true,
      get: () => (health.away ? true : undefined),
    });
    this.#known.set(key.kid, placed);
    return placed;
  }
}

function isWanted(
  { kid, scope, life }: PublicKeyRecord,
  issuer: string | undefined,
  { kid: wantedKid = kid, endedAfterMs }: ListKeysOptions = {},
): boolean {
  if (kid !== wantedKid || scope.issuer !== (issuer ?? scope.issuer)) return false;
  if (endedAfterMs === undefined || !isEnded(life)) return true;
  return (life.sinceMs[life.state] ?? 0) >= endedAfterMs;
}

function mayPass(error: unknown): boolean {
  return isCodedError(error) && error.retryAfterSeconds !== undefined;
}

function restsNow(): Error {
  return signerRefusal('signer_unavailable', 'This signer is away; another one signs.');
}

async function within<T>(answer: Promise<T>, mostMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(signerRefusal('signer_unavailable', 'The signer did not answer in time.'));
  }, mostMs);
  // Heard of too late, whatever it is.
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
