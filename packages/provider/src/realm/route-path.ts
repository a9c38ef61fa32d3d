// The path as the engine's router compares it: it ignores the case of ASCII letters and one slash at
// the end, so whatever guards a route has to do the same or can be walked around.

import type { Context } from 'koa';

export function routePath(ctx: Context): string {
  const { path } = ctx;
  const plain = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  return plain.toLowerCase();
}
