// The two packages of network data as ranges: which ASN, and which country, an address belongs to.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { NetworkOrigin, NetworkRanges } from '@countersign/context';
import { keyOf4, keyOf6, readRow } from './read-row.ts';

const ASN = '@ip-location-db/asn';
const COUNTRY = '@ip-location-db/geo-whois-asn-country';
const FILES = {
  asn4: { package: ASN, name: 'asn-ipv4.csv' },
  asn6: { package: ASN, name: 'asn-ipv6.csv' },
  country4: { package: COUNTRY, name: 'geo-whois-asn-country-ipv4.csv' },
  country6: { package: COUNTRY, name: 'geo-whois-asn-country-ipv6.csv' },
} as const;
const ATTRIBUTION = [
  'IP to ASN: RouteViews (https://www.routeviews.org), IP Geolocation by DB-IP (https://db-ip.com), NRO (https://www.nro.net); CC BY 4.0.',
  'IP to country: NRO (https://www.nro.net), CC BY 4.0; geofeeds, CC0 1.0.',
];

const require = createRequire(import.meta.url);
const FOLDERS: Readonly<Record<string, string>> = {
  [ASN]: dirname(require.resolve('@ip-location-db/asn/package.json')),
  [COUNTRY]: dirname(require.resolve('@ip-location-db/geo-whois-asn-country/package.json')),
};

export function folderOf(name: string): string {
  const folder = FOLDERS[name];
  if (folder === undefined) throw new Error(`${name} is no package of network data`);
  return folder;
}

export interface ReadPackages {
  ranges: NetworkRanges;
  origin: NetworkOrigin;
  /** What the reader of the tool's output should know. */
  told: string[];
}

export function readPackages(): ReadPackages {
  const names = new Map<number, string>();
  const countries: string[] = [];
  const places = new Map<string, number>();
  const asnOf = (value: string, rest: string): number => {
    const asn = Number(value);
    if (!names.has(asn)) names.set(asn, rest);
    return asn;
  };
  const countryOf = (value: string): number => {
    if (!/^[A-Z]{2}$/.test(value)) return 0;
    const place = places.get(value) ?? countries.push(value);
    places.set(value, place);
    return place;
  };
  const country6 = read6('country6', countryOf);
  const asn6 = read6('asn6', asnOf);
  const ranges = {
    ...{ asn4: read4('asn4', asnOf), asn6: asn6.ranges },
    ...{ country4: read4('country4', countryOf), country6: country6.ranges },
    ...{ countries, names },
  };
  const told = [
    `Ranges within one IPv6 /64, of which the first speaks for it: ${asn6.within + country6.within}`,
  ];
  return { ranges, origin: describeOrigin(), told };
}

type Which = keyof typeof FILES;
type ReadValue = (value: string, rest: string) => number;

function rowsOf(which: Which): string[] {
  const { package: name, name: file } = FILES[which];
  return readFileSync(join(folderOf(name), file), 'utf8').split('\n');
}

function read4(which: Which, readValue: ReadValue) {
  const ranges: { start: number; end: number; value: number }[] = [];
  for (const line of rowsOf(which)) {
    const row = readRow(line);
    if (row === undefined) continue;
    const { start, end, value, rest } = row;
    ranges.push({ start: keyOf4(start), end: keyOf4(end), value: readValue(value, rest) });
  }
  return ranges.sort((a, b) => a.start - b.start || b.end - a.end);
}

function read6(which: Which, readValue: ReadValue) {
  const ranges: { start: bigint; end: bigint; value: number }[] = [];
  let within = 0;
  let spokenFor = -1n;
  for (const line of rowsOf(which)) {
    const row = readRow(line);
    if (row === undefined) continue;
    const first = keyOf6(row.start);
    const end = keyOf6(row.end);
    const start = first === spokenFor ? first + 1n : first;
    if (start > end) within += 1;
    else {
      ranges.push({ start, end, value: readValue(row.value, row.rest) });
      spokenFor = end;
    }
  }
  ranges.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : a.end > b.end ? -1 : 1));
  return { ranges, within };
}

function describeOrigin(): NetworkOrigin {
  const sources = [ASN, COUNTRY].map((name) => {
    const folder = folderOf(name);
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      version: string;
    };
    const files = Object.values(FILES)
      .filter((file) => file.package === name)
      .map(({ name: file }) => ({ name: file, sha256: digestOf(join(folder, file)) }));
    return { package: name, version, files };
  });
  return { made: madeOf(sources[0]?.version ?? ''), sources, attribution: ATTRIBUTION };
}

export function digestOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** Their version says when they were made: `2.3.2026061719` is the 17th of June 2026, 19 h UTC. */
function madeOf(version: string): string {
  const [, year, month, day, hour] = /^\d+\.\d+\.(\d{4})(\d\d)(\d\d)(\d\d)$/.exec(version) ?? [];
  if (hour === undefined) throw new Error(`the version ${version} does not say when it was made`);
  return `${year}-${month}-${day}T${hour}:00:00Z`;
}
