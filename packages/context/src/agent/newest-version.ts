// How high the version of a browser can be at a time. Chromium came every six weeks until autumn 2021 and
// every four since, with plans for every two; Firefox every four. Early channels run ahead, and so does
// the slack: who is beyond it has made the number up.

const WEEK_MS = 7 * 86_400_000;
const SLACK = 8;

interface Pace {
  fromMs: number;
  version: number;
  weeks: number;
}

const CHROMIUM: readonly Pace[] = [
  { fromMs: Date.UTC(2020, 1, 4), version: 80, weeks: 6 },
  { fromMs: Date.UTC(2021, 8, 21), version: 94, weeks: 4 },
  { fromMs: Date.UTC(2026, 0, 13), version: 144, weeks: 2 },
];
const FIREFOX: readonly Pace[] = [{ fromMs: Date.UTC(2020, 0, 7), version: 72, weeks: 4 }];

/** Undefined where nobody can say. */
export function isAheadOfTime(
  browser: 'chromium' | 'firefox',
  version: number,
  nowMs: number,
): boolean {
  const paces = browser === 'chromium' ? CHROMIUM : FIREFOX;
  const pace = paces.findLast(({ fromMs }) => fromMs <= nowMs) ?? paces[0];
  if (pace === undefined) return false;
  const releases = Math.max(0, Math.ceil((nowMs - pace.fromMs) / (pace.weeks * WEEK_MS)));
  return version > pace.version + releases + SLACK;
}
