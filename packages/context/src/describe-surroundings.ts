// From what a request shows to what is known about it. Never throws: what is missing, malformed or
// contradicts itself is said, and judged by whoever asked.

import type { RequestSurroundings } from '@countersign/vocabulary';
import { findScope } from './address/find-scope.ts';
import { formatAddress, formatNet, parseAddress } from './address/parse-address.ts';
import { findImplausible } from './agent/find-implausible.ts';
import { readAgent } from './agent/read-agent.ts';
import { type Hints, readHints } from './agent/read-hints.ts';
import { readLanguage } from './agent/read-language.ts';
import { joinLists, type NetworkLists } from './lists/network-lists.ts';
import type { NetworkTable } from './networks/network-table.ts';
import type { Surroundings } from './surroundings.ts';
import { readTls, type TlsFacts } from './tls/read-tls.ts';

export interface SurroundingTables {
  /** Absent: could not be read. */
  networks?: NetworkTable | undefined;
  /** Default: the ASNs of public clouds alone. */
  lists?: NetworkLists | undefined;
  nowMs: number;
}

/** Half a year: by then a few in a hundred addresses have moved. */
const STALE_AFTER_MS = 183 * 86_400_000;
const KEY = /^[A-Za-z0-9_-]{1,1400}$/;
const builtIn = joinLists();

export function describeSurroundings(
  request: RequestSurroundings,
  { networks, lists, nowMs }: SurroundingTables,
): Surroundings {
  const stale = networks !== undefined && nowMs - networks.madeMs > STALE_AFTER_MS;
  const found: Surroundings = {
    implausible: [],
    missing: [],
    data: networks === undefined ? { stale: false } : { madeMs: networks.madeMs, stale },
  };
  if (networks === undefined) found.missing.push('no_network_data');
  else if (stale) found.missing.push('stale_network_data');
  if (lists?.stale(nowMs) === true) found.missing.push('stale_list');
  describeAddress(found, request.ip, networks, lists ?? builtIn);
  const { hints, malformed } = readHints(request.hints);
  if (malformed) found.missing.push('hints_malformed');
  describeAgent(found, request, hints, nowMs);
  const language = readLanguage(textOf(request.language));
  if (language !== undefined) found.language = language;
  describeKeys(found, request);
  return found;
}

function describeAddress(
  found: Surroundings,
  ip: string | undefined,
  networks: NetworkTable | undefined,
  lists: NetworkLists,
): void {
  const text = textOf(ip);
  if (text === undefined || text === '') {
    found.missing.push('no_address');
    return;
  }
  const address = parseAddress(text);
  if (address === undefined) {
    found.missing.push('address_malformed');
    return;
  }
  const scope = findScope(address);
  found.address = {
    ...{ text: formatAddress(address), net: formatNet(address) },
    ...{ version: address.version, scope },
  };
  if (scope !== 'public') {
    found.missing.push('address_not_public');
    return;
  }
  const network = networks?.find(address);
  if (network !== undefined) Object.assign(found, network);
  else if (networks !== undefined) found.missing.push('address_unknown');
  const { hosting, anonymiser } = lists.find(address, network?.asn);
  // Without an ASN nobody can say that an address is none of a data centre.
  if (hosting || network?.asn !== undefined) found.hosting = hosting;
  if (anonymiser !== undefined) found.anonymiser = anonymiser;
}

function describeAgent(
  found: Surroundings,
  request: RequestSurroundings,
  hints: Hints,
  nowMs: number,
): void {
  const { facts, ja4Malformed, tlsMalformed } = readTls(textOf(request.ja4), textOf(request.tls));
  if (ja4Malformed) found.missing.push('ja4_malformed');
  if (tlsMalformed) found.missing.push('tls_malformed');
  if (facts.ja4 !== undefined) found.ja4 = facts.ja4;
  if (facts.tls !== undefined) found.tls = facts.tls;
  const userAgent = textOf(request.userAgent);
  if (userAgent === undefined || userAgent.trim() === '') {
    found.missing.push('no_user_agent');
    return;
  }
  const agent = readAgent(userAgent);
  found.agent = withSystem(agent, hints);
  if (agent.browser === undefined) found.missing.push('user_agent_unknown');
  found.implausible.push(...findImplausible(agent, hints, facts as TlsFacts, nowMs));
}

/** What a reduced user agent leaves out of its system, where the hints tell it. */
function withSystem(
  agent: ReturnType<typeof readAgent>,
  { platform, platformVersion }: Hints,
): NonNullable<Surroundings['agent']> {
  const major = Number(/^\d{1,4}/.exec(platformVersion ?? '')?.[0] ?? Number.NaN);
  if (agent.osVersion !== undefined || Number.isNaN(major) || platform !== agent.os) return agent;
  // Windows counts otherwise: 13 and more are Windows 11, 1 to 10 are Windows 10.
  const osVersion = platform === 'Windows' ? windowsOf(major) : String(major);
  return osVersion === undefined ? agent : { ...agent, osVersion };
}

function windowsOf(major: number): string | undefined {
  if (major === 0) return undefined;
  return major >= 13 ? '11' : '10';
}

function describeKeys(found: Surroundings, request: RequestSurroundings): void {
  const { deviceKey, dpopThumbprint } = request;
  for (const [name, key] of [
    ['deviceKey', deviceKey],
    ['dpopKey', dpopThumbprint],
  ] as const) {
    if (key === undefined) continue;
    if (typeof key === 'string' && KEY.test(key)) found[name] = key;
    else if (!found.missing.includes('key_malformed')) found.missing.push('key_malformed');
  }
}

/** Types promise a text; what comes over the wire promises nothing. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
