// Once a witness has closed, or does not know what its disk holds, it signs nothing more: not even
// what was asked before and only now has its turn.

import { WitnessRefusal } from './witness-answer.ts';

export class SigningFence {
  readonly #onFailed: ((error: unknown) => void) | undefined;
  #isShut = false;

  /** @param onFailed told of the first failure that shut it */
  constructor(onFailed: ((error: unknown) => void) | undefined) {
    this.#onFailed = onFailed;
  }

  /** @throws WitnessRefusal `witness_stopped` once it is shut */
  check(): void {
    if (this.#isShut) throw stopped();
  }

  shut(): void {
    this.#isShut = true;
  }

  /** Passes a refusal on; after anything else the disk is unknown, and the fence is shut. */
  fail(error: unknown): WitnessRefusal {
    if (error instanceof WitnessRefusal) return error;
    const isFirst = !this.#isShut;
    this.#isShut = true;
    if (isFirst) this.#onFailed?.(error);
    return stopped(error);
  }
}

function stopped(cause?: unknown): WitnessRefusal {
  return new WitnessRefusal('witness_stopped', 'This witness has stopped signing.', cause);
}
