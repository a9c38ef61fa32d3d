// What the lives of keys are handed, and their limits.

import type { Audit, AuditTables } from '@countersign/audit';
import type { KeySchedule, SignatureAlg, SignerClient } from '@countersign/keys';
import type { LeaseTables, Store } from '@countersign/storage';
import type { Clock, Population, Random } from '@countersign/vocabulary';
import type { KeyLog } from '../key-log/log-key-events.ts';
import type { PopulationPolicy } from '../population-policy.ts';
import type { KeyLivesTables } from './key-lives-tables.ts';
import type { SteadyTime } from './watch-clock.ts';

export type KeyLivesStore = Store<KeyLivesTables & LeaseTables & AuditTables>;

export interface KeyLivesOptions {
  /** Without a trailing slash; keys of other issuers are left alone. */
  baseUrl: string;
  store: KeyLivesStore;
  signer: Pick<SignerClient, 'makeKey' | 'changeKey' | 'listKeys' | 'status'>;
  /** Each of them gets keys of its own for each realm. Default: there is one, without a name. */
  signerNames?: readonly string[];
  audit: Pick<
    Audit,
    'record' | 'listQuarantined' | 'quarantineKey' | 'countLiveTokens' | 'lastAcceptedUseMs'
  >;
  keyLog: KeyLog;
  schedule: KeySchedule;
  /** Of the log: the signer signs only what carries a receipt of this key. */
  logKeys: { receiptKey: string };
  clock: Clock;
  random: Random;
  policies?: Partial<Record<Population, PopulationPolicy>>;
  algorithms?: readonly SignatureAlg[];
  /** Whether scheduled rotation is held back now. Default: never. */
  pausedUntil?(issuer: string): Promise<{ untilMs: number; reason: string } | undefined>;
  /** A key was quarantined: resolves when verifiers can learn of it. */
  onQuarantined?(): Promise<void>;
  /** Time that no setting of the clock changes. */
  steady?: () => SteadyTime;
  /**
   * In whose name leases are held: whoever has this name is the next run of the same server, and takes
   * over at once what the run before held when it was killed. Default: nobody takes over before the end.
   */
  holder?: string;
  limits?: Partial<KeyLivesLimits>;
}

export interface KeyLivesLimits {
  /** Issuers one turn sees to; those that are due longest come first. */
  mostIssuersPerTick: number;
  /** A turn begins no further issuer after this long. */
  longestTickMs: number;
  /** How often turns are taken: what the heartbeat promises. */
  tickEveryMs: number;
  /** How long the rotator of all servers is held without a turn. */
  rotatorLeaseMs: number;
  /** How long one issuer's keys are held. */
  issuerLeaseMs: number;
  /** Longest wait for another server that holds them. */
  longestWaitMs: number;
  /** All keys are read anew this often even when their number stayed the same. */
  readAllEveryMs: number;
  /** An issuer with something that waits is looked at again after this long. */
  lookAgainMs: number;
  /** Where what a signer said last will do, it is not waited for longer than this. */
  signerPatienceMs: number;
}

export const defaultKeyLivesLimits: KeyLivesLimits = {
  mostIssuersPerTick: 64,
  longestTickMs: 5000,
  tickEveryMs: 1000,
  rotatorLeaseMs: 15_000,
  issuerLeaseMs: 60_000,
  longestWaitMs: 5000,
  readAllEveryMs: 60_000,
  lookAgainMs: 30_000,
  signerPatienceMs: 1000,
};
