// Opens the risk engine of the house: its memory, the engine, what tenants want done, and the gate that
// the provider asks.

import type { Audit } from '@countersign/audit';
import { keepMemory, type MemoryTables } from '@countersign/memory';
import type { RiskGate } from '@countersign/provider';
import type { Store } from '@countersign/storage';
import type { Clock, Random } from '@countersign/vocabulary';
import type { Logger } from 'pino';
import type { RiskSettingsOfHouse } from '../settings/read-risk.ts';
import { assembleEngine, type HouseEngine } from './assemble-engine.ts';
import { foldAct } from './fold-act.ts';
import { judgeAttempt } from './judge-attempts.ts';
import { judgeUses, type UseJudge } from './judge-uses.ts';
import { keepPolicies } from './keep-policies.ts';
import { noteAttempt } from './note-attempts.ts';
import type { RiskHouse } from './risk-house.ts';
import { shapes } from './shapes.ts';
import { StandingWatch } from './watch-standings.ts';

export interface RiskParts {
  settings: RiskSettingsOfHouse;
  store: Store<MemoryTables>;
  /** The data folder's secret of the key book. */
  secret: Uint8Array;
  audit: Pick<Audit, 'record' | 'listEvents' | 'findIssued'>;
  clock: Clock;
  random: Random;
  log: Logger;
  describe: RiskHouse['describe'];
  countFactors: RiskHouse['countFactors'];
  enrolledMs: RiskHouse['enrolledMs'];
  canSignIn: RiskHouse['canSignIn'];
  hasServers: RiskHouse['hasServers'];
}

export interface OpenedRisk {
  house: RiskHouse;
  engine: HouseEngine;
  gate: RiskGate;
  uses: UseJudge;
  /** Whoever ends sign-ins, once there is a provider. */
  follow(onChanged: () => void): void;
  close(): Promise<void>;
}

export async function openRisk(parts: RiskParts): Promise<OpenedRisk> {
  const { settings, store, audit, clock, random, log } = parts;
  // Folding needs the engine, the engine its models, and those are in the memory: the last comes first.
  let engine: HouseEngine | undefined;
  const memory = await keepMemory({
    ...{ store, clock, random, secret: parts.secret, shapes },
    fold: (act, of) => foldAct((engine ?? fail()).engine, act, of),
    prepare: async (models) => {
      engine = await assembleEngine({ settings, models, log });
    },
    onTrouble: (what, err, realm) => log.error({ err, realm }, what),
  });
  const brain = engine ?? fail();
  const policies = await keepPolicies({ memory, audit, clock, log, house: settings.policy });
  const standings = await StandingWatch.open({ memory, policies, clock });
  let onChanged = (): void => {};
  const house: RiskHouse = {
    ...{ memory, brain, policies, standings, audit, clock, log },
    describe: parts.describe,
    countFactors: parts.countFactors,
    enrolledMs: parts.enrolledMs,
    canSignIn: parts.canSignIn,
    hasServers: parts.hasServers,
    onChanged: () => onChanged(),
  };
  const uses = judgeUses(house, audit);
  return {
    ...{ house, engine: brain, uses },
    gate: {
      judge: (attempt) => judgeAttempt(house, attempt),
      note: (attempt, settled) => noteAttempt(house, attempt, settled),
      limitsNow: (realm, subject) => standings.limitsNow(realm, subject),
    },
    follow: (follower) => {
      onChanged = follower;
    },
    close: async () => {
      await uses.close();
      await memory.close();
    },
  };
}

function fail(): never {
  throw new Error('the engine is assembled before anything is folded');
}
