// The file that holds the network data: who made it from what, then columns of numbers, compressed.
//
//   "CSNETS1\n" · header length (4 bytes, big-endian) · header (JSON)
//   · zstd(columns in COLUMNS' order) · zstd(names), which are unpacked when the first is asked for
//
// The columns are what is searched, byte for byte: numbers that were packed tighter saved a megabyte and
// cost twice the time at every start (docs/decisions/0037-context-and-the-gate.md).

export const MAGIC: Buffer = Buffer.from('CSNETS1\n', 'latin1');
export const NETWORK_SCHEMA = 1;
export const FILE_LIMITS = {
  fileBytes: 16 * 1024 * 1024,
  headerBytes: 64 * 1024,
  columnBytes: 64 * 1024 * 1024,
} as const;

/** Numbers of 32 bits, little-endian; the columns of bytes come after them. */
const WORD_COLUMNS = [
  'asn4Starts',
  'asn4Values',
  'country4Starts',
  'asn6Highs',
  'asn6Lows',
  'asn6Values',
  'country6Highs',
  'country6Lows',
  'asns',
] as const;
const BYTE_COLUMNS = ['country4Values', 'country6Values', 'nameLengths'] as const;
export const COLUMNS = [...WORD_COLUMNS, ...BYTE_COLUMNS] as const;
export type Column = (typeof COLUMNS)[number];

export function bytesPer(column: Column): 1 | 4 {
  return (WORD_COLUMNS as readonly string[]).includes(column) ? 4 : 1;
}

/** Where the data came from, as it stands in the header. */
export interface NetworkSource {
  package: string;
  version: string;
  files: { name: string; sha256: string }[];
}

export interface NetworkHeader {
  schema: typeof NETWORK_SCHEMA;
  /** ISO 8601; when the packages were made, not when this file was. */
  made: string;
  sources: NetworkSource[];
  attribution: string[];
  /** ISO 3166-1 alpha-2, from value 1. */
  countries: string[];
  /** How many numbers each column has. */
  columns: Record<Column, number>;
  /** Bytes of the compressed columns, and of the names before they were compressed. */
  packedBytes: number;
  nameBytes: number;
  /** Of all that follows the header, lower-case hex. */
  sha256: string;
}
