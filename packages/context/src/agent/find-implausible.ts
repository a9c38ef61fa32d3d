// Where what a request shows contradicts itself. Kept modest: each of these no honest browser does, and
// whatever some proxy, extension or odd device might do is not among them.

import type { AgentFacts, Implausible } from '../surroundings.ts';
import type { TlsFacts } from '../tls/read-tls.ts';
import { isAheadOfTime } from './newest-version.ts';
import { isDriven } from './read-agent.ts';
import type { Hints } from './read-hints.ts';

/** Platforms of hints to systems of user agents. */
const SYSTEMS: Readonly<Record<string, readonly string[]>> = {
  Windows: ['Windows'],
  macOS: ['macOS'],
  Android: ['Android'],
  iOS: ['iOS'],
  Linux: ['Linux'],
  'Chrome OS': ['Chrome OS'],
  'Chromium OS': ['Chrome OS'],
};
/** Since when every browser named here speaks TLS 1.2 and names its protocols. */
const MODERN = 70;

export function findImplausible(
  agent: Readonly<AgentFacts>,
  hints: Hints,
  tls: TlsFacts,
  nowMs: number,
): Implausible[] {
  const { text } = agent;
  const chromium = majorOf(/(?:Chrome|Chromium|CriOS)\/(\d{1,5})/, text);
  const firefox = majorOf(/Firefox\/(\d{1,5})/, text);
  const found: Implausible[] = [];
  if (contradictsPlatform(agent, hints)) found.push('platform_contradicts');
  if (contradictsMobile(agent, hints)) found.push('mobile_contradicts');
  if (contradictsBrowser(hints, chromium)) found.push('browser_contradicts');
  if (
    (chromium !== undefined && isAheadOfTime('chromium', chromium, nowMs)) ||
    (firefox !== undefined && isAheadOfTime('firefox', firefox, nowMs))
  ) {
    found.push('version_ahead_of_time');
  }
  const modern = Math.max(chromium ?? 0, firefox ?? 0) >= MODERN;
  if (modern && (tls.old === true || tls.withoutProtocols === true)) found.push('tls_contradicts');
  if (isDriven(text)) found.push('automated');
  return found;
}

function contradictsPlatform({ os }: AgentFacts, { platform }: Hints): boolean {
  const systems = platform === undefined ? undefined : SYSTEMS[platform];
  return systems !== undefined && os !== undefined && !systems.includes(os);
}

function contradictsMobile({ device, text }: AgentFacts, { mobile }: Hints): boolean {
  if (mobile === undefined) return false;
  // A tablet may say either.
  if (mobile) return device === 'desktop';
  return device === 'mobile' && /\bMobile\b/.test(text);
}

function contradictsBrowser({ brands }: Hints, chromium: number | undefined): boolean {
  const hinted = brands?.get('Chromium') ?? brands?.get('Google Chrome');
  return hinted !== undefined && hinted !== chromium;
}

function majorOf(pattern: RegExp, text: string): number | undefined {
  const digits = pattern.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
