// The settings of proxies in front of the server: who they are, and in which headers they say where a
// request came from. Without them no such header is believed.

import { BlockList } from 'node:net';
import { formatAddress, parseAddress } from '@countersign/context';
import { CodedError } from '@countersign/vocabulary';
import { z } from 'zod';

const header = z
  .string()
  .max(64)
  .regex(/^[A-Za-z0-9-]+$/, 'not the name of a header');

export const proxySchema = z.strictObject({
  /** Addresses or networks (CIDR) of the proxies. Only what they send themselves is believed. */
  trusted: z.array(z.string().max(64)).min(1).max(256),
  /** Where they say whom they serve. Default `x-forwarded-for`; or `forwarded` (RFC 7239). */
  addressHeader: z.enum(['x-forwarded-for', 'forwarded']).optional(),
  /** Header with the JA4 fingerprint of the visitor's TLS handshake. Default: none is read. */
  ja4Header: header.optional(),
  /** Header with TLS version and cipher, `TLSv1.3 TLS_AES_128_GCM_SHA256`. Default: none is read. */
  tlsHeader: header.optional(),
});

export interface ProxySettings {
  /** By canonical text of an address. */
  isTrusted(address: string): boolean;
  readonly addressHeader: 'x-forwarded-for' | 'forwarded';
  /** Lower-case. */
  readonly ja4Header: string | undefined;
  readonly tlsHeader: string | undefined;
}

/** Undefined without any. @throws CodedError `bad_setting` */
export function readProxy(given: {
  proxy?: z.infer<typeof proxySchema> | undefined;
}): ProxySettings | undefined {
  if (given.proxy === undefined) return undefined;
  const { trusted, addressHeader = 'x-forwarded-for', ja4Header, tlsHeader } = given.proxy;
  const list = new BlockList();
  for (const entry of trusted) trust(list, entry);
  return {
    isTrusted: (address) => list.check(address, address.includes(':') ? 'ipv6' : 'ipv4'),
    addressHeader,
    ja4Header: ja4Header?.toLowerCase(),
    tlsHeader: tlsHeader?.toLowerCase(),
  };
}

function trust(list: BlockList, entry: string): void {
  const [, plain = '', length] = /^([0-9a-fA-F.:]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(entry) ?? [];
  const address = parseAddress(plain);
  if (address === undefined || plain.startsWith('[')) throw bad(entry, 'is no address or network');
  const bits = address.version === 4 ? 32 : 128;
  if (address.version === 4 && plain.includes(':')) throw bad(entry, 'write it as IPv4');
  const prefix = length === undefined ? bits : Number(length);
  if (prefix > bits) throw bad(entry, `has more than ${bits} bits`);
  if (prefix === 0) throw bad(entry, 'is everybody: name the proxies');
  list.addSubnet(formatAddress(address), prefix, address.version === 4 ? 'ipv4' : 'ipv6');
}

function bad(entry: string, what: string): CodedError<'bad_setting'> {
  return new CodedError('bad_setting', `proxy.trusted: "${entry}" ${what}.`);
}
