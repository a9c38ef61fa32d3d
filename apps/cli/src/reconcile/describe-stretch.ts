// Moments and stretches of time as a person reads them: UTC, and the day once.

/** `2023-06-15 08:20Z`. */
export function describeMoment(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return '-';
  return `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')}Z`;
}

/** `2023-06-15 08:20Z to 09:10Z`, with the second day only where it is another. */
export function describeStretch(fromMs: number | null, toMs: number | null): string {
  const from = describeMoment(fromMs);
  const to = describeMoment(toMs);
  if (from === to) return from;
  return `${from} to ${from.slice(0, 10) === to.slice(0, 10) ? to.slice(11) : to}`;
}
