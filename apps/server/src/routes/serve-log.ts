// `/log/…`: the transparency log as static files (C2SP tlog-tiles). The notary writes them; this
// only reads, so that a web server or a CDN could do the same.

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Hono } from 'hono';

// Level 0–63 or `entries`; index in groups of three digits, all but the last marked x; then
// perhaps a partial width of 1–255. Anything else cannot exist.
const TILE = /^(?:\d|[1-5]\d|6[0-3]|entries)\/(?:x\d{3}\/)*\d{3}(?:\.p\/(\d{1,3}))?$/;
const IMMUTABLE = 'public, max-age=31536000, immutable';

export function logRoutes(publicFolder: string): Hono {
  const routes = new Hono();
  routes.get('/checkpoint', async (context) => {
    const note = await readIfThere(join(publicFolder, 'checkpoint'));
    if (note === undefined) return context.body(null, 404, { 'cache-control': 'no-store' });
    const etag = `"${createHash('sha256').update(note).digest('base64url').slice(0, 22)}"`;
    const headers = {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'public, max-age=1',
      etag,
    };
    if (context.req.header('if-none-match') === etag) return context.body(null, 304, headers);
    return context.body(new Uint8Array(note), 200, headers);
  });
  routes.get('/tile/*', async (context) => {
    const path = context.req.path.slice(context.req.path.indexOf('/tile/') + '/tile/'.length);
    const tile = isTilePath(path) ? await readIfThere(join(publicFolder, 'tile', path)) : undefined;
    if (tile === undefined) return context.body(null, 404, { 'cache-control': 'no-store' });
    return context.body(new Uint8Array(tile), 200, {
      'content-type': 'application/octet-stream',
      'cache-control': IMMUTABLE,
    });
  });
  return routes;
}

/** Whether a path can name a tile or an entry bundle; also what keeps `..` out. */
export function isTilePath(path: string): boolean {
  const match = TILE.exec(path);
  if (match === null) return false;
  const width = match[1];
  return width === undefined || (!width.startsWith('0') && Number(width) <= 255);
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    // ENOTDIR: a path below a full tile (`000/…`) that is a file.
    if (
      error instanceof Error &&
      'code' in error &&
      (error.code === 'ENOENT' || error.code === 'ENOTDIR')
    )
      return undefined;
    throw error;
  }
}
