// Reads the RBA data set (das-group/rba-dataset, CC BY 4.0: 31.3 million sign-ins, 9 GB of CSV) as a stream.
// Only what evaluation needs is kept: successful logins of accounts without a gap in what they show, 40 bytes
// each, and three tables of hashes (12 bytes a slot). Its values are synthesised: not real people's.

import { CodedError, type Population } from '@countersign/vocabulary';
import type { Attacks } from '../attackers/place-attacks.ts';
import { countryNumber, type Logins } from '../logins.ts';
import { type CsvRow, CsvRows } from './csv-rows.ts';
import { DenseIds, hashBytes } from './dense-ids.ts';
import { type KeptRow, LoginColumns } from './login-columns.ts';
import { toTakeovers } from './to-takeovers.ts';

export type DataRefusal = 'data_malformed';

export interface RbaOptions {
  /** Keep people with this chance, all their logins or none; default all of them. */
  shareOfPeople?: number;
  /** Stop after so many rows. */
  mostRows?: number;
  onProgress?: (bytes: number, rows: number) => void;
}

export interface RbaData {
  logins: Logins;
  /** Successful logins that the data set calls account takeovers: never part of a history. */
  takeovers: Attacks;
  counted: RbaCounts;
}

export interface RbaCounts {
  rows: number;
  /** Not as many fields as the header has, or a time or a flag that cannot be read. */
  bad: number;
  failed: number;
  /** Successful, with a gap in what the published method needs. */
  incomplete: number;
  /** Of people who were not drawn. */
  notDrawn: number;
  kept: number;
}

const COLUMNS = {
  ...{ time: 'Login Timestamp', user: 'User ID', ip: 'IP Address', country: 'Country' },
  ...{ asn: 'ASN', ua: 'User Agent String', browser: 'Browser Name and Version' },
  ...{ os: 'OS Name and Version', device: 'Device Type', success: 'Login Successful' },
  takeover: 'Is Account Takeover',
} as const;
type Column = keyof typeof COLUMNS;

/** @throws CodedError `data_malformed` when the first line has not the columns of the data set */
export async function readRba(
  chunks: AsyncIterable<Uint8Array>,
  options: RbaOptions = {},
): Promise<RbaData> {
  const reader = new RbaReader(options);
  const rows = new CsvRows((row) => reader.read(row));
  let bytes = 0;
  for await (const chunk of chunks) {
    rows.push(chunk);
    bytes += chunk.length;
    options.onProgress?.(bytes, reader.counted.rows);
    if (reader.counted.rows >= (options.mostRows ?? Number.POSITIVE_INFINITY)) break;
  }
  rows.end();
  reader.counted.rows += rows.broken;
  reader.counted.bad += rows.broken;
  return reader.done();
}

class RbaReader {
  readonly counted: RbaCounts = { rows: 0, bad: 0, failed: 0, incomplete: 0, notDrawn: 0, kept: 0 };
  readonly #options: RbaOptions;
  readonly #ids: Record<'user' | 'ip' | 'ua' | 'browser' | 'os' | 'device', DenseIds>;
  readonly #deviceNames = [''];
  readonly #logins = new LoginColumns();
  readonly #takeovers: KeptRow[] = [];
  #places: Record<Column, number> | undefined;
  #fields = 0;

  constructor(options: RbaOptions) {
    this.#options = options;
    const ids = (): DenseIds => new DenseIds();
    this.#ids = {
      ...{ user: ids(), ip: ids(), ua: ids(), browser: ids(), os: ids(), device: ids() },
    };
  }

  read(row: CsvRow): void {
    if (this.#places === undefined) {
      this.#places = readHeader(row);
      this.#fields = row.fields;
      return;
    }
    if (this.counted.rows >= (this.#options.mostRows ?? Number.POSITIVE_INFINITY)) return;
    this.counted.rows++;
    const places = this.#places;
    const timeMs = readTime(row, places.time);
    const success = readFlag(row, places.success);
    if (row.fields !== this.#fields || Number.isNaN(timeMs) || success === undefined)
      this.counted.bad++;
    else if (!success) this.counted.failed++;
    else this.#keep(row, places, timeMs);
  }

  #keep(row: CsvRow, places: Record<Column, number>, timeMs: number): void {
    const { from, to, bytes } = row;
    const hash = (column: Column): number =>
      hashBytes(bytes, from[places[column]]!, to[places[column]]!);
    const isEmpty = (column: Column): boolean => from[places[column]]! >= to[places[column]]!;
    const asn = readWhole(row, places.asn);
    const country = places.country;
    const needed = ['user', 'ip', 'ua', 'browser', 'os', 'device'] as const;
    if (needed.some(isEmpty) || asn < 0 || to[country]! - from[country]! !== 2) {
      this.counted.incomplete++;
      return;
    }
    const person = hash('user');
    // The low bits of the hash choose, so that a person is drawn with all logins or none.
    if ((person % 100_003) / 100_003 >= (this.#options.shareOfPeople ?? 1)) {
      this.counted.notDrawn++;
      return;
    }
    const ids = this.#ids;
    const device = ids.device.idOf(hash('device'));
    if (device >= this.#deviceNames.length) this.#deviceNames.push(readText(row, places.device));
    const kept: KeptRow = {
      ...{ user: ids.user.idOf(person) - 1, timeMs, ip: ids.ip.idOf(hash('ip')), asn: asn + 1 },
      country: countryNumber(readText(row, country)),
      ...{ ua: ids.ua.idOf(hash('ua')), browser: ids.browser.idOf(hash('browser')) },
      ...{ os: ids.os.idOf(hash('os')), device },
    };
    this.counted.kept++;
    if (readFlag(row, places.takeover) === true) this.#takeovers.push(kept);
    else this.#logins.add(kept);
  }

  done(): RbaData {
    if (this.#places === undefined) throw malformed('It is empty.');
    const { size } = this.#logins;
    const users = this.#ids.user.size;
    const customer: Population = 'customer';
    const logins: Logins = {
      ...this.#logins.take(),
      ...{ size, users, deviceNames: this.#deviceNames },
      population: new Array<Population>(users).fill(customer),
    };
    return { logins, takeovers: toTakeovers(logins, this.#takeovers), counted: this.counted };
  }
}

function readHeader(row: CsvRow): Record<Column, number> {
  const names = Array.from({ length: row.fields }, (_, field) =>
    readText(row, field).replace(/^\uFEFF/, ''),
  );
  const places = Object.entries(COLUMNS).map(([column, name]) => [column, names.indexOf(name)]);
  const missing = places.filter(([, place]) => place === -1).map(([column]) => column);
  if (missing.length > 0)
    throw malformed(
      `The first line has no ${missing.map((c) => COLUMNS[c as Column]).join(', ')}.`,
    );
  return Object.fromEntries(places) as Record<Column, number>;
}

function malformed(reason: string): CodedError<DataRefusal> {
  return new CodedError(
    'data_malformed',
    `This is not the RBA data set (rba-dataset.csv of das-group). ${reason}`,
  );
}

function readText({ bytes, from, to }: CsvRow, field: number): string {
  return Buffer.from(
    bytes.buffer,
    bytes.byteOffset + from[field]!,
    to[field]! - from[field]!,
  ).toString();
}

/** A whole number under 2^32 − 1, or −1. */
function readWhole({ bytes, from, to }: CsvRow, field: number): number {
  const length = to[field]! - from[field]!;
  if (length < 1 || length > 12) return -1;
  // Some exports write numbers with gaps in their column as `29695.0`.
  const text = readText({ bytes, from, to, fields: 0 }, field).replace(/\.0$/, '');
  const number = Number(text);
  return /^\d+$/.test(text) && number < 2 ** 32 - 1 ? number : -1;
}

function readFlag({ bytes, from, to }: CsvRow, field: number): boolean | undefined {
  const [length, first] = [to[field]! - from[field]!, (bytes[from[field]!] ?? 0) | 32];
  if (length === 4 && first === 116) return true;
  return length === 5 && first === 102 ? false : undefined;
}

/** `2020-02-03 12:43:30.772`, read as UTC; NaN for anything else. */
function readTime(row: CsvRow, field: number): number {
  const text = readText(row, field);
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?$/.test(text)) return Number.NaN;
  return Date.parse(`${text.slice(0, 10)}T${text.slice(11, 23)}Z`);
}
