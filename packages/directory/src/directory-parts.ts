// What every part of this room stands on.

import type { Store } from '@countersign/storage';
import type { Clock, Random } from '@countersign/vocabulary';
import type { DirectoryTables } from './tables.ts';

export interface DirectoryParts {
  store: Store<DirectoryTables>;
  clock: Clock;
  random: Random;
}
