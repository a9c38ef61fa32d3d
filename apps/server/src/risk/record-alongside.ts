// Puts events on record in a transaction that the memory opened: what was judged and what is said of it
// are in one commit, or in none.

import type { Audit } from '@countersign/audit';
import type { Alongside } from '@countersign/memory';
import type { CountersignEvent } from '@countersign/vocabulary';

type MemoryTransaction = Parameters<Alongside>[0];
type AuditTransaction = NonNullable<Parameters<Audit['record']>[1]>;

/** Both rooms have one store in this house, and each knows its own tables of it only. */
export function recordAlongside(
  audit: Pick<Audit, 'record'>,
  events: readonly CountersignEvent[],
  tx: MemoryTransaction,
): Promise<string[]> {
  return audit.record(events, tx as unknown as AuditTransaction);
}
