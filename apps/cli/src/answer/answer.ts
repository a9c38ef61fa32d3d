// What every command gives back: one stable object for `--json`, lines for a person, and whether
// the thing that was checked is good.

import type { Paint } from '../terminal/paint.ts';

export interface Page {
  paint: Paint;
  /** Columns to fill. */
  columns: number;
}

export interface Answer {
  /** False ends with exit code 1. */
  ok: boolean;
  /** Printed as one line; begins with `command` and `ok` so that scripts can rely on both. */
  json: Readonly<Record<string, unknown>>;
  lines(page: Page): string[];
}
