// Lists of networks that are known to be a data centre, a VPN, an exit of Tor or a relay.

import type { Anonymiser } from '../surroundings.ts';

export interface ListedAs {
  hosting: boolean;
  anonymiser?: Anonymiser;
}

export interface NetworkLists {
  /** What the lists say about an address (canonical text) and its ASN. */
  find(address: string, asn: number | undefined): ListedAs;
  /** Whether a list is too old to be believed at `nowMs`. */
  stale(nowMs: number): boolean;
}
