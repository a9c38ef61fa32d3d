// The key that wraps the log's private keys, made of the passphrase by argon2id (RFC 9106). The
// three keys of a log share one salt, so that opening them costs one derivation.

import { argon2Sync } from 'node:crypto';
import { refusal } from '../transparency-error.ts';

export interface KeyCost {
  memoryKiB: number;
  passes: number;
}

/** About 0.15 s; the passphrase is meant to be random, see the server's `secrets/` folder. */
export const DEFAULT_KEY_COST: KeyCost = { memoryKiB: 32 * 1024, passes: 3 };
/** A key file may not ask for more than this when it is opened. */
const MOST_COSTLY: KeyCost = { memoryKiB: 1024 * 1024, passes: 16 };
const LEAST_COSTLY: KeyCost = { memoryKiB: 8, passes: 1 };
export const LEAST_PASSPHRASE_BYTES = 16;
const LEAST_SALT_BYTES = 8;
const KEY_BYTES = 32;

/** Derives wrapping keys from one passphrase; remembers the last until `wipe`. */
export class WrappingKeys {
  readonly #passphrase: Uint8Array;
  #name = '';
  #key: Uint8Array = new Uint8Array(0);

  /** @throws CodedError `key_unreadable` for a passphrase of fewer than 16 bytes */
  constructor(passphrase: Uint8Array) {
    if (passphrase.length < LEAST_PASSPHRASE_BYTES) {
      throw refusal(
        'key_unreadable',
        `The passphrase of the log keys has at least ${LEAST_PASSPHRASE_BYTES} bytes.`,
      );
    }
    this.#passphrase = passphrase;
  }

  /** @throws CodedError `key_unreadable` when salt or cost are out of bounds */
  derive(salt: Uint8Array, cost: KeyCost): Uint8Array {
    if (salt.length < LEAST_SALT_BYTES || !isAffordable(cost)) {
      throw refusal('key_unreadable', 'The key file asks for a key derivation that is not sound.');
    }
    const name = `${Buffer.from(salt).toString('hex')} ${cost.memoryKiB} ${cost.passes}`;
    if (name === this.#name) return this.#key;
    this.wipe();
    this.#key = argon2Sync('argon2id', {
      message: this.#passphrase,
      nonce: salt,
      parallelism: 1,
      tagLength: KEY_BYTES,
      memory: cost.memoryKiB,
      passes: cost.passes,
    });
    this.#name = name;
    return this.#key;
  }

  wipe(): void {
    this.#key.fill(0);
    this.#name = '';
  }
}

function isAffordable({ memoryKiB, passes }: KeyCost): boolean {
  return (
    Number.isSafeInteger(memoryKiB) &&
    Number.isSafeInteger(passes) &&
    memoryKiB >= LEAST_COSTLY.memoryKiB &&
    passes >= LEAST_COSTLY.passes &&
    memoryKiB <= MOST_COSTLY.memoryKiB &&
    passes <= MOST_COSTLY.passes
  );
}
