// The engine of this house: the model that judges, the one that looks on, and the parts that each do one
// thing. A model that cannot be read costs the learned heads, never the start, and every score says so.

import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ModelBook } from '@countersign/memory';
import {
  assess,
  DEFAULT_MODEL_SHA256,
  type ModelTrust,
  openStandardEngine,
  type RiskEngine,
  type RiskSettings,
  readDefaultModelBytes,
} from '@countersign/risk';
import type { RiskSettingsOfHouse } from '../settings/read-risk.ts';
import type { Brain, RiskHouse } from './risk-house.ts';

export interface HouseEngine extends Brain {
  readonly engine: RiskEngine;
  readonly challenger: RiskEngine | undefined;
  /** Reads the models again: one was put in or taken out. */
  reload(): Promise<void>;
  /** Whether bytes are a model that this house would let judge, and its id. @throws RiskError */
  check(bytes: Uint8Array): string;
}

interface Parts {
  settings: RiskSettingsOfHouse;
  models: ModelBook;
  log: RiskHouse['log'];
}

export async function assembleEngine({ settings, models, log }: Parts): Promise<HouseEngine> {
  const budgets: Partial<RiskSettings> = {
    mediumShare: settings.mediumShare,
    highShare: settings.highShare,
  };
  const keys = readKeys(settings.modelKeys);
  const open = (file: { bytes: Uint8Array; trust: ModelTrust }): RiskEngine => {
    const { engine: opened, refused } = openStandardEngine({ settings: budgets, file });
    if (refused !== undefined) {
      log.error({ err: refused }, 'the risk model cannot be used: detections judge alone');
    }
    return opened;
  };
  let engine: RiskEngine;
  let challenger: RiskEngine | undefined;
  const load = async (): Promise<void> => {
    const [own, other] = await Promise.all([models.find('champion'), models.find('challenger')]);
    engine = open(own === undefined ? shipped(settings, keys, log) : trusted(own.bytes, keys));
    challenger = other === undefined ? undefined : open(trusted(other.bytes, keys));
  };
  await load();
  // One after the other: what was put in last is what judges, however long another takes to read.
  let loading = Promise.resolve();
  return {
    get engine() {
      return engine;
    },
    get challenger() {
      return challenger;
    },
    assess: (input, memory) => assess(engine, input, memory),
    assessBeside: (input, memory) =>
      challenger === undefined ? undefined : assess(challenger, input, memory),
    reload: () => {
      loading = loading.then(load, load);
      return loading;
    },
    check: (bytes) => {
      const { engine: read, refused } = openStandardEngine({ file: trusted(bytes, keys) });
      if (refused !== undefined) throw refused;
      return read.model?.id ?? 'none';
    },
  };
}

function trusted(bytes: Uint8Array, keys: Readonly<Record<string, KeyObject>>) {
  return { bytes, trust: { keys } };
}

/** The model of the settings, else the one that comes with the engine. */
function shipped(
  { model }: RiskSettingsOfHouse,
  keys: Readonly<Record<string, KeyObject>>,
  log: RiskHouse['log'],
): { bytes: Uint8Array; trust: ModelTrust } {
  if (model === undefined) {
    return { bytes: readOr(readDefaultModelBytes, log), trust: { sha256: DEFAULT_MODEL_SHA256 } };
  }
  return trusted(
    readOr(() => readFileSync(model), log),
    keys,
  );
}

/** No bytes are no model: it is refused, and every score says so. */
function readOr(read: () => Uint8Array, log: RiskHouse['log']): Uint8Array {
  try {
    return read();
  } catch (err) {
    log.error({ err }, 'the risk model cannot be read');
    return new Uint8Array();
  }
}

function readKeys(given: Readonly<Record<string, string>>): Record<string, KeyObject> {
  const entries = Object.entries(given).map(([id, pem]) => [id, createPublicKey(pem)] as const);
  return Object.fromEntries(entries);
}
