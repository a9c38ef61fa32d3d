// Times as people and programs are told them: to the millisecond, of which a clock knows more and a
// network nothing.

/** @param startMs by `performance.now()` */
export function secondsSince(startMs: number): number {
  return toSeconds(performance.now() - startMs);
}

export function toSeconds(ms: number): number {
  return Math.round(ms) / 1000;
}
