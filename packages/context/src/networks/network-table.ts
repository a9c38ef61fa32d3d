// Which network an address belongs to, from data that was made ahead of time.

export interface Network {
  asn?: number;
  asName?: string;
  /** ISO 3166-1 alpha-2. */
  country?: string;
}

export interface NetworkTable {
  /** When the data was made, in milliseconds since the Unix epoch. */
  readonly madeMs: number;
  /** What the data says about an address (canonical text); undefined for one it does not know. */
  find(address: string): Network | undefined;
}
