// What every page has in common, and the headers it leaves with: nothing is loaded from elsewhere, no
// script runs but the one for passkeys where a page asks for one, nothing may frame it, and it is never
// cached.

import type { Context } from 'koa';
import { type Html, html } from './html.ts';
import { stylesheet, stylesheetHash } from './stylesheet.ts';

export interface PageFacts {
  title: string;
  /** Name of the organisation, as people know it. */
  organisation: string;
  /** `Workforce`, `Customers`, … */
  population: string;
  /** Host the visitor should see in the address bar. */
  host: string;
  body: Html;
}

const seal = html`<svg width="18" height="18" viewBox="0 0 24 24" fill="none" stroke="currentColor"
stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path
d="M12 2.5 4.5 5.6v5.6c0 4.7 3.1 8.5 7.5 10.3 4.4-1.8 7.5-5.6 7.5-10.3V5.6z"/><path
d="m8.6 11.9 2.4 2.4 4.5-4.6"/></svg>`;

export function renderPage(facts: PageFacts): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<title>${facts.title} · ${facts.organisation}</title>
STYLE
</head>
<body>
<main class="card">
<div class="org"><span class="mark" aria-hidden="true">${initial(facts.organisation)}</span>
<div><b>${facts.organisation}</b><span>${facts.population}</span></div></div>
${facts.body}
</main>
<footer>${seal}<span>${facts.host} · countersigned sign-in</span></footer>
</body>
</html>
`;
  return page.text.replace('STYLE', () => `<style>${stylesheet}</style>`);
}

/** The first letter of a name, whole, also where it is more than one unit of UTF-16. */
export function initial(name: string): string {
  const [first = '·'] = name.trim();
  return first.toUpperCase();
}

/**
 * Headers of every response of a realm. Scripts are allowed only to the engine's own hand-over page
 * (response_mode=form_post), which adds the hash of its one line itself.
 */
export function setPageHeaders(ctx: Context): void {
  ctx.set('Content-Security-Policy', strictPolicy);
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.set('X-Frame-Options', 'DENY');
  // Same-origin, not none: forms must still tell us their Origin.
  ctx.set('Referrer-Policy', 'same-origin');
  ctx.set('Cross-Origin-Opener-Policy', 'same-origin');
  ctx.set('Permissions-Policy', 'camera=(), microphone=(), geolocation=()');
}

/**
 * @param formTargets sources a form of the page, and the redirects it starts, may lead to.
 * @param scripts whether the page may run the scripts we serve; default: none at all.
 */
export function sendPage(
  ctx: Context,
  status: number,
  page: string,
  formTargets: readonly string[],
  scripts: 'none' | 'own' = 'none',
): void {
  ctx.status = status;
  ctx.type = 'html';
  ctx.set('Cache-Control', 'no-store');
  ctx.set('Content-Security-Policy', contentSecurityPolicy(formTargets, scripts));
  ctx.body = page;
}

// An empty list of sources is none, and unlike 'none' something may be added to it.
const strictPolicy = contentSecurityPolicy([]).replace("script-src 'none'", 'script-src');

function contentSecurityPolicy(
  formTargets: readonly string[],
  scripts: 'none' | 'own' = 'none',
): string {
  const directives = [
    "default-src 'none'",
    // Files of this origin only, and no text becomes script or markup (Trusted Types).
    ...(scripts === 'own'
      ? ["script-src 'self'", "require-trusted-types-for 'script'", "trusted-types 'none'"]
      : ["script-src 'none'"]),
    `style-src ${stylesheetHash}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  if (formTargets.length > 0) directives.push(`form-action ${formTargets.join(' ')}`);
  return directives.join('; ');
}
