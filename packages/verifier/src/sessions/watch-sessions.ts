// Tells sockets and streams of their end: what nobody asks after while it is open is asked after here,
// every second. Bounded, and a session is told once.

import { VerificationError } from '../refusal.ts';
import { isPromise } from '../token/check-key.ts';
import { fallen, type Standing, type StandingOptions } from './judge-ground.ts';
import type { SessionGround } from './session-ground.ts';

export type SessionEnd = Extract<Standing, { stands: false }>;

export interface WatchedSession {
  /** Stops watching: for a session that ended by itself. */
  stop(): void;
}

export interface SessionWatchOptions {
  judge(ground: SessionGround, options: StandingOptions): Standing | Promise<Standing>;
  /** Most sessions at a time. */
  maxWatched: number;
  /** Time between looks. */
  everyMs: number;
  /** Told when the caller's own `onEnd` fails. */
  onProblem?: ((code: string, message: string) => void) | undefined;
}

interface Watched {
  readonly ground: SessionGround;
  readonly options: StandingOptions;
  readonly onEnd: (end: SessionEnd) => void;
  /** Looks since a judgement that is still waited for; undefined when none is. */
  waited: number | undefined;
}

const UNJUDGED = fallen(
  new VerificationError('keys_unavailable', 'Whether the session stands could not be found out.'),
);
/** Looks after which a judgement that does not come counts as one that cannot be had. */
const PATIENCE_LOOKS = 10;
/** Judged between two breaths, so that many sessions hold up nothing else. */
const SLICE = 1_000;

export class SessionWatch {
  readonly #options: SessionWatchOptions;
  readonly #watched = new Set<Watched>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking: Promise<void> | undefined;
  #closed = false;

  constructor(options: SessionWatchOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#watched.size;
  }

  /** @throws VerificationError `verifier_misconfigured` when there is no room for one more */
  add(
    ground: SessionGround,
    onEnd: (end: SessionEnd) => void,
    options: StandingOptions = {},
  ): WatchedSession {
    if (this.#closed || this.#watched.size >= this.#options.maxWatched) {
      throw new VerificationError(
        'verifier_misconfigured',
        'There is no room to watch one more session; see the option maxWatched.',
      );
    }
    const watched = { ground, onEnd, options, waited: undefined };
    this.#watched.add(watched);
    this.#schedule();
    return { stop: () => void this.#watched.delete(watched) };
  }

  /** Looks at every session once; does not wait for judgements that have to be waited for. */
  look(): Promise<void> {
    this.#looking ??= this.#lookAtAll().finally(() => {
      this.#looking = undefined;
      this.#schedule();
    });
    return this.#looking;
  }

  /** Ends all that is still watched: nobody looks after it any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    const closed = new VerificationError('verifier_misconfigured', 'The verifier is closed.');
    for (const watched of this.#watched) this.#end(watched, fallen(closed));
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#closed || this.#watched.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.look();
    }, this.#options.everyMs);
    // Watching does not keep a process alive that has nothing else to do.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  async #lookAtAll(): Promise<void> {
    let judged = 0;
    for (const watched of this.#watched) {
      if (watched.waited === undefined) this.#judge(watched);
      else this.#waitFor(watched, watched.waited + 1);
      judged += 1;
      if (judged % SLICE === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }

  #judge(watched: Watched): void {
    const standing = this.#options.judge(watched.ground, watched.options);
    if (!isPromise(standing)) {
      this.#end(watched, standing);
      return;
    }
    watched.waited = 0;
    void standing.then((found) => {
      watched.waited = undefined;
      this.#end(watched, found);
    });
  }

  #waitFor(watched: Watched, looks: number): void {
    watched.waited = looks;
    if (looks >= PATIENCE_LOOKS) this.#end(watched, UNJUDGED);
  }

  #end(watched: Watched, standing: Standing): void {
    if (standing.stands || !this.#watched.delete(watched)) return;
    try {
      watched.onEnd(standing);
    } catch (error) {
      // One listener's fault must not keep the other sessions open.
      const message = error instanceof Error ? error.message : 'Unknown failure.';
      this.#options.onProblem?.('session_listener_failed', message);
    }
  }
}
