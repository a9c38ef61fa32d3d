// A downloaded bucket as the verification of digests wants it: names with `/`, bytes, and the
// signatures that were kept beside the digests.

import { createReadStream, readdirSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { DigestFolder } from '@countersign/sources';
import { cliError } from '../../cli-error.ts';

const LONGEST_METADATA_BYTES = 64 * 1024;

/** Links are not followed: a folder can contain itself. @throws CodedError `file_unreadable` */
export function openDigestFolder(root: string): DigestFolder {
  return {
    paths: listBelow(root),
    open: (path) => createReadStream(join(root, path)),
    signatureOf: async (path) => {
      const metadata = await readShort(join(root, `${path}.metadata.json`));
      const named = metadata === undefined ? undefined : signatureIn(metadata);
      const plain = named ?? (await readShort(join(root, `${path}.signature`)));
      return plain?.trim();
    },
  };
}

function listBelow(root: string): string[] {
  try {
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .sort();
  } catch (error) {
    throw cliError('file_unreadable', `${root} cannot be listed.`, error);
  }
}

/** The answer of `head-object`, its `Metadata` alone, or the names as they are in HTTP. */
function signatureIn(text: string): string | undefined {
  try {
    const answer = JSON.parse(text) as Record<string, unknown>;
    const metadata = (answer['Metadata'] ?? answer) as Record<string, unknown>;
    const signature = metadata['signature'] ?? metadata['x-amz-meta-signature'];
    return typeof signature === 'string' ? signature : undefined;
  } catch {
    return undefined;
  }
}

async function readShort(path: string): Promise<string | undefined> {
  try {
    if ((await stat(path)).size > LONGEST_METADATA_BYTES) return undefined;
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
