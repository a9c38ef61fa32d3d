// Which network an address belongs to, from data that was made ahead of time.

import type { Address } from '../address/parse-address.ts';
import type { NetworkSource } from './network-file.ts';

export interface Network {
  asn?: number;
  asName?: string;
  /** ISO 3166-1 alpha-2. */
  country?: string;
}

export interface NetworkTable {
  /** When the data was made, in milliseconds since the Unix epoch. */
  readonly madeMs: number;
  readonly sources: readonly NetworkSource[];
  /** To be shown where the results are. */
  readonly attribution: readonly string[];
  /** Undefined for an address that the data does not know. IPv6 is known by its first 64 bits. */
  find(address: Address): Network | undefined;
}
