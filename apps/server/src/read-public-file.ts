// The public files of a log, as the notary writes them while they are read.

import { open } from 'node:fs/promises';

export interface PublicFile {
  bytes: Buffer;
  modified: Date;
}

/** Undefined when there is no such file. */
export async function readPublicFile(path: string): Promise<PublicFile | undefined> {
  try {
    await using file = await open(path, 'r');
    const { mtime } = await file.stat();
    return { bytes: await file.readFile(), modified: mtime };
  } catch (error) {
    if (error instanceof Error && 'code' in error && isMissing(error.code)) return undefined;
    throw error;
  }
}

/** ENOTDIR: below a file, `000/…`; EISDIR: a folder of tiles, such as `0/x001`. */
function isMissing(code: unknown): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR';
}
