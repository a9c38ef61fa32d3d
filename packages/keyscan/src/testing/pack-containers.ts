// Archives written by hand, so that a test can make them as odd as it needs, and noise to put
// around a key.

import { deflateRawSync } from 'node:zlib';

/** Noise that no coding runs into; the same for the same length. */
export function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0, state = length | 1; at < length; at += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    bytes[at] = (state >>> 24) | 0x80;
  }
  return bytes;
}

/** An archive of one file (POSIX ustar). */
export function tar(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('        0', 148);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return Buffer.concat([header, content, padding, Buffer.alloc(1024)]);
}

/** An archive of one entry; with its sizes behind it, as a stream writes it, unless stored. */
export function zip(name: string, content: Buffer, method: 0 | 8, flags: number = method): Buffer {
  const packed = method === 8 ? deflateRawSync(content) : content;
  const header = Buffer.alloc(30);
  header.write('PK\x03\x04', 'latin1');
  header.writeUInt16LE(flags, 6);
  header.writeUInt16LE(method, 8);
  if (method === 0) header.writeUInt32LE(packed.length, 18);
  header.writeUInt16LE(name.length, 26);
  const descriptor = Buffer.alloc((flags & 8) === 0 ? 0 : 16);
  if (descriptor.length > 0) descriptor.write('PK\x07\x08', 'latin1');
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  return Buffer.concat([header, Buffer.from(name), packed, descriptor, end]);
}
