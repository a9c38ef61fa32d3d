// What every part of this room stands on.

import type { Store } from '@countersign/storage';
import type { Clock, Random } from '@countersign/vocabulary';
import type { RecordEvents } from './record-change.ts';
import type { DirectoryTables } from './tables.ts';

export interface DirectoryParts {
  store: Store<DirectoryTables>;
  clock: Clock;
  random: Random;
  /** Told of each change, inside its transaction. Absent: nobody is. */
  record?: RecordEvents | undefined;
}
