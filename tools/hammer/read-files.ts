// A fetch that answers from the log's public folder, as a web server before it would.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export function readPublishedFiles(folder: string): (url: string) => Promise<Response> {
  return async (url) => {
    const path = new URL(url).pathname;
    try {
      return new Response(await readFile(join(folder, 'public', path)));
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOENT') throw error;
      return new Response(null, { status: 404 });
    }
  };
}
