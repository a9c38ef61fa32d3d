// Whose turn it is: each witness is asked once for each checkpoint, again before its word grows old,
// and ever more seldom while it gives none, so that a dead one costs nothing.

/** An unchanged checkpoint is cosigned anew after this time: its age stays well below a minute. */
const REFRESH_MS = 20_000;
const FIRST_PAUSE_MS = 1000;
/** A witness that comes back is heard within this time. */
const LONGEST_PAUSE_MS = 30_000;

interface Turn {
  asked: boolean;
  /** The checkpoint it cosigned last. */
  sequence: number;
  /** When it did, and as of when. */
  cosignedMs: number;
  timeSeconds: number | undefined;
  /** Failures in a row, and in all by code. */
  failures: number;
  byCode: Map<string, number>;
  retryAtMs: number;
}

export class WitnessTurns {
  readonly #turns: ReadonlyMap<string, Turn>;
  readonly #elapsedMs: () => number;

  /** @param elapsedMs of a clock that is never set; default the process's own */
  constructor(names: readonly string[], elapsedMs: () => number = () => performance.now()) {
    this.#elapsedMs = elapsedMs;
    this.#turns = new Map(names.map((name) => [name, newTurn()]));
  }

  isDue(name: string, sequence: number): boolean {
    const turn = this.#of(name);
    const nowMs = this.#elapsedMs();
    if (turn.asked || nowMs < turn.retryAtMs) return false;
    return turn.sequence !== sequence || nowMs - turn.cosignedMs >= REFRESH_MS;
  }

  begin(name: string): void {
    this.#of(name).asked = true;
  }

  succeed(name: string, sequence: number, timeSeconds: number): void {
    const cosignedMs = this.#elapsedMs();
    const done = { asked: false, failures: 0, retryAtMs: 0, sequence, cosignedMs, timeSeconds };
    Object.assign(this.#of(name), done);
  }

  fail(name: string, code: string): void {
    const turn = this.#of(name);
    turn.asked = false;
    turn.byCode.set(code, (turn.byCode.get(code) ?? 0) + 1);
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** turn.failures);
    turn.retryAtMs = this.#elapsedMs() + pauseMs;
    turn.failures = Math.min(turn.failures + 1, 16);
  }

  get anyoneIsAsked(): boolean {
    return [...this.#turns.values()].some(({ asked }) => asked);
  }

  /** For the metrics. */
  describe(): {
    name: string;
    answers: boolean;
    timeSeconds?: number;
    failures: [string, number][];
  }[] {
    return [...this.#turns].map(([name, { failures, timeSeconds, byCode }]) => ({
      name,
      answers: failures === 0 && timeSeconds !== undefined,
      ...(timeSeconds === undefined ? {} : { timeSeconds }),
      failures: [...byCode],
    }));
  }

  #of(name: string): Turn {
    const turn = this.#turns.get(name);
    if (turn === undefined) throw new Error(`there is no witness ${name}`);
    return turn;
  }
}

function newTurn(): Turn {
  return {
    asked: false,
    sequence: -1,
    cosignedMs: 0,
    timeSeconds: undefined,
    failures: 0,
    byCode: new Map(),
    retryAtMs: 0,
  };
}
