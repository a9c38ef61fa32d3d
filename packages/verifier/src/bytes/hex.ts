// Lower-case hexadecimal, the way hashes are written in logs, events and key texts.

const DIGITS = '0123456789abcdef';

export function encodeHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += DIGITS.charAt(byte >> 4) + DIGITS.charAt(byte & 15);
  return text;
}

/** `undefined` unless the text is lower-case hexadecimal of whole bytes. */
export function decodeHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at += 1) {
    bytes[at] = Number.parseInt(text.slice(2 * at, 2 * at + 2), 16);
  }
  return bytes;
}

/** Hexadecimal of a text whose characters U+0000–U+00FF stand for bytes. */
export function encodeHexOfByteText(text: string): string {
  let hex = '';
  for (let at = 0; at < text.length; at += 1) {
    const byte = text.charCodeAt(at);
    hex += DIGITS.charAt(byte >> 4) + DIGITS.charAt(byte & 15);
  }
  return hex;
}
