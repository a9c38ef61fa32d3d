// issued = signed = logged for each key, continuously: part of every turn of the reconciler. What does
// not add up is told of once; it stays wrong, so it would come up in every round.

import type { FindingDraft } from '../reconcile/finding.ts';
import { raiseNewFinding } from '../reconcile/raise-finding.ts';
import type { OwnKey } from '../reconcile/sources.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { AccountRound } from './check-account.ts';
import { CustodyWatch, readLedgerOfKeys } from './compare-custody.ts';

/** The signer is asked for its counts so often. */
const CUSTODY_EVERY_MS = 2000;

export class TallyKeeper {
  readonly #room: AuditRoom;
  readonly #round: AccountRound;
  readonly #custody: CustodyWatch;
  #comparedMs = Number.NEGATIVE_INFINITY;

  constructor(room: AuditRoom) {
    this.#room = room;
    this.#round = new AccountRound(room);
    this.#custody = new CustodyWatch(room);
  }

  /** Counts a part of what was judged once more. */
  async countAgain(): Promise<void> {
    await this.#raise(await this.#round.turn());
  }

  /** @throws whatever the signer threw: then there is nothing to compare with */
  async compareCustody(listOwnKeys: () => Promise<readonly OwnKey[]>): Promise<void> {
    const nowMs = this.#room.clock.nowMs();
    const sinceMs = nowMs - this.#comparedMs;
    if (sinceMs >= 0 && sinceMs < CUSTODY_EVERY_MS) return;
    this.#comparedMs = nowMs;
    const ledger = await readLedgerOfKeys(this.#room);
    await this.#raise(await this.#custody.compare(ledger, await listOwnKeys()));
  }

  async #raise(drafts: readonly FindingDraft[]): Promise<void> {
    if (drafts.length === 0) return;
    await this.#room.store.transaction(async (tx) => {
      for (const draft of drafts) await raiseNewFinding(this.#room, tx, draft);
    });
  }
}
