// issued = signed = logged for each key, continuously: part of every turn of the reconciler. What does
// not add up is told of once; it stays wrong, so it would come up in every round.

import type { FindingDraft } from '../reconcile/finding.ts';
import { raiseNewFinding } from '../reconcile/raise-finding.ts';
import type { FollowedJournal, FollowedLog, OwnKey } from '../reconcile/sources.ts';
import type { AuditRoom } from '../store/audit-room.ts';
import { AccountRound } from './check-account.ts';
import { CustodyWatch, type LedgerOfKey } from './compare-custody.ts';
import { SecondLook } from './look-again.ts';

export class TallyKeeper {
  readonly #room: AuditRoom;
  readonly #round: AccountRound;
  readonly #custody: CustodyWatch;

  readonly #again: SecondLook;

  constructor(room: AuditRoom, logs: readonly FollowedLog[], journals: readonly FollowedJournal[]) {
    this.#room = room;
    this.#again = new SecondLook(room, logs, journals);
    this.#round = new AccountRound(room);
    this.#custody = new CustodyWatch(room);
  }

  /** Counts a part of what was judged once more. */
  async countAgain(): Promise<void> {
    await this.#raise(await this.#round.turn());
  }

  /** Compares a part of what was judged once more. @throws whatever log or signer threw */
  async lookAgain(): Promise<void> {
    await this.#raise(await this.#again.turn());
  }

  /** @param ledger read before `keys` were listed */
  async compareCustody(
    ledger: ReadonlyMap<string, LedgerOfKey>,
    keys: readonly OwnKey[],
  ): Promise<void> {
    await this.#raise(await this.#custody.compare(ledger, keys));
  }

  async #raise(drafts: readonly FindingDraft[]): Promise<void> {
    if (drafts.length === 0) return;
    await this.#room.store.transaction(async (tx) => {
      for (const draft of drafts) await raiseNewFinding(this.#room, tx, draft);
    });
  }
}
