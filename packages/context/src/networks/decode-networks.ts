// Reads the file of network data. Whatever is wrong with it is a refusal, never a wrong answer: lengths,
// order, counts and digest are checked before anybody asks.

import { createHash } from 'node:crypto';
import { zstdDecompressSync } from 'node:zlib';
import { findIn4, findIn6 } from './find-network.ts';
import { malformed } from './malformed-data.ts';
import { bytesPer, COLUMNS, FILE_LIMITS } from './network-file.ts';
import type { NetworkTable } from './network-table.ts';
import { readColumns } from './read-columns.ts';
import { readHeader } from './read-header.ts';

const LEAST_CHUNK = 64;

/** @throws CodedError network_data_malformed | network_data_unknown_schema */
export function decodeNetworks(file: Uint8Array): NetworkTable {
  if (file.length > FILE_LIMITS.fileBytes) throw malformed('it is too large');
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const { header, body } = readHeader(bytes);
  const digest = createHash('sha256').update(body).digest('hex');
  if (digest !== header.sha256) throw malformed('its digest is another');
  const size = COLUMNS.reduce((sum, name) => sum + header.columns[name] * bytesPer(name), 0);
  const unpacked = unpack(body.subarray(0, header.packedBytes), size);
  let names: Buffer | undefined;
  const readNames = (): Buffer => {
    names ??= unpackNames(body.subarray(header.packedBytes), header.nameBytes);
    return names;
  };
  const aligned = unpacked.byteOffset % 4 === 0 ? unpacked : Uint8Array.from(unpacked);
  const columns = readColumns(header, aligned, readNames);
  return {
    madeMs: Date.parse(header.made),
    sources: header.sources,
    attribution: header.attribution,
    find: (address) =>
      address.version === 4 ? findIn4(columns, address.value) : findIn6(columns, address.words),
  };
}

function unpack(packed: Buffer, size: number): Buffer {
  if (size > FILE_LIMITS.columnBytes) throw malformed('its columns are too large');
  let all: Buffer;
  try {
    // In one piece: no chunks to be joined.
    all = zstdDecompressSync(packed, { maxOutputLength: size + 1, chunkSize: size + LEAST_CHUNK });
  } catch (error) {
    throw malformed('its columns cannot be unpacked', error);
  }
  if (all.length !== size) throw malformed('its columns are too short');
  return all;
}

/** A network without a name is still that network: what cannot be unpacked now is no reason to stop. */
function unpackNames(packed: Buffer, size: number): Buffer {
  try {
    return unpack(packed, size);
  } catch {
    return Buffer.alloc(0);
  }
}
