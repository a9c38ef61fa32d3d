// RFC 4648 base64 and base64url in plain TypeScript, for platforms without Buffer. Strict: one
// text for one byte string, so that no signed or hashed text has a second spelling.

const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const URL_SAFE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const STANDARD_VALUES = valuesOf(STANDARD);
const URL_SAFE_VALUES = valuesOf(URL_SAFE);
const INVALID = 255;

function valuesOf(alphabet: string): Uint8Array {
  const values = new Uint8Array(128).fill(255);
  for (let value = 0; value < 64; value += 1) values[alphabet.charCodeAt(value)] = value;
  return values;
}

/** Base64url without padding (RFC 4648 §5); `undefined` unless the text is canonical. */
export function decodeBase64urlPortable(text: string): Uint8Array<ArrayBuffer> | undefined {
  return decodeSextets(text, text.length, URL_SAFE_VALUES);
}

/** Padded base64 (RFC 4648 §4); `undefined` unless the text is canonical. */
export function decodeBase64Portable(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return decodeSextets(text, text.length - padding, STANDARD_VALUES);
}

export function encodeBase64urlPortable(bytes: Uint8Array): string {
  return encodeSextets(bytes, URL_SAFE);
}

export function encodeBase64Portable(bytes: Uint8Array): string {
  return encodeSextets(bytes, STANDARD).padEnd(Math.ceil(bytes.length / 3) * 4, '=');
}

function decodeSextets(
  text: string,
  length: number,
  values: Uint8Array,
): Uint8Array<ArrayBuffer> | undefined {
  if (length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((length * 3) / 4));
  let held = 0;
  let heldBits = 0;
  let written = 0;
  for (let at = 0; at < length; at += 1) {
    const value = values[text.charCodeAt(at)] ?? INVALID;
    if (value === INVALID) return undefined;
    held = ((held << 6) | value) & 0xffff;
    heldBits += 6;
    if (heldBits >= 8) {
      heldBits -= 8;
      bytes[written] = (held >> heldBits) & 0xff;
      written += 1;
    }
  }
  // Left-over bits that are not zero would give the same bytes a second spelling.
  return (held & ((1 << heldBits) - 1)) === 0 ? bytes : undefined;
}

function encodeSextets(bytes: Uint8Array, alphabet: string): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second = 0, third = 0] = bytes.subarray(at, at + 3);
    const group = (first << 16) | (second << 8) | third;
    const present = Math.min(bytes.length - at, 3) + 1;
    for (let place = 0; place < present; place += 1) {
      text += alphabet[(group >> (18 - 6 * place)) & 63];
    }
  }
  return text;
}
