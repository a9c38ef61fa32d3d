// A rotator that hangs: another server holds what one must hold to move keys, and does nothing. In the
// store, which is where servers agree on who moves them, because no setting of ours freezes a rotator.

import { join } from 'node:path';
import { auditMigrations } from '@countersign/audit';
import { directoryMigrations } from '@countersign/directory';
import { providerMigrations } from '@countersign/provider';
import { type LeaseTables, openStore, storageMigrations } from '@countersign/storage';
import { systemClock } from '@countersign/vocabulary';

const FOR_MS = 3_600_000;

/** Before the server sees its folder for the first time, so that it never moved a key. */
export async function freezeRotator(data: string, issuer: string): Promise<void> {
  const store = await openStore<LeaseTables>({
    path: join(data, 'countersign.db'),
    migrations: [
      storageMigrations,
      directoryMigrations,
      auditMigrations,
      providerMigrations,
    ].flat(),
    clock: systemClock,
  });
  try {
    const nowMs = systemClock.nowMs();
    const times = { taken_ms: nowMs, renewed_ms: nowMs, until_ms: nowMs + FOR_MS, for_ms: FOR_MS };
    await store.transaction(async (tx) => {
      for (const name of ['key-rotator', `keys of ${issuer}`]) {
        const row = { name, holder: 'a server that hangs', epoch: 1, ...times };
        await tx.insertInto('lease').values(row).execute();
      }
    });
  } finally {
    await store.close();
  }
}
