// Makes a file of the archivist durable, and its name in the folders above it: before it goes on record.

import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { WrittenFile } from '../client/archive-client.ts';

/** @param folder DATA/archive */
export async function flushFile(folder: string, { file }: WrittenFile): Promise<void> {
  const path = join(folder, file);
  for (const each of [path, dirname(path), folder]) {
    const handle = await open(each, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
}
