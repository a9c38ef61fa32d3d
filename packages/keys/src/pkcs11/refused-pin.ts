// A token locks after a few wrong PINs, and a signer that ends is started again every two seconds. So
// the PIN that a token refused is noted in the signer's folder, and not tried again, by nobody.

import { createHmac, hkdfSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CustodyHome } from '../custody/custodies.ts';
import { writeDurably } from '../disk/write-durably.ts';

export const REFUSED_PIN_FILE = 'pin-refused.json';
const LABEL = 'countersign/pkcs11/refused-pin/v1';

export class RefusedPin {
  readonly #path: string;
  readonly #key: Buffer;

  constructor({ folder, sealingKey }: CustodyHome) {
    this.#path = join(folder, REFUSED_PIN_FILE);
    this.#key = markKey(sealingKey);
  }

  /** True when this very PIN was refused by this token before. A damaged note counts for any PIN. */
  has(tokenSerial: string, pin: Uint8Array): boolean {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
      throw error;
    }
    return !text.includes('"mark"') || text.includes(this.#mark(tokenSerial, pin));
  }

  /** Durable when it returns. */
  note(tokenSerial: string, pin: Uint8Array): void {
    const mark = this.#mark(tokenSerial, pin);
    const text = `${JSON.stringify({ version: 1, tokenSerial, mark })}\n`;
    writeDurably(this.#path, Buffer.from(text, 'utf8'));
  }

  /** Keyed, because a PIN is short: without the folder's passphrase the mark tells nothing of it. */
  #mark(tokenSerial: string, pin: Uint8Array): string {
    return createHmac('sha256', this.#key)
      .update(`${tokenSerial}\n`)
      .update(pin)
      .digest('base64url');
  }
}

function markKey(sealingKey: KeyObject): Buffer {
  return Buffer.from(hkdfSync('sha256', sealingKey, Buffer.alloc(0), LABEL, 32));
}
