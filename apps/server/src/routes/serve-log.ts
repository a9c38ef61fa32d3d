// `/log/…`: the transparency log as static files (C2SP tlog-tiles). The notary writes them; this
// only reads, so that a web server or a CDN could do the same. What is served as a tile is kept by
// caches for ever, so nothing is that could not be one; what is missing is never kept.

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { checkTileBytes, type LogPulse, parseTilePath } from '@countersign/transparency';
import { type Context, Hono } from 'hono';
import { cors } from 'hono/cors';
import { readPublicFile } from '../read-public-file.ts';

const IMMUTABLE = 'public, max-age=31536000, immutable';
/** Long enough to spare a busy log, short enough that nobody waits for it. */
const CHECKPOINT_CACHING = 'public, max-age=1';

const compress = promisify(gzip);

type Pulse = Pick<LogPulse, 'current' | 'lacksNothing'>;

/** @param pulse says when the checkpoint may be shown; without it, always */
export function logRoutes(publicFolder: string, pulse?: Pulse): Hono {
  const routes = new Hono();
  // Public to all: browsers verify proofs too (tests/browser), and nothing here depends on who asks.
  routes.use(cors({ origin: '*', allowMethods: ['GET', 'HEAD'], exposeHeaders: ['ETag'] }));
  routes.get('/checkpoint', (context) => serveCheckpoint(context, publicFolder, pulse));
  routes.get('/tile/*', (context) => serveTile(context, publicFolder));
  routes.all('*', (context) => {
    if (['GET', 'HEAD'].includes(context.req.method)) return missing(context);
    return context.body(null, 405, { allow: 'GET, HEAD', 'cache-control': 'no-store' });
  });
  return routes;
}

/** Tiles are true for ever; a checkpoint from which a promised leaf is missing would look like a lie. */
function notNow(context: Context): Response {
  return context.body(null, 503, { 'cache-control': 'no-store', 'retry-after': '1' });
}

async function serveCheckpoint(
  context: Context,
  publicFolder: string,
  pulse: Pulse | undefined,
): Promise<Response> {
  const current = pulse === undefined || (await pulse.current());
  const note = await readPublicFile(join(publicFolder, 'checkpoint'));
  if (!current && !(note !== undefined && pulse.lacksNothing(note.bytes))) return notNow(context);
  if (note === undefined) return missing(context);
  const etag = `"${createHash('sha256').update(note.bytes).digest('base64url').slice(0, 22)}"`;
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': CHECKPOINT_CACHING,
    'last-modified': note.modified.toUTCString(),
    etag,
  };
  if (names(context.req.header('if-none-match'), etag)) return context.body(null, 304, headers);
  return answer(context, note.bytes, headers);
}

async function serveTile(context: Context, publicFolder: string): Promise<Response> {
  const path = rawPath(context.req.url);
  const place = parseTilePath(path.slice(path.indexOf('/tile/') + 1));
  if (place === undefined) return missing(context);
  const found = await readPublicFile(join(publicFolder, path.slice(path.indexOf('/tile/'))));
  if (found === undefined) return missing(context);
  checkTileBytes(place, found.bytes);
  const headers = { 'content-type': 'application/octet-stream', 'cache-control': IMMUTABLE };
  // Hashes do not shrink; entries do a little, and C2SP asks for it.
  if (place.level !== 'entries') return answer(context, found.bytes, headers);
  const varying = { ...headers, vary: 'Accept-Encoding' };
  if (!takesGzip(context.req.header('accept-encoding'))) {
    return answer(context, found.bytes, varying);
  }
  const packed = await compress(found.bytes);
  return answer(context, packed, { ...varying, 'content-encoding': 'gzip' });
}

/** The length is said here, because an answer to HEAD has no body to count. */
function answer(context: Context, bytes: Buffer, headers: Record<string, string>): Response {
  const length = String(bytes.length);
  return context.body(new Uint8Array(bytes), 200, { ...headers, 'content-length': length });
}

/** What is not there yet may be in a second: no cache may keep that it was not. */
function missing(context: Context): Response {
  return context.body(null, 404, { 'cache-control': 'no-store' });
}

/** As it was sent: a tile has one spelling, and a decoded `%30` would be a second. */
function rawPath(url: string): string {
  const afterHost = url.replace(/^[a-z]+:\/\/[^/]*/i, '');
  return afterHost.split(/[?#]/, 1)[0] ?? '';
}

/** Whether an If-None-Match names this tag (RFC 9110 §13.1.2, weak comparison). */
function names(header: string | undefined, etag: string): boolean {
  const tags = header?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? [];
  return tags.includes(etag) || tags.includes('*');
}

/** RFC 9110 §12.5.3: named, or covered by `*`, and not with weight 0. */
function takesGzip(header: string | undefined): boolean {
  const weights = new Map<string, number>();
  for (const part of header?.toLowerCase().split(',') ?? []) {
    const [coding = '', ...parameters] = part.split(';').map((text) => text.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    weights.set(coding, weight === undefined ? 1 : Number(weight));
  }
  return (weights.get('gzip') ?? weights.get('*') ?? 0) > 0;
}
