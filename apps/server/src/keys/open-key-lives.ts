// The keys of all realms, kept by themselves: the rotator's turns, and what else follows the signer's
// states (their events, their entries in the log).

import type { Audit } from '@countersign/audit';
import type { KeySchedule } from '@countersign/keys';
import {
  createKeyLives,
  createKeyLog,
  type KeyLives,
  type KeyLivesOptions,
  type KeyLog,
  type KeyPauses,
} from '@countersign/provider';
import { systemClock as clock, systemRandom as random } from '@countersign/vocabulary';
import type { Feed } from '../feed/publish-feed.ts';
import type { HouseLogs } from '../logs/learn-logs.ts';
import { followKeyLives } from '../reconcile/follow-key-lives.ts';
import { createKeyRecorder } from '../reconcile/record-new-keys.ts';
import { runReconciler } from '../reconcile/run-reconciler.ts';
import type { HouseSigners } from '../signers/learn-signers.ts';

export interface HouseKeysParts {
  baseUrl: string;
  /** Of the data folder, which one server at a time has locked. */
  instanceId: string;
  schedule: KeySchedule;
  store: KeyLivesOptions['store'];
  signers: Pick<HouseSigners, 'signer' | 'names'>;
  logs: Pick<HouseLogs, 'appender' | 'originOf' | 'first'>;
  audit: Audit;
  pauses: Pick<KeyPauses, 'pausedUntil'>;
  feed: Pick<Feed, 'refresh'>;
  onFailure(error: unknown): void;
}

export interface HouseKeys {
  keyLives: KeyLives;
  keyLog: KeyLog;
  /** What else is done in each turn of the reconciler. */
  jobs: (() => Promise<void>)[];
  /** Keys may have something to do: soon, not with the next turn. */
  nudge(): void;
  close(): Promise<void>;
}

export function openKeyLives(parts: HouseKeysParts): HouseKeys {
  const { baseUrl, schedule, store, signers, logs, audit, pauses, feed } = parts;
  const { signer, names } = signers;
  const { appender: notary, originOf, first } = logs;
  const keyLog = createKeyLog({
    ...{ audit, notary, clock },
    ...(originOf === undefined ? {} : { originOf }),
  });
  const keyLives = createKeyLives({
    ...{ baseUrl, store, signer, audit, keyLog, schedule, clock, random },
    // The records of an only signer carry no name.
    ...(names.length > 1 ? { signerNames: names } : {}),
    logKeys: first.keys,
    // Whoever has the folder is alone with it: what a killed run held is ours at once.
    holder: parts.instanceId,
    pausedUntil: pauses.pausedUntil,
    onQuarantined: () => feed.refresh(),
  });
  const rotating = runReconciler([() => keyLives.tick()], parts.onFailure);
  const keyRecorder = createKeyRecorder(audit, signer);
  const follower = followKeyLives({ audit, signer, keyLog, clock });
  return {
    keyLives,
    keyLog,
    jobs: [keyRecorder.look, follower.look],
    nudge: rotating.nudge,
    close: rotating.stop,
  };
}
