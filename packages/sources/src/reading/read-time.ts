// Moments as logs write them. What names no zone is UTC: that is what these sources mean, and the
// zone of the machine that imports must not move an event.

const PLAIN = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z?$/;
const ISO =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)? ?(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/i;
const AMERICAN =
  /^(\d{1,2})\/(\d{1,2})\/(\d{4}),? (\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)? ?([AP]M)? ?(Z|UTC)?$/i;
/** What PowerShell's `ConvertTo-Json` makes of a moment. */
const POWERSHELL = /^\/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\/$/;
const ENGLISH = /^([A-Z][a-z]{2}) (\d{1,2}), (\d{4}),?\s(\d{1,2}):(\d\d):(\d\d)(?:\s([AP]M))?$/;
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
/** Year 9999; more does not print. */
const LAST_MS = 253_402_300_799_999;

/**
 * Milliseconds since the epoch: ISO 8601 with up to nine digits, `M/D/YYYY h:mm:ss AM`, `/Date(ms)/`,
 * or a number of seconds, milliseconds, microseconds or nanoseconds. Undefined when it is none.
 */
export function timeMsOf(value: unknown): number | undefined {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string') return undefined;
  // What most logs write; what it refuses is looked at again below.
  if (PLAIN.test(value)) {
    const plain = Date.parse(value.endsWith('Z') ? value : `${value}Z`);
    if (!Number.isNaN(plain)) return plain;
  }
  const text = value.trim();
  if (/^\d{9,19}(\.\d+)?$/.test(text)) return fromNumber(Number(text));
  const powershell = POWERSHELL.exec(text)?.[1];
  if (powershell !== undefined) return Number(powershell);
  return fromIso(text) ?? fromAmerican(text) ?? fromEnglish(text);
}

function fromIso(text: string): number | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  return assemble([year, month, day, hour, minute, second], fraction, zone);
}

function fromAmerican(text: string): number | undefined {
  const match = AMERICAN.exec(text);
  if (match === null) return undefined;
  const [, month, day, year, hour, minute, second, fraction, half] = match;
  const twelve = Number(hour) % 12;
  const hours =
    half === undefined ? hour : String(half.toUpperCase() === 'PM' ? twelve + 12 : twelve);
  return assemble([year, month, day, hours, minute, second], fraction, undefined);
}

function fromEnglish(text: string): number | undefined {
  const match = ENGLISH.exec(text);
  if (match === null) return undefined;
  const [, name = '', day, year, hour, minute, second, half] = match;
  const twelve = Number(hour) % 12;
  const hours = half === undefined ? hour : String(half === 'PM' ? twelve + 12 : twelve);
  const month = String(MONTHS.indexOf(name) + 1);
  return assemble([year, month, day, hours, minute, second], undefined, undefined);
}

function assemble(
  parts: readonly (string | undefined)[],
  fraction: string | undefined,
  zone: string | undefined,
): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.map((part) =>
    Number(part ?? 0),
  );
  // 24:00:00 and the 60th second are written; the 61st minute is a mistake.
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60)
    return undefined;
  const millis = Number((fraction ?? '').padEnd(3, '0').slice(0, 3));
  const at = Date.UTC(year, month - 1, day, hour, minute, second, millis);
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone ?? '') ?? [];
  const offset = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * (sign === '-' ? -1 : 1);
  return at - offset * 60_000;
}

function fromNumber(value: number): number | undefined {
  if (!Number.isFinite(value) || value <= 0) return undefined;
  let ms = value < 1e11 ? value * 1000 : value;
  while (ms > LAST_MS) ms /= 1000;
  return Math.round(ms);
}
