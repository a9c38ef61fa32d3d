// Where everybody is. The addresses are public ones of networks that everybody can look up (nro.net,
// RouteViews): facts for the table of networks. Nothing is sent to any of them.

import type { Place } from '../src/stage/visit-pages.ts';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';
const SAFARI =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
const OLD_CHROME =
  'Mozilla/5.0 (Windows NT 6.1; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36';

/** Telenor, Norway. */
export const AT_HOME: Place = { ip: '88.89.10.20', userAgent: CHROME, language: 'nb-NO' };
/** Telia, Norway. */
export const AT_WORK: Place = { ip: '84.208.1.1', userAgent: SAFARI, language: 'nb-NO' };
/** Vodafone, Germany. */
export const PARTNER_OFFICE: Place = { ip: '95.90.10.20', userAgent: CHROME, language: 'de-DE' };
/** Amazon, in a data centre in Frankfurt. */
export const DATA_CENTRE: Place = { ip: '52.29.10.20', userAgent: 'meter-reader/4.2' };
/** The employee in a hotel in Germany, with the computer of every day. */
export const ON_THE_ROAD: Place = { ip: '95.91.20.30', userAgent: SAFARI, language: 'nb-NO' };

/** Tet, Latvia: a rented network from which a list of stolen passwords is tried. */
export const STUFFER: readonly Place[] = [20, 21, 22, 23].map((last) => ({
  ...{ ip: `87.110.20.${last}`, userAgent: OLD_CHROME },
}));
/** Hetzner, Germany: a page in between that hands on what is typed into it. */
export const MIDDLEMAN: Place = { ip: '88.198.10.20', userAgent: FIREFOX };
/** Claro, Brazil. */
export const TOKEN_THIEF: Place = { ip: '177.32.10.10', userAgent: FIREFOX, language: 'pt-BR' };
export const SECRET_THIEF: Place = { ip: '177.32.44.5', userAgent: 'python-requests/2.32.3' };
