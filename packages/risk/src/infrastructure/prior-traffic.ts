// The infrastructure head before anybody trained one: weights by judgement, in the log-odds of an attack.
// Order of size: ten times the failures an address is allowed weigh as much as Tor; a company behind one
// address weighs nothing, because what is usual of it is subtracted before.

import { TRAFFIC_FEATURES } from './traffic-features.ts';

export const PRIOR_BIAS = -7;

const WEIGHTS: Readonly<Record<string, number>> = {
  ip_failures: 1.2,
  ip_unknown: 1.2,
  ip_users: 1,
  ip_rate: 0.5,
  net_failures: 0.8,
  net_unknown: 0.8,
  net_users: 0.6,
  net_rate: 0.3,
  asn_failures: 0.5,
  asn_unknown: 0.5,
  no_address: 1.5,
  hosting: 1.2,
  vpn: 0.8,
  tor: 2.5,
  relay: 0.2,
  bot: 1.5,
  implausible: 1.5,
};

export const PRIOR_WEIGHTS = Float64Array.from(TRAFFIC_FEATURES, (name) => WEIGHTS[name] ?? 0);

/** Shares fall by this power of the odds: a hosting network one in 11, Tor one in 150 legitimate acts. */
const FALL = 2;
const LEAST_TAIL = 1e-5;

/** Share of legitimate acts at least this odd, as long as nothing was measured. In (0, 1]. */
export function priorTrafficTail(raw: number): number {
  return Math.min(Math.max(Math.exp(-FALL * (raw - PRIOR_BIAS)), LEAST_TAIL), 1);
}
