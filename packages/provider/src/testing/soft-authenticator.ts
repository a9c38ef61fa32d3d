// A passkey provider in software, for tests: ES256, no attestation, discoverable, with every bit that an
// authenticator vouches for in the test's hand. CBOR by hand (RFC 8949): what is checked with a library
// is not made with the same one.

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { Form, Page, ScriptedBrowser } from './scripted-browser.ts';

interface SoftKey {
  id: Buffer;
  privateKey: KeyObject;
  userHandle: string;
  rpId: string;
}

/** What an honest authenticator would not change. */
export interface Behaviour {
  origin?: string;
  userVerified?: boolean;
  crossOrigin?: boolean;
  /** Default: counts up by one; a synced one says 0 for ever. */
  counter?: number;
  userHandle?: string;
  challenge?: string;
  type?: string;
}

interface AskedOptions {
  challenge: string;
  rp?: { id: string };
  rpId?: string;
  user?: { id: string };
  allowCredentials?: { id: string }[];
}

const FLAG = { present: 0x01, verified: 0x04, eligible: 0x08, backedUp: 0x10, attested: 0x40 };

export class SoftAuthenticator {
  readonly #origin: string;
  readonly #synced: boolean;
  readonly keys: SoftKey[] = [];
  counter = 0;

  constructor(origin: string, kind: 'synced' | 'on one device' = 'on one device') {
    this.#origin = origin;
    this.#synced = kind === 'synced';
  }

  /** The same keys and counter in other hands. */
  copy(): SoftAuthenticator {
    const copied = new SoftAuthenticator(this.#origin, this.#synced ? 'synced' : 'on one device');
    copied.keys.push(...this.keys);
    copied.counter = this.counter;
    return copied;
  }

  /** Answer to `navigator.credentials.create`, as JSON. */
  create(optionsJson: string, behaviour: Behaviour = {}): string {
    const options = JSON.parse(optionsJson) as AskedOptions;
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const id = randomBytes(32);
    const rpId = options.rp?.id ?? '';
    this.keys.push({ id, privateKey, userHandle: options.user?.id ?? '', rpId });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const coseKey = cborMap([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(x, 'base64url')],
      [-3, Buffer.from(y, 'base64url')],
    ]);
    const authData = Buffer.concat([
      this.#authData(rpId, FLAG.attested, behaviour),
      Buffer.alloc(16),
      length,
      id,
      coseKey,
    ]);
    const attestation = cborMap([
      ['fmt', 'none'],
      ['attStmt', {}],
      ['authData', authData],
    ]);
    return this.#answer(id, {
      clientDataJSON: this.#clientData('webauthn.create', options, behaviour).toString('base64url'),
      attestationObject: attestation.toString('base64url'),
      transports: ['internal'],
    });
  }

  /** Answer to `navigator.credentials.get`, as JSON. */
  get(optionsJson: string, behaviour: Behaviour = {}): string {
    const options = JSON.parse(optionsJson) as AskedOptions;
    const allowed = options.allowCredentials?.map(({ id }) => id) ?? [];
    const key = this.keys.find(
      ({ id }) => allowed.length === 0 || allowed.includes(id.toString('base64url')),
    );
    if (key === undefined) throw new Error('this authenticator has no such passkey');
    const authData = this.#authData(options.rpId ?? '', 0, behaviour);
    const clientData = this.#clientData('webauthn.get', options, behaviour);
    const clientDataHash = createHash('sha256').update(clientData).digest();
    const signed = Buffer.concat([authData, clientDataHash]);
    return this.#answer(key.id, {
      clientDataJSON: clientData.toString('base64url'),
      authenticatorData: authData.toString('base64url'),
      signature: sign('sha256', signed, key.privateKey).toString('base64url'),
      userHandle: behaviour.userHandle ?? key.userHandle,
    });
  }

  #authData(rpId: string, flags: number, behaviour: Behaviour): Buffer {
    const { userVerified = true } = behaviour;
    this.counter = behaviour.counter ?? (this.#synced ? 0 : this.counter + 1);
    const head = Buffer.alloc(5);
    head[0] =
      flags |
      FLAG.present |
      (userVerified ? FLAG.verified : 0) |
      (this.#synced ? FLAG.eligible | FLAG.backedUp : 0);
    head.writeUInt32BE(this.counter, 1);
    return Buffer.concat([createHash('sha256').update(rpId).digest(), head]);
  }

  #clientData(type: string, options: AskedOptions, behaviour: Behaviour): Buffer {
    const { origin = this.#origin, challenge = options.challenge, crossOrigin = false } = behaviour;
    const said = { type: behaviour.type ?? type, challenge, origin, crossOrigin };
    return Buffer.from(JSON.stringify(said));
  }

  #answer(id: Buffer, response: Record<string, unknown>): string {
    const name = id.toString('base64url');
    const around = { authenticatorAttachment: 'platform', clientExtensionResults: {} };
    return JSON.stringify({ id: name, rawId: name, type: 'public-key', response, ...around });
  }
}

/** The form of a page that asks for a passkey. */
export function passkeyFormOf(page: Page): Form & { passkeyOptions: string } {
  const form = page.forms.find(({ passkeyOptions }) => passkeyOptions !== undefined);
  if (form?.passkeyOptions === undefined) throw new Error(`no passkey is asked for: ${page.text}`);
  return { ...form, passkeyOptions: form.passkeyOptions };
}

/** Does what our script does with the passkey form of a page. */
export function answerWithPasskey(
  browser: ScriptedBrowser,
  page: Page,
  authenticator: SoftAuthenticator,
  behaviour: Behaviour = {},
): Promise<Page> {
  const form = passkeyFormOf(page);
  const creates = 'user' in JSON.parse(form.passkeyOptions);
  const act = creates ? authenticator.create : authenticator.get;
  const passkey = act.call(authenticator, form.passkeyOptions, behaviour);
  return browser.submit(page, form, { passkey });
}

type CborValue = number | string | Uint8Array | Record<string, never>;

export function cborMap(entries: readonly (readonly [number | string, CborValue])[]): Buffer {
  return Buffer.concat([
    cborHead(5, entries.length),
    ...entries.flatMap(([name, value]) => [cbor(name), cbor(value)]),
  ]);
}

function cbor(value: CborValue): Buffer {
  if (typeof value === 'number') return value < 0 ? cborHead(1, -1 - value) : cborHead(0, value);
  if (value instanceof Uint8Array) return Buffer.concat([cborHead(2, value.length), value]);
  if (typeof value !== 'string') return cborHead(5, 0);
  const bytes = Buffer.from(value);
  return Buffer.concat([cborHead(3, bytes.length), bytes]);
}

/** Lengths and numbers up to 65,535 are all there are here. */
function cborHead(major: number, number: number): Buffer {
  if (number < 24) return Buffer.from([(major << 5) | number]);
  if (number < 256) return Buffer.from([(major << 5) | 24, number]);
  return Buffer.from([(major << 5) | 25, number >> 8, number & 0xff]);
}
