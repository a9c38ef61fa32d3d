// The real directory over an in-memory store, for tests; hashing at its cheapest, to be quick.

import { openStore, type Store } from '@countersign/storage';
import { ManualClock, type RealmId, systemRandom } from '@countersign/vocabulary';
import { createDirectory, type Directory } from './create-directory.ts';
import { directoryMigrations } from './migrations.ts';
import { defaultPasswordSettings, type PasswordSettings } from './passwords/keep-passwords.ts';
import type { DirectoryTables } from './tables.ts';

export const CHEAP = { memoryKib: 64, passes: 1 };
export const STAFF: RealmId = 'acme/workforce';

export interface OpenedDirectory {
  directory: Directory;
  store: Store<DirectoryTables>;
  clock: ManualClock;
}

/** Opens a directory with the empty tenant `acme`, runs `body`, closes. */
export async function withDirectory(
  body: (opened: OpenedDirectory) => Promise<void>,
  passwords: Partial<PasswordSettings> = {},
): Promise<void> {
  const clock = new ManualClock();
  const migrations = directoryMigrations;
  const store = await openStore<DirectoryTables>({ memory: true, migrations, clock });
  try {
    const settings = { ...defaultPasswordSettings, cost: CHEAP, ...passwords };
    const directory = createDirectory({ store, clock, random: systemRandom, passwords: settings });
    await directory.tenants.create({ name: 'acme', displayName: 'Acme' });
    await body({ directory, store, clock });
  } finally {
    await store.close();
  }
}
