// What the server hands to this room.

import type { Audit, AuditTables } from '@countersign/audit';
import type { Directory } from '@countersign/directory';
import type { SignerClient } from '@countersign/keys';
import type { LeaseTables, Store } from '@countersign/storage';
import type { NotaryClient } from '@countersign/transparency';
import type { Clock, Population, Random } from '@countersign/vocabulary';
import type { RecentSignIns } from './account/recent-sign-ins.ts';
import type { ProviderTables } from './artifacts/tables.ts';
import type { KeyLives } from './key-lives/key-lives.ts';
import type { KeyLog } from './key-log/log-key-events.ts';
import type { ProviderLimits } from './limits.ts';
import type { PopulationPolicy } from './population-policy.ts';
import type { ProviderSecrets } from './realm/realm-secrets.ts';
import type { AddressOf } from './realm/request-facts.ts';
import type { RiskGate } from './risk-gate/risk-gate.ts';
import type { SurroundingsOf } from './risk-gate/surroundings-of.ts';

export interface ProviderOptions {
  /** Without a trailing slash; every issuer is BASE/TENANT/POPULATION. */
  baseUrl: string;
  /** The store that `audit` writes to as well. */
  store: Store<ProviderTables & AuditTables & LeaseTables>;
  directory: Directory;
  audit: Audit;
  signer: SignerClient;
  notary: Pick<NotaryClient, 'append' | 'ready'>;
  /** Which of several logs a receipt is of, by its origin. Default: there is one log. */
  originOf?(receipt: Uint8Array): string;
  /** Where events of keys are logged; shared with whoever else logs some. Default: one of its own. */
  keyLog?: KeyLog;
  /** Which keys there are and which one signs; shared with the rotator. Default: one of its own, which nobody turns. */
  keyLives?: KeyLives;
  /** Of the log: the signer signs only what carries a receipt of this key. */
  logKeys: { receiptKey: string };
  secrets: ProviderSecrets;
  /** Names this instance in the leaves it makes, for the tenants: 1 to 255 bytes, never given to another. */
  instanceId: string;
  clock: Clock;
  random: Random;
  policies?: Partial<Record<Population, PopulationPolicy>>;
  limits?: Partial<ProviderLimits>;
  /**
   * Where back-channel logouts may go: `public` addresses only, or `any`. Default: `any` when
   * `baseUrl` itself is a loopback address (development), else `public`.
   */
  outbound?: 'public' | 'any';
  /**
   * The visitor's address, for rate limits and the record. Default: what the socket says. Behind a
   * reverse proxy give the one the proxy vouches for, or all visitors count as one.
   */
  addressOf?: AddressOf;
  /**
   * What a request shows of who sent it, for the risk gate. Default: its headers and `addressOf`; facts of
   * TLS only from a proxy that the server trusts.
   */
  surroundingsOf?: SurroundingsOf;
  /** Asked about the risk of every sign-in, refresh and token. Default: everything is allowed. */
  risk?: RiskGate;
  /** What the account page shows of a person's sign-ins. Default: nothing is shown. */
  recentSignIns?: RecentSignIns;
  /** Unexpected failures, with the reference the visitor was shown. Default: dropped. */
  onFailure?(error: unknown, reference: string): void;
  /** Tokens were revoked: the verifier feed can follow at once. */
  onRevoked?(): void;
}
