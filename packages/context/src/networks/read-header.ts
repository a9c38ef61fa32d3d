// The header of the file of network data, member by member: the file may be anybody's.

import { CodedError } from '@countersign/vocabulary';
import { malformed, type NetworkDataCode } from './malformed-data.ts';
import { COLUMNS, FILE_LIMITS, MAGIC, NETWORK_SCHEMA, type NetworkHeader } from './network-file.ts';

const LENGTH_BYTES = 4;
const MOST = FILE_LIMITS.columnBytes;

/** @throws CodedError network_data_malformed | network_data_unknown_schema */
export function readHeader(file: Buffer): { header: NetworkHeader; body: Buffer } {
  const begin = MAGIC.length + LENGTH_BYTES;
  if (file.length < begin || !file.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw malformed('it is not such a file');
  }
  const length = file.readUInt32BE(MAGIC.length);
  if (length > FILE_LIMITS.headerBytes || begin + length > file.length) {
    throw malformed('its header is too long');
  }
  let header: unknown;
  try {
    header = JSON.parse(file.toString('utf8', begin, begin + length));
  } catch (error) {
    throw malformed('its header is not JSON', error);
  }
  return { header: checkHeader(header), body: file.subarray(begin + length) };
}

function checkHeader(value: unknown): NetworkHeader {
  if (!isRecord(value)) throw malformed('its header is not an object');
  if (value['schema'] !== NETWORK_SCHEMA) {
    throw new CodedError<NetworkDataCode>(
      'network_data_unknown_schema',
      `The network data is of another schema than ${NETWORK_SCHEMA}: make it anew with tools/build-network-data.ts.`,
    );
  }
  const { made, sha256, sources, attribution, countries, columns } = value;
  if (typeof made !== 'string' || !Number.isFinite(Date.parse(made)))
    throw malformed('it has no date');
  if (typeof sha256 !== 'string') throw malformed('it has no digest');
  if (!isList(countries, isCountry) || countries.length > 255)
    throw malformed('its countries are wrong');
  if (!isList(attribution, isText) || !isList(sources, isSource))
    throw malformed('its sources are wrong');
  const { packedBytes, nameBytes } = value;
  requireSizes(columns);
  if (!isSize(packedBytes) || !isSize(nameBytes)) throw malformed('its sizes are wrong');
  return value as unknown as NetworkHeader;
}

function requireSizes(value: unknown): void {
  if (!isRecord(value) || !COLUMNS.every((name) => isSize(value[name]))) {
    throw malformed('its sizes are wrong');
  }
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= MOST;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: unknown, each: (item: unknown) => boolean): value is unknown[] {
  return Array.isArray(value) && value.every(each);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isCountry(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Z]{2}$/.test(value);
}

function isSource(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { package: name, version, files } = value;
  const isFile = (file: unknown) =>
    isRecord(file) && isText(file['name']) && isText(file['sha256']);
  return isText(name) && isText(version) && isList(files, isFile);
}
