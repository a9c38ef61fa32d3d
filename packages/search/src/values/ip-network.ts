// A network (CIDR, RFC 4632 and RFC 4291) as conditions on addresses in our one spelling.

import { spellIp } from './spell-ip.ts';

/** All addresses from `first` to `last`, each in our spelling. */
export interface IpNetwork {
  family: 4 | 6;
  first: string;
  last: string;
  /** The bits that count, of 32 or 128. */
  bits: number;
}

/** Undefined for what is no network. Bits beyond the prefix are ignored. */
export function readNetwork(text: string): IpNetwork | undefined {
  const [, address, length] = /^([0-9A-Fa-f:.]{2,45})\/([0-9]{1,3})$/.exec(text) ?? [];
  const spelled = address === undefined ? undefined : spellIp(address);
  if (spelled === undefined) return undefined;
  const family = spelled.includes(':') ? 6 : 4;
  const [size, bits] = [family === 4 ? 32 : 128, Number(length)];
  // `::ffff:10.0.0.0/104` is spelled as IPv4: its prefix would mean something else.
  if (bits > size || (family === 4) === address?.includes(':')) return undefined;
  const rest = BigInt(size - bits);
  const first = (toNumber(spelled) >> rest) << rest;
  const last = first | ((1n << rest) - 1n);
  return { family, first: toText(first, family), last: toText(last, family), bits };
}

/** @param address in our spelling */
export function isWithin(network: IpNetwork, address: string): boolean {
  const family = address.includes(':') ? 6 : 4;
  if (family !== network.family) return false;
  const number = toNumber(address);
  return number >= toNumber(network.first) && number <= toNumber(network.last);
}

function toNumber(address: string): bigint {
  if (address.includes(':')) return BigInt(`0x${address.replaceAll(':', '')}`);
  return address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
}

function toText(number: bigint, family: 4 | 6): string {
  if (family === 6) {
    const hex = number.toString(16).padStart(32, '0');
    return (hex.match(/.{4}/g) ?? []).join(':');
  }
  return [24n, 16n, 8n, 0n].map((shift) => String((number >> shift) & 255n)).join('.');
}
