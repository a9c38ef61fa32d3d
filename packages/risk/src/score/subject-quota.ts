// How often each subject taught today, roughly: a table of a thousand counters by hash. Two subjects may
// share one and are then both bounded by it, which costs calibration nothing.

const SLOTS = 1024;
const DAY_MS = 86_400_000;
/** Acts of one subject that count in a day. */
export const SUBJECT_ACTS_A_DAY = 20;

export class SubjectQuota {
  day = 0;
  readonly counters = new Uint16Array(SLOTS);
  /** Acts of the day, of everybody: the busier a realm, the more subjects share a counter. */
  total = 0;

  /** Whether the act may count. */
  take(subjectKey: string, timeMs: number): boolean {
    const day = Math.floor(timeMs / DAY_MS);
    if (day > this.day) {
      this.day = day;
      this.total = 0;
      this.counters.fill(0);
    }
    const at = hash(subjectKey) & (SLOTS - 1);
    const most = Math.min(SUBJECT_ACTS_A_DAY + (8 * this.total) / SLOTS, 65_535);
    if (this.counters[at]! >= most) return false;
    this.counters[at]!++;
    this.total++;
    return true;
  }
}

function hash(text: string): number {
  let mixed = 0x811c9dc5;
  for (let at = 0; at < text.length; at++)
    mixed = Math.imul(mixed ^ text.charCodeAt(at), 0x01000193);
  return mixed ^ (mixed >>> 15);
}
