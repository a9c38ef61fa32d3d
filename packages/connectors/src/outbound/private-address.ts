// Addresses that are not on the public internet. A log service named by somebody else must not make
// this server speak to what only this server can reach: metadata of a cloud, a database, itself.

import { BlockList, isIP } from 'node:net';

/** This network, private, shared, loopback, link-local, protocols, benchmarks, multicast, reserved. */
const IPV4 =
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.168.0.0/16 198.18.0.0/15 224.0.0.0/4 240.0.0.0/4';
/** Unspecified, loopback, translated (NAT64, 6to4, Teredo), unique local, link-local, multicast. */
const IPV6 =
  '::/128 ::1/128 64:ff9b::/32 2002::/16 2001::/32 fc00::/7 fe80::/10 fec0::/10 ff00::/8';

const blocked = new BlockList();
for (const [family, nets] of [['ipv4', IPV4] as const, ['ipv6', IPV6] as const]) {
  for (const net of nets.split(' ')) {
    const [address = '', prefix] = net.split('/');
    blocked.addSubnet(address, Number(prefix), family);
  }
}

/** True also for what is no address at all. */
export function isPrivateAddress(address: string): boolean {
  const plain = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const family = isIP(plain);
  if (family === 0) return true;
  if (family === 4) return blocked.check(plain, 'ipv4');
  // An IPv4 address inside an IPv6 one reaches the same host.
  const inside = mappedAddress(plain);
  return inside !== undefined ? blocked.check(inside, 'ipv4') : blocked.check(plain, 'ipv6');
}

function mappedAddress(address: string): string | undefined {
  const url = URL.parse(`http://[${address}]`);
  const [, high = '', low = ''] =
    /^\[::(?:ffff:)?([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(url?.hostname ?? '') ?? [];
  if (high === '') return undefined;
  const [one, two] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [one >> 8, one & 255, two >> 8, two & 255].join('.');
}
