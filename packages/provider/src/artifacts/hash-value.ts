// Names an artifact by the SHA-256 of its value, so that whoever reads the table can use nothing
// of it. Where the engine needs a handle on a row it found by another column (a user code, a session
// uid), it gets a sealed reference that only this process family can make and that no client knows.

import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

const REFERENCE = /^~([\w-]{43})\.([\w-]{43})$/;

export class ArtifactNames {
  readonly #realm: string;
  readonly #sealKey: Uint8Array;

  constructor(realm: string, sealKey: Uint8Array) {
    this.#realm = realm;
    this.#sealKey = sealKey;
  }

  /** The stored name of a value, or of the row a sealed reference points to. */
  nameOf(model: string, value: string): string {
    return this.#open(model, value) ?? this.#digest(model, value);
  }

  /** A reference to a row whose value we do not know. */
  seal(model: string, idHash: string): string {
    return `~${idHash}.${this.#mac(model, idHash)}`;
  }

  isReference(value: string): boolean {
    return value.startsWith('~');
  }

  #open(model: string, value: string): string | undefined {
    const match = REFERENCE.exec(value);
    if (match === null) return undefined;
    const [, idHash = '', mac = ''] = match;
    const expected = Buffer.from(this.#mac(model, idHash));
    return timingSafeEqual(expected, Buffer.from(mac)) ? idHash : undefined;
  }

  #mac(model: string, idHash: string): string {
    return createHmac('sha256', this.#sealKey)
      .update(`reference\n${this.#realm}\n${model}\n${idHash}`)
      .digest('base64url');
  }

  #digest(model: string, value: string): string {
    return createHash('sha256').update(`${this.#realm}\n${model}\n${value}`).digest('base64url');
  }
}
