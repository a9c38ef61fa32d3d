// Keeps a confined child alive: restarts it with a growing pause when it dies, and gives the rest
// of the house one PipeClient that outlives any single process.

import { CodedError } from '@countersign/vocabulary';
import type { PipeClient } from './pipe-client.ts';
import type { ConfinedChild } from './spawn-confined.ts';

export interface Supervised extends PipeClient {
  /** Process id of the child now running, if one is. */
  readonly pid: number | undefined;
  /** Times the child was started, the first time included. */
  readonly starts: number;
  stop(): Promise<void>;
}

export interface SuperviseOptions {
  name: string;
  start(): ConfinedChild;
  /** First pause before a restart; doubles up to `maxPauseMs`. Default 50. */
  minPauseMs?: number;
  /** Default 2,000. */
  maxPauseMs?: number;
  onExit?: (exit: { code: number | null; signal: string | null; starts: number }) => void;
}

// A child that lived this long was healthy: the next restart is quick again.
const HEALTHY_MS = 10_000;

export function superviseChild(options: SuperviseOptions): Supervised {
  return new Supervisor(options);
}

class Supervisor implements Supervised {
  readonly #options: SuperviseOptions;
  #current: ConfinedChild | undefined;
  #starts = 0;
  #pauseMs: number;
  #restart: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: SuperviseOptions) {
    this.#options = options;
    this.#pauseMs = options.minPauseMs ?? 50;
    this.#start();
  }

  get pid(): number | undefined {
    return this.#current?.child.pid;
  }

  get starts(): number {
    return this.#starts;
  }

  request(op: number, body: Uint8Array): Promise<Uint8Array> {
    if (this.#current === undefined) {
      const message = `The ${this.#options.name} is not running; it is being restarted.`;
      return Promise.reject(new CodedError('peer_gone', message, { retryAfterSeconds: 1 }));
    }
    return this.#current.client.request(op, body);
  }

  close(): void {
    this.#stopped = true;
    clearTimeout(this.#restart);
    this.#current?.client.close();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#restart);
    await this.#current?.stop();
  }

  #start(): void {
    this.#starts += 1;
    const startedMs = performance.now();
    const current = this.#options.start();
    this.#current = current;
    let ended = false;
    const onEnd = (code: number | null, signal: string | null): void => {
      if (ended) return;
      ended = true;
      this.#ended(current, performance.now() - startedMs, code, signal);
    };
    current.child.once('exit', onEnd);
    current.child.once('error', () => onEnd(null, null));
  }

  #ended(ended: ConfinedChild, livedMs: number, code: number | null, signal: string | null): void {
    ended.client.close();
    if (this.#current === ended) this.#current = undefined;
    if (this.#stopped) return;
    this.#options.onExit?.({ code, signal, starts: this.#starts });
    if (livedMs > HEALTHY_MS) this.#pauseMs = this.#options.minPauseMs ?? 50;
    this.#restart = setTimeout(() => this.#start(), this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, this.#options.maxPauseMs ?? 2000);
  }
}
