// A passkey in software, as a telephone holds one: ES256, no attestation, the person verified (WebAuthn
// Level 3 §6). What is signed is what a browser would sign; CBOR is written by hand (RFC 8949).

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

interface AskedOptions {
  challenge: string;
  rp?: { id: string };
  rpId?: string;
  user?: { id: string };
}

const FLAG = { present: 0x01, verified: 0x04, attested: 0x40 };

export class SoftPasskey {
  readonly #origin: string;
  readonly #id = randomBytes(32);
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;
  #userHandle = '';
  #counter = 0;

  constructor(origin: string) {
    this.#origin = origin;
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#privateKey = pair.privateKey;
    this.#publicKey = pair.publicKey;
  }

  /** Answer to `navigator.credentials.create`, as JSON. */
  create(optionsJson: string): string {
    const options = JSON.parse(optionsJson) as AskedOptions;
    this.#userHandle = options.user?.id ?? '';
    const { x = '', y = '' } = this.#publicKey.export({ format: 'jwk' });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.#id.length);
    const key = map([
      [number(1), number(2)],
      [number(3), number(-7)],
      [number(-1), number(1)],
      [number(-2), bytes(Buffer.from(x, 'base64url'))],
      [number(-3), bytes(Buffer.from(y, 'base64url'))],
    ]);
    const head = this.#authenticatorData(options.rp?.id ?? '', FLAG.attested);
    const attestation = map([
      [text('fmt'), text('none')],
      [text('attStmt'), map([])],
      [text('authData'), bytes(Buffer.concat([head, Buffer.alloc(16), length, this.#id, key]))],
    ]);
    return this.#answer({
      clientDataJSON: this.#clientData('webauthn.create', options).toString('base64url'),
      attestationObject: attestation.toString('base64url'),
      transports: ['internal'],
    });
  }

  /** Answer to `navigator.credentials.get`, as JSON. Whose passkey is wanted it does not ask. */
  get(optionsJson: string): string {
    const options = JSON.parse(optionsJson) as AskedOptions;
    const data = this.#authenticatorData(options.rpId ?? '', 0);
    const client = this.#clientData('webauthn.get', options);
    const signed = Buffer.concat([data, createHash('sha256').update(client).digest()]);
    return this.#answer({
      clientDataJSON: client.toString('base64url'),
      authenticatorData: data.toString('base64url'),
      signature: sign('sha256', signed, this.#privateKey).toString('base64url'),
      userHandle: this.#userHandle,
    });
  }

  #authenticatorData(rpId: string, flags: number): Buffer {
    this.#counter += 1;
    const rest = Buffer.alloc(5);
    rest[0] = flags | FLAG.present | FLAG.verified;
    rest.writeUInt32BE(this.#counter, 1);
    return Buffer.concat([createHash('sha256').update(rpId).digest(), rest]);
  }

  #clientData(type: string, { challenge }: AskedOptions): Buffer {
    const said = { type, challenge, origin: this.#origin, crossOrigin: false };
    return Buffer.from(JSON.stringify(said));
  }

  #answer(response: Record<string, unknown>): string {
    const id = this.#id.toString('base64url');
    return JSON.stringify({
      ...{ id, rawId: id, type: 'public-key', response },
      ...{ authenticatorAttachment: 'platform', clientExtensionResults: {} },
    });
  }
}

function map(entries: readonly (readonly [Buffer, Buffer])[]): Buffer {
  return Buffer.concat([head(5, entries.length), ...entries.flat()]);
}

function text(value: string): Buffer {
  return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
}

function bytes(value: Buffer): Buffer {
  return Buffer.concat([head(2, value.length), value]);
}

function number(value: number): Buffer {
  return value < 0 ? head(1, -1 - value) : head(0, value);
}

/** Up to 65,535 is all there is here. */
function head(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  if (value < 256) return Buffer.from([(major << 5) | 24, value]);
  return Buffer.from([(major << 5) | 25, value >> 8, value & 0xff]);
}
