// Reads the RBA data set (das-group/rba-dataset, CC BY 4.0: 31.3 million sign-ins, 9 GB of CSV) as a stream.
// Only what evaluation needs is kept: successful logins of accounts without a gap in what they show, 40 bytes
// each, and three tables of hashes (12 bytes a slot). Its values are synthesised: not real people's.

import { CodedError, type Population } from '@countersign/vocabulary';
import type { Attacks } from '../attackers/place-attacks.ts';
import { countryNumber, type Logins } from '../logins.ts';
import { type CsvRow, CsvRows } from './csv-rows.ts';
import { DenseIds, hashBytes } from './dense-ids.ts';
import { type KeptRow, LoginColumns } from './login-columns.ts';
import { isGap, readFlag, readText, readTime, readWhole } from './read-values.ts';
import { toTakeovers } from './to-takeovers.ts';

export type DataRefusal = 'data_malformed';

export interface RbaOptions {
  /** Keep people with this chance, all their logins or none; default all of them. */
  shareOfPeople?: number;
  /** Stop after so many rows. */
  mostRows?: number;
  /**
   * The frame of the authors' check vector: a takeover is a login like any other, and the country NA (Namibia) is
   * a gap, as their table reader took it.
   */
  asPublished?: boolean;
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
const NEEDED = ['user', 'ip', 'ua', 'browser', 'os', 'device'] as const;
/** How files begin that are packed: gzip, zip, bzip2, xz, Zstandard. */
const PACKED = ['1f8b', '504b0304', '425a68', 'fd377a58', '28b52ffd'];

/** @throws CodedError `data_malformed` when the first line has not the columns of the data set */
export async function readRba(
  chunks: AsyncIterable<Uint8Array>,
  options: RbaOptions = {},
): Promise<RbaData> {
  const reader = new RbaReader(options);
  const rows = new CsvRows((row) => reader.read(row));
  let bytes = 0;
  for await (const chunk of chunks) {
    if (bytes === 0 && isPacked(chunk)) throw malformed('It is packed: unpack it first.');
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
    const takeover = readFlag(row, places.takeover);
    const isRow = row.fields === this.#fields && !Number.isNaN(timeMs);
    if (!isRow || success === undefined || takeover === undefined) this.counted.bad++;
    else if (!success) this.counted.failed++;
    else this.#keep(row, places, timeMs, takeover && this.#options.asPublished !== true);
  }

  #keep(row: CsvRow, places: Record<Column, number>, timeMs: number, isTakeover: boolean): void {
    const { from, to, bytes } = row;
    const hash = (column: Column): number =>
      hashBytes(bytes, from[places[column]]!, to[places[column]]!);
    const asn = readWhole(row, places.asn);
    const country = readText(row, places.country);
    const isCountry =
      /^[A-Za-z]{2}$/.test(country) && !(this.#options.asPublished && country === 'NA');
    if (NEEDED.some((column) => isGap(row, places[column])) || asn < 0 || !isCountry) {
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
      country: countryNumber(country),
      ...{ ua: ids.ua.idOf(hash('ua')), browser: ids.browser.idOf(hash('browser')) },
      ...{ os: ids.os.idOf(hash('os')), device },
    };
    this.counted.kept++;
    if (isTakeover) this.#takeovers.push(kept);
    else this.#logins.add(kept);
  }

  done(): RbaData {
    if (this.#places === undefined) throw malformed('It is empty.');
    const { size } = this.#logins;
    if (size === 0)
      throw malformed(`It has no successful login to learn from. ${tell(this.counted)}`);
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

function isPacked(chunk: Uint8Array): boolean {
  const begin = Buffer.from(chunk.subarray(0, 4)).toString('hex');
  return PACKED.some((each) => begin.startsWith(each));
}

function tell({ rows, bad, failed, incomplete, notDrawn }: RbaCounts): string {
  return `Of ${rows} rows: ${bad} unreadable, ${failed} failed, ${incomplete} with gaps, ${notDrawn} of people not drawn.`;
}

function malformed(reason: string): CodedError<DataRefusal> {
  return new CodedError(
    'data_malformed',
    `This is not the RBA data set (rba-dataset.csv of das-group). ${reason}`,
  );
}
