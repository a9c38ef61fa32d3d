// One act of a stream in which people mistype and attackers try: what the infrastructure head looks at.

import { ATTRIBUTE_INDEX, ATTRIBUTES } from '@countersign/risk';
import type { Logins } from '../logins.ts';
import { fillValues } from '../protocol/to-training-rows.ts';

/** By what their traffic looks like. `spread` is not to be told by it: each address tries once or twice. */
export const CAMPAIGNS = ['spray', 'stuffing', 'brute force', 'spread'] as const;
export type Campaign = (typeof CAMPAIGNS)[number];

export interface TrafficAct {
  timeMs: number;
  /** By index of ATTRIBUTES. */
  values: Float64Array;
  /** Number of the account; −1 when nobody has the name. */
  subject: number;
  failed: boolean;
  /** Of an attacker. A success of one is a sign-in that is to be found. */
  campaign?: Campaign;
}

const NETS = 1024;

/** What a login shows, with the /24 that the world does not have: some thousand in each network. */
export function valuesOf(logins: Logins, row: number): Float64Array {
  const values = new Float64Array(ATTRIBUTES.length);
  fillValues(logins.traits, row, values);
  return setPlace(values, values[ATTRIBUTE_INDEX.ip]!, values[ATTRIBUTE_INDEX.asn]!);
}

/** Puts an act at an address of a network. @param net its /24; by chance of the address when absent */
export function setPlace(
  values: Float64Array,
  ip: number,
  asn: number,
  net = 1 + asn * NETS + ((Math.imul(ip, 0x9e3779b1) >>> 0) % NETS),
): Float64Array {
  values[ATTRIBUTE_INDEX.ip] = ip;
  values[ATTRIBUTE_INDEX.asn] = asn;
  values[ATTRIBUTE_INDEX.net] = net;
  return values;
}
