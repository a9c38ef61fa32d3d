// Builds whose ledger row could not be written, kept until that can be: while the store is away the
// reconciler cannot judge either, and it empties this list before it judges.

import { hexOf } from '../hex-bytes.ts';
import type { AuditRoom } from './audit-room.ts';
import type { Row } from './ready-insert.ts';

/** Builds remembered at most; then the oldest is forgotten, and may raise an alarm that is false. */
const MOST_REMEMBERED = 20_000;
const MOST_PER_WRITE = 500;

export class AbandonedBuilds {
  readonly #room: AuditRoom;
  readonly #waiting = new Map<string, Row<'abandoned_build'>>();

  constructor(room: AuditRoom) {
    this.#room = room;
  }

  get count(): number {
    return this.#waiting.size;
  }

  remember(build: Row<'abandoned_build'>): void {
    if (this.#waiting.size >= MOST_REMEMBERED) {
      const [oldest] = this.#waiting.keys();
      if (oldest !== undefined) this.#waiting.delete(oldest);
    }
    this.#waiting.set(hexOf(build.leaf_hash), build);
  }

  /** Writes what waits; resolves when it is durable. @throws CodedError StorageCode */
  async flush(): Promise<void> {
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting].slice(0, MOST_PER_WRITE);
      await this.#room.store.write(
        batch.map(([, build]) => this.#room.insert.abandonedBuild(build)),
      );
      for (const [key] of batch) this.#waiting.delete(key);
    }
  }
}
