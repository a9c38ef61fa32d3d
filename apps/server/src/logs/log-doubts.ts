// Leaves that may stand in a log of which no receipt came. The logs open before the ledger does, so
// what is in doubt is handed on as soon as there is one to take it.

import type { Audit } from '@countersign/audit';
import { encodeHex, hashLeaf } from '@countersign/verifier';

export class LogDoubts {
  #audit: Pick<Audit, 'doubtLeaf'> | undefined;

  /** Nothing is appended before `tell`: there is nobody yet who could ask for a token. */
  readonly add = (entry: Uint8Array): void => {
    this.#audit?.doubtLeaf(encodeHex(hashLeaf(entry)));
  };

  tell(audit: Pick<Audit, 'doubtLeaf'>): void {
    this.#audit = audit;
  }
}
