// What the parts of the risk engine in this house are handed: the memory, the engine, and whom they tell.

import type { Audit } from '@countersign/audit';
import type { Surroundings } from '@countersign/context';
import type { ActMemory, Memory } from '@countersign/memory';
import type { Assessment, RiskInput, Standing } from '@countersign/risk';
import type { Clock, RealmId, RequestSurroundings } from '@countersign/vocabulary';
import type { Logger } from 'pino';
import type { Policies } from './keep-policies.ts';
import type { Calibrated, Detecting, Infrastructure } from './shapes.ts';
import type { StandingWatch } from './watch-standings.ts';

export type HouseMemory = Memory<Infrastructure, Calibrated, Detecting, Standing>;
export type HouseActMemory = ActMemory<Infrastructure, Calibrated, Detecting, Standing>;

/** The engine as it is now: a model can be put in while the house runs. */
export interface Brain {
  assess(input: RiskInput, memory: HouseActMemory): Assessment;
  /** What the challenger says, without effect; undefined without one. */
  assessBeside(input: RiskInput, memory: HouseActMemory): Assessment | undefined;
}

export interface RiskHouse {
  memory: HouseMemory;
  brain: Brain;
  policies: Policies;
  standings: StandingWatch;
  audit: Pick<Audit, 'record' | 'listEvents'>;
  clock: Clock;
  log: Pick<Logger, 'warn' | 'error'>;
  describe(request: RequestSurroundings): Surroundings;
  /** Passkeys of a person that could prove a step-up. */
  countFactors(realm: RealmId, subject: string): Promise<number>;
  /** When a factor of a person was enrolled; undefined when there is none by that id. */
  enrolledMs(realm: RealmId, subject: string, factorId: string): Promise<number | undefined>;
  /** Whether there is such a person, who is not disabled. */
  canSignIn(realm: RealmId, subject: string): Promise<boolean>;
  /** Whether a client has servers of its own: what they show is not what its people show. */
  hasServers(realm: RealmId, clientId: string): Promise<boolean>;
  /** What is thought of somebody changed: whoever ends sign-ins should look. */
  onChanged(): void;
}
