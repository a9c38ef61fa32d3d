// How long the rest of a work takes, from how fast it went of late: a mean over all of it would promise a pace
// that a harder second half does not keep.

const WINDOW_MS = 20_000;
const SAMPLE_MS = 500;
/** Less says nothing of a pace. */
const PATIENCE_MS = 4000;
const MINUTE_S = 60;

export class Pace {
  #samples: { ms: number; done: number }[] = [];

  /** @returns `, 3 min left`; empty while nobody can say, and at the end */
  left(ms: number, done: number, total: number): string {
    const last = this.#samples.at(-1);
    if (last !== undefined && done < last.done) this.#samples = [];
    if (last === undefined || ms - last.ms >= SAMPLE_MS) this.#samples.push({ ms, done });
    while (this.#samples.length > 2 && ms - this.#samples[1]!.ms >= WINDOW_MS)
      this.#samples.shift();
    const first = this.#samples[0];
    if (first === undefined || ms - first.ms < PATIENCE_MS) return '';
    const [moved, open] = [done - first.done, total - done];
    return moved <= 0 || open <= 0 ? '' : `, ${tell((open / moved) * (ms - first.ms))} left`;
  }
}

function tell(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 5) return 'a moment';
  if (seconds < MINUTE_S - 5) return `${Math.round(seconds / 5) * 5} s`;
  const minutes = Math.round(seconds / MINUTE_S);
  return minutes < 2 * MINUTE_S ? `${Math.max(1, minutes)} min` : `${Math.round(minutes / 60)} h`;
}
