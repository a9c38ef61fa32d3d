// Times as people write them: RFC 3339, or less of it (a day, a minute), in UTC where no zone is said;
// milliseconds since 1970; or how long ago: -15m, -24h, -7d.

const MOMENT =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?([Zz]|[+-]\d{2}:\d{2})?)?$/;
const AGO = /^-(\d{1,6})([smhdw])$/;
const UNIT_MS: Readonly<Record<string, number>> = {
  ...{ s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 },
};

export interface Moment {
  /** The first and the last millisecond that is meant: a day is all of it. */
  firstMs: number;
  lastMs: number;
}

/** Undefined for what is no time. */
export function readMoment(text: string, nowMs: number): Moment | undefined {
  const [, count, unit] = AGO.exec(text) ?? [];
  if (count !== undefined) return exactly(nowMs - Number(count) * (UNIT_MS[unit ?? ''] ?? 0));
  if (/^\d{10,15}$/.test(text)) return exactly(Number(text));
  const parts = MOMENT.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', zone] = parts;
  const date = `${year}-${month}-${day}`;
  const millis = fraction.slice(0, 3).padEnd(3, '0');
  const clock = `${hour ?? '00'}:${minute ?? '00'}:${second ?? '00'}.${millis}`;
  const firstMs = Date.parse(`${date}T${clock}${(zone ?? 'Z').toUpperCase()}`);
  // The engine takes 30 February for 2 March.
  if (!Number.isFinite(firstMs) || !isDate(date)) return undefined;
  const length = [hour, second, fraction || undefined].indexOf(undefined);
  const span = [86_400_000, 60_000, 1000][length] ?? 1;
  return { firstMs, lastMs: firstMs + span - 1 };
}

function isDate(date: string): boolean {
  const ms = Date.parse(`${date}T00:00:00Z`);
  return Number.isFinite(ms) && new Date(ms).toISOString().startsWith(date);
}

function exactly(ms: number): Moment {
  return { firstMs: ms, lastMs: ms };
}
