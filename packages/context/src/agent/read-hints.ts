// Client hints (User-Agent Client Hints, values of RFC 8941), read strictly: what does not follow the
// grammar is no hint, and that there was one is said.

/** What a browser says of itself beside its user agent. Every member may be missing. */
export interface Hints {
  /** Brand to major version, as `Chromium` → 129. */
  brands?: ReadonlyMap<string, number>;
  platform?: string;
  platformVersion?: string;
  mobile?: boolean;
}

export interface ReadHints {
  hints: Hints;
  malformed: boolean;
}

const LONGEST = 512;
const MOST_BRANDS = 12;
/** One member of a list: a string with the parameter `v`. */
const BRAND = /^\s*"((?:[^"\\]|\\["\\]){0,64})"\s*;\s*v\s*=\s*"(\d{1,5})(?:\.[\d.]{0,32})?"\s*$/;
const STRING = /^\s*"([\x20\x21\x23-\x5b\x5d-\x7e]{0,64})"\s*$/;
const BOOLEAN = /^\s*\?([01])\s*$/;

/** @param headers by lower-case name. */
export function readHints(headers: Readonly<Record<string, string>> | undefined): ReadHints {
  const hints: Hints = {};
  let malformed = false;
  const read = <T>(name: string, parse: (value: string) => T | undefined): T | undefined => {
    const value = headers?.[name];
    if (typeof value !== 'string') return undefined;
    const parsed = value.length > LONGEST ? undefined : parse(value);
    if (parsed === undefined) malformed = true;
    return parsed;
  };
  const brands = read('sec-ch-ua', parseBrands) ?? read('sec-ch-ua-full-version-list', parseBrands);
  const platform = read('sec-ch-ua-platform', parseString);
  const platformVersion = read('sec-ch-ua-platform-version', parseString);
  const mobile = read('sec-ch-ua-mobile', parseBoolean);
  if (brands !== undefined) hints.brands = brands;
  if (platform !== undefined && platform !== '') hints.platform = platform;
  if (platformVersion !== undefined && platformVersion !== '') {
    hints.platformVersion = platformVersion;
  }
  if (mobile !== undefined) hints.mobile = mobile;
  return { hints, malformed };
}

function parseBrands(value: string): Map<string, number> | undefined {
  const members = splitList(value);
  if (members === undefined || members.length > MOST_BRANDS) return undefined;
  const brands = new Map<string, number>();
  for (const member of members) {
    const [, brand, version] = BRAND.exec(member) ?? [];
    if (brand === undefined || version === undefined) return undefined;
    brands.set(brand, Number(version));
  }
  return brands;
}

/** At commas that are not within a string. */
function splitList(value: string): string[] | undefined {
  const members: string[] = [];
  let begin = 0;
  let quoted = false;
  for (let at = 0; at < value.length; at += 1) {
    const letter = value[at];
    if (letter === '\\' && quoted) at += 1;
    else if (letter === '"') quoted = !quoted;
    else if (letter === ',' && !quoted) {
      members.push(value.slice(begin, at));
      begin = at + 1;
    }
  }
  members.push(value.slice(begin));
  return quoted ? undefined : members;
}

function parseString(value: string): string | undefined {
  return STRING.exec(value)?.[1];
}

function parseBoolean(value: string): boolean | undefined {
  const digit = BOOLEAN.exec(value)?.[1];
  return digit === undefined ? undefined : digit === '1';
}
