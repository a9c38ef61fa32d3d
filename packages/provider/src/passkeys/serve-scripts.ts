// The two scripts that ask a browser for a passkey: the library's own bundle, byte for byte, and a few
// lines of ours. Named by their content, so that a browser may keep them for good.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Middleware } from 'koa';
import { type Html, html } from '../pages/html.ts';

interface Script {
  path: string;
  text: string;
}

const LIBRARY = new URL(
  '../dist/bundle/index.umd.min.js',
  import.meta.resolve('@simplewebauthn/browser'),
);

const scripts = [
  readScript('webauthn', LIBRARY),
  readScript('passkey', new URL('passkey-page.js', import.meta.url)),
];

function readScript(name: string, file: URL): Script {
  const text = readFileSync(file, 'utf8');
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return { path: `/assets/${name}-${digest}.js`, text };
}

/** What a page with a passkey form ends with. */
export function scriptTags(mountPath: string): Html {
  return html`${scripts.map(({ path }) => html`<script src="${mountPath}${path}" defer></script>\n`)}`;
}

export function serveScripts(): Middleware {
  const known = new Map(scripts.map((script) => [script.path, script.text]));
  return async (ctx, next) => {
    const text = known.get(ctx.path);
    if (text === undefined || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) {
      await next();
      return;
    }
    ctx.status = 200;
    ctx.type = 'text/javascript; charset=utf-8';
    ctx.set('Cache-Control', 'public, max-age=31536000, immutable');
    ctx.body = text;
  };
}
