// A witness: a name, two keys, and the latest checkpoint it cosigned of each log it was told to
// watch. Anybody may run one; the log's quorum policy says whose word counts.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { formatVerifierKey, type NoteKey } from '@countersign/verifier';
import { type Clock, systemClock } from '@countersign/vocabulary';
import { makePrivateFolder, replaceDurably } from '../disk/durable-file.ts';
import { holdFolder } from '../disk/hold-folder.ts';
import { keepEvidence } from '../evidence/keep-evidence.ts';
import { refusal } from '../watcher-error.ts';
import type { Cosigner } from './cosigner.ts';
import { hashOrigin } from './hash-origin.ts';
import type { AddCheckpoint } from './parse-request.ts';
import { asRefusal } from './refuse-when-full.ts';
import { SigningFence } from './signing-fence.ts';
import { NOTHING_YET, WatchedLog } from './watched-log.ts';
import { type WitnessAnswer, WitnessRefusal } from './witness-answer.ts';
import {
  makeIdentity,
  openCosigner,
  readIdentity,
  type WitnessIdentity,
  writeIdentity,
} from './witness-identity.ts';

export interface WitnessOptions {
  /** Its own: keys and states. Made when missing if `make` says so. */
  folder: string;
  /** Keys of the logs to watch; keys of one name are of one log. */
  logs: readonly NoteKey[];
  /** Makes a witness of this name when the folder is empty; otherwise an empty folder is refused. */
  make?: { name: string };
  /** Seals the private keys; at least 16 bytes. Without it they lie open in a file of mode 0600. */
  passphrase?: Uint8Array;
  clock?: Clock;
  /** Told once, when a write ended so that the state on disk is unknown: nothing is signed after. */
  onStopped?: (error: unknown) => void;
  /** Told of the file when a log was caught with two histories; it is in the folder. */
  onFork?: (origin: string, file: string) => void;
}

export interface Witness {
  readonly name: string;
  /** Ed25519 (cosignature/v1) and ML-DSA-44, as text. */
  readonly keys: Readonly<{ ed25519: string; mldsa44: string }>;
  /** What it watches, and how far. */
  readonly logs: readonly { origin: string; size: number }[];
  /** @throws WitnessRefusal */
  addCheckpoint(request: AddCheckpoint): Promise<WitnessAnswer>;
  /** The latest cosigned checkpoint of the log whose origin has this hash (lower-case hex). */
  latest(originHash: string): string | undefined;
  close(): Promise<void>;
}

const LOG_FOLDER = 'logs';

/**
 * @throws CodedError `witness_missing`, `folder_not_empty`, `folder_locked`, `key_unreadable`,
 *   `state_missing`, `state_corrupt`, `name_malformed`, `log_key_unfit`
 */
export async function openWitness(options: WitnessOptions): Promise<Witness> {
  const { folder, logs, clock = systemClock } = options;
  const keysOfLogs = groupKeys(logs);
  if (options.make !== undefined) makePrivateFolder(folder);
  else if (!existsSync(folder)) throw missing(folder);
  const lock = holdFolder(folder);
  try {
    const { identity, cosigner } = await openOrMake(options, clock);
    checkClock(identity, clock);
    await admitLogs(folder, identity, [...keysOfLogs.keys()]);
    const fence = new SigningFence(options.onStopped);
    const watched = new Map<string, WatchedLog>();
    for (const [origin, keys] of keysOfLogs) {
      const path = statePath(folder, origin);
      const onFork = async (evidence: string): Promise<void> => {
        const file = await keepEvidence(folder, origin, evidence).catch(asRefusal);
        if (file !== undefined) options.onFork?.(origin, file);
      };
      const log = await WatchedLog.open({ origin, keys, path, cosigner, clock, fence, onFork });
      watched.set(hashOrigin(origin), log);
    }
    return new FolderWitness(cosigner, watched, lock, fence);
  } catch (error) {
    lock.release();
    throw error;
  }
}

class FolderWitness implements Witness {
  readonly #cosigner: Cosigner;
  readonly #watched: ReadonlyMap<string, WatchedLog>;
  readonly #lock: { release(): void };
  readonly #fence: SigningFence;

  constructor(
    cosigner: Cosigner,
    watched: ReadonlyMap<string, WatchedLog>,
    lock: { release(): void },
    fence: SigningFence,
  ) {
    this.#cosigner = cosigner;
    this.#watched = watched;
    this.#lock = lock;
    this.#fence = fence;
  }

  get name(): string {
    return this.#cosigner.name;
  }

  get keys(): { ed25519: string; mldsa44: string } {
    const { ed25519, mldsa44 } = this.#cosigner.keys;
    return { ed25519: formatVerifierKey(ed25519), mldsa44: formatVerifierKey(mldsa44) };
  }

  get logs(): { origin: string; size: number }[] {
    return [...this.#watched.values()].map(({ origin, size }) => ({ origin, size }));
  }

  async addCheckpoint(request: AddCheckpoint): Promise<WitnessAnswer> {
    const log = this.#watched.get(hashOrigin(request.checkpoint.origin));
    if (log === undefined) {
      throw new WitnessRefusal('origin_unknown', 'This witness does not watch that log.');
    }
    this.#fence.check();
    return log.add(request);
  }

  latest(originHash: string): string | undefined {
    return this.#watched.get(originHash)?.latest;
  }

  async close(): Promise<void> {
    this.#fence.shut();
    await Promise.all([...this.#watched.values()].map((log) => log.settled()));
    this.#lock.release();
  }
}

async function openOrMake(
  { folder, make, passphrase }: WitnessOptions,
  clock: Clock,
): Promise<{ identity: WitnessIdentity; cosigner: Cosigner }> {
  const identity = readIdentity(folder);
  if (identity !== undefined) {
    return { identity, cosigner: openCosigner({ folder, passphrase }, identity) };
  }
  if (make !== undefined) return makeIdentity({ folder, passphrase }, make.name, clock.nowMs());
  throw missing(folder);
}

/** Gives each new log its state file before its name: a name without a file is a loss. */
async function admitLogs(
  folder: string,
  identity: WitnessIdentity,
  origins: readonly string[],
): Promise<void> {
  const fresh = origins.filter((origin) => !identity.logs.includes(origin));
  if (fresh.length === 0) return;
  makePrivateFolder(join(folder, LOG_FOLDER));
  for (const origin of fresh) {
    const path = statePath(folder, origin);
    // What was cosigned is never written over, also when an older list of the logs was put back.
    if (!existsSync(path)) await replaceDurably(path, Buffer.from(NOTHING_YET));
  }
  await writeIdentity(folder, { ...identity, logs: [...identity.logs, ...fresh] });
}

function checkClock({ createdMs }: WitnessIdentity, clock: Clock): void {
  if (clock.nowMs() >= createdMs - 10_000) return;
  throw refusal('clock_behind', 'The clock is before the day this witness was made; set it.');
}

function groupKeys(logs: readonly NoteKey[]): Map<string, NoteKey[]> {
  const keys = new Map<string, NoteKey[]>();
  for (const key of logs) {
    if (key.purpose !== 'ed25519' && key.purpose !== 'mldsa44') {
      throw refusal('log_key_unfit', `The key of ${key.name} is not one that signs checkpoints.`);
    }
    keys.set(key.name, [...(keys.get(key.name) ?? []), key]);
  }
  return keys;
}

function missing(folder: string): Error {
  return refusal(
    'witness_missing',
    `There is no witness in ${folder}. If one ever ran here, restore its folder; otherwise ask for a new one to be made.`,
  );
}

function statePath(folder: string, origin: string): string {
  return join(folder, LOG_FOLDER, hashOrigin(origin));
}
