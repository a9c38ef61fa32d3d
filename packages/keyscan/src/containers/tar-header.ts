// One header of tar (POSIX.1-2024 pax, ustar; GNU's numbers in base 256), accepted only when its
// checksum is right.

const BLOCK = 512;

export interface TarHeader {
  name: string;
  /** Bytes of content that follow. */
  size: number;
  type: string;
  /** GNU sparse: more blocks of the header follow. */
  extended: boolean;
}

export function readTarHeader(block: Buffer): TarHeader | undefined {
  if (block.length < BLOCK || block[0] === 0) return undefined;
  const wanted = readNumber(block, 148, 8);
  let sum = 8 * 0x20;
  for (let at = 0; at < BLOCK; at += 1) if (at < 148 || at >= 156) sum += block[at] as number;
  if (wanted !== sum) return undefined;
  const size = readNumber(block, 124, 12);
  if (size === undefined) return undefined;
  const type = String.fromCharCode(block[156] as number);
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? readText(block, 345, 155) : '';
  const name = `${prefix === '' ? '' : `${prefix}/`}${readText(block, 0, 100)}`;
  // Links, devices and folders have no content, whatever their size says.
  const empty = '123456'.includes(type);
  return { name, size: empty ? 0 : size, type, extended: type === 'S' && block[482] === 1 };
}

function readText(block: Buffer, at: number, length: number): string {
  const end = block.indexOf(0, at);
  return block.toString('utf8', at, end === -1 ? at + length : Math.min(end, at + length));
}

function readNumber(block: Buffer, at: number, length: number): number | undefined {
  if (block[at] === 0x80) {
    const value = block.readUIntBE(at + length - 6, 6);
    return block.subarray(at + 1, at + length - 6).every((byte) => byte === 0) ? value : undefined;
  }
  const text = block
    .toString('latin1', at, at + length)
    .replaceAll('\0', ' ')
    .trim();
  return /^[0-7]*$/.test(text) ? Number.parseInt(text === '' ? '0' : text, 8) : undefined;
}
