// What a log has promised through this process: receipts, each of which says that its leaf will be in
// the checkpoint. While the log is away, only who kept count can tell whether the last one has them all.

import type { PipeClient } from '@countersign/pipe';
import { decodeReceipt } from '@countersign/verifier';
import { decodeSizes, decodeStrings, NOTARY_OP } from '../pipe/notary-ops.ts';

export class LogPromises {
  #size: number | undefined;

  /**
   * The size that a checkpoint must have to hold every leaf that was promised; undefined while that is
   * not known. One receipt suffices to know, or what the log says of its size, because indexes only
   * grow. A leaf whose receipt never arrived is in no token, and need not count.
   */
  get size(): number | undefined {
    return this.#size;
  }

  /** The log has promised so many leaves, as somebody else remembers. */
  atLeast(size: number): void {
    this.#size = Math.max(size, this.#size ?? 0);
  }

  /**
   * The same way to the notary, counting what it answers before anybody else sees it. All that go to
   * the log must go this way. Throws FormatError `receipt_malformed`, `bytes_malformed` besides.
   */
  follow(notary: PipeClient): PipeClient {
    return {
      request: async (op, body) => {
        const answer = await notary.request(op, body);
        this.#hear(op, answer);
        return answer;
      },
      close: () => notary.close(),
    };
  }

  #hear(op: number, answer: Uint8Array): void {
    if (op === NOTARY_OP.append) this.#promised(answer);
    else if (op === NOTARY_OP.appendMany) decodeStrings(answer).forEach(this.#promised);
    else if (op === NOTARY_OP.size) this.atLeast(decodeSizes(answer).durableSize);
  }

  readonly #promised = (receipt: Uint8Array): void => {
    this.atLeast(decodeReceipt(receipt).index + 1);
  };
}
