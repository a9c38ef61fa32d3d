// Whether two addresses may be of one network. Most logs name no ASN; then neighbours count as the same
// network, and an IPv4 beside an IPv6 address says nothing.

import { BlockList, isIP } from 'node:net';

export interface Place {
  ip?: string | undefined;
  asn?: string | undefined;
}

export type Sameness = 'same' | 'other_asn' | 'other_range' | 'unknown';

/** Addresses inside of houses and clouds: what stands there is a relay, not a person. */
const INSIDE = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  INSIDE.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  INSIDE.addSubnet(net, bits, 'ipv6');

export function compareNetworks(one: Place, other: Place): Sameness {
  if (one.ip !== undefined && one.ip === other.ip) return 'same';
  if (one.asn !== undefined && other.asn !== undefined)
    return foldAsn(one.asn) === foldAsn(other.asn) ? 'same' : 'other_asn';
  const range = rangeOf(one.ip);
  const otherRange = rangeOf(other.ip);
  if (range === undefined || otherRange === undefined) return 'unknown';
  if (range.slice(0, 2) !== otherRange.slice(0, 2)) return 'unknown';
  return range === otherRange ? 'same' : 'other_range';
}

/** /16 of IPv4, /32 of IPv6: about what a provider hands to one place. */
function rangeOf(ip: string | undefined): string | undefined {
  const version = ip === undefined ? 0 : isIP(ip);
  if (ip === undefined || version === 0) return undefined;
  if (INSIDE.check(ip, version === 4 ? 'ipv4' : 'ipv6')) return undefined;
  if (version === 4) return `4 ${ip.split('.').slice(0, 2).join('.')}`;
  const [first = '', second = ''] = ip.toLowerCase().split('::')[0]?.split(':') ?? [];
  return `6 ${first.replace(/^0+/, '')}:${second.replace(/^0+/, '')}`;
}

function foldAsn(asn: string): string {
  return asn.replace(/^as/i, '');
}
