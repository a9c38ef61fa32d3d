// Opens a log, or makes one where none ever was. Everything that can be doubted is checked before
// the first append: whose folder it is, keys, head, clock, WAL, tiles.

import { createHash } from 'node:crypto';
import { type Clock, isCodedError, type Random } from '@countersign/vocabulary';
import type { LogDisk } from '../disk/log-disk.ts';
import { nodeDisk } from '../disk/node-disk.ts';
import { DEFAULT_KEY_COST, type KeyCost } from '../identity/derive-wrapping-key.ts';
import { holdWriterLock, type WriterLock } from '../identity/hold-writer-lock.ts';
import {
  checkOrigin,
  type LogIdentity,
  type LogKeys,
  openKeys,
  readIdentity,
} from '../identity/log-identity.ts';
import { refusal } from '../transparency-error.ts';
import { WAL_FOLDER } from '../wal/prepare-segment.ts';
import { type RecoveredWal, recoverWal } from '../wal/recover-wal.ts';
import { RetainedSegments } from '../wal/retained-segments.ts';
import { LOG_ID_BYTES } from '../wal/segment-header.ts';
import { WalWriter } from '../wal/wal-writer.ts';
import { checkClock, checkHead } from './check-head.ts';
import { checkRemembered } from './check-witnessed.ts';
import { type Head, HeadKeeper, readHead } from './head-file.ts';
import type { LogState } from './log-state.ts';
import { makeLog } from './make-log.ts';
import { ignoreSteps, type OnStep } from './protocol-step.ts';
import { LARGE_BACKLOG, Publisher } from './publish.ts';
import { PUBLIC_FOLDER, recoverState } from './recover-state.ts';
import { type LogLimits, TransparencyLog } from './transparency-log.ts';

export interface OpenLogOptions {
  /** An existing folder that holds the log and nothing else. */
  folder: string;
  /** First line of every checkpoint, for example `localhost:4600/log`; fixed for life. */
  origin: string;
  /** At least 16 bytes. */
  passphrase: Uint8Array;
  clock: Clock;
  random: Random;
  /** Called once when the disk failed: the process must end and may be started again. */
  onFatal(error: unknown): void;
  /** Make a log when the folder is empty. Default false: a lost folder must not become a new log. */
  make?: boolean;
  /** How long to wait for a writer that is just leaving. Default 0. */
  lockWaitMs?: number;
  /** Default the folder itself. */
  disk?: LogDisk;
  /** Takes the writer's lock, waiting at most `waitMs`. Default: on the folder. */
  takeLock?: (waitMs: number) => WriterLock;
  /** For new keys. Default 32 MiB, 3 passes. */
  keyCost?: KeyCost;
  /** Default 1,000. */
  integrateEveryMs?: number;
  /** Default 5,000. */
  idleRepublishMs?: number;
  /** How long a new checkpoint may wait to be shown with cosignatures. Default 0: not at all. */
  cosignedWaitMs?: number;
  /** Default 4 MiB. */
  segmentBytes?: number;
  /** Told of every step of the commit protocol as it is passed; for tests that crash there. */
  onStep?: OnStep;
  limits?: Partial<LogLimits>;
}

const DEFAULT_LIMITS: LogLimits = { queued: 16_384, unpublished: 262_144 };

/** @throws CodedError of every `LogRefusal` */
export async function openLog(options: OpenLogOptions): Promise<TransparencyLog> {
  checkOrigin(options.origin);
  const takeLock = options.takeLock ?? ((waitMs) => holdWriterLock(options.folder, waitMs));
  const lock = takeLock(options.lockWaitMs ?? 0);
  try {
    return await openLocked(options, options.disk ?? nodeDisk(options.folder), lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openLocked(
  options: OpenLogOptions,
  disk: LogDisk,
  lock: WriterLock,
): Promise<TransparencyLog> {
  const onStep = options.onStep ?? ignoreSteps;
  onStep('open.locked');
  const { identity, keys } = findOrMake(options, disk);
  const head = readHead(disk);
  await checkHead(disk, head, identity.origin, keys.checkpoint.note);
  const fingerprint = createHash('sha256').update(identity.keys.receipt).digest();
  const logId = fingerprint.subarray(0, LOG_ID_BYTES);
  const wal = recoverWal(disk, logId);
  const lastWrittenMs = wal.segments.at(-1)?.records.at(-1)?.writtenMs ?? 0;
  checkClock(options.clock.nowMs(), Math.max(head.timeMs, lastWrittenMs));
  const { state } = await recoverState(disk, wal, head, onStep);
  await checkRemembered({ disk, origin: identity.origin, key: keys.checkpoint.note, head });
  onStep('open.recovered');
  const epoch = Math.max(head.epoch, wal.epoch) + 1;
  // Only the numbers: a header is a view that would keep its whole segment in memory.
  const places = wal.segments.map(({ header: { sequence, firstIndex } }) => ({
    sequence,
    firstIndex,
  }));
  const retained = new RetainedSegments(disk, places, onStep);
  const writer = beginWal(options, disk, wal, { logId, epoch, size: state.size, retained });
  onStep('open.segment-begun');
  const keeper = takeOver(disk, head, epoch, onStep);
  onStep('open.taken-over');
  // What lies below the head was compared with its tiles just now.
  await retained.removeBelow(head.size);
  return assemble(options, { disk, identity, keys, state, writer, keeper, retained, lock, epoch });
}

function findOrMake(
  options: OpenLogOptions,
  disk: LogDisk,
): { identity: LogIdentity; keys: LogKeys } {
  const { origin, passphrase, random } = options;
  const identity = readIdentity(disk, origin);
  if (identity !== undefined) return { identity, keys: openKeys(disk, identity, passphrase) };
  if (options.make !== true) {
    throw refusal(
      'log_missing',
      'The folder is empty. If a log ran here, its folder is lost or not mounted; only a first start makes a new log.',
    );
  }
  const cost = options.keyCost ?? DEFAULT_KEY_COST;
  const createdMs = options.clock.nowMs();
  return makeLog(disk, { origin, passphrase, random, cost, createdMs }, options.onStep);
}

interface NewSegment {
  logId: Uint8Array;
  epoch: number;
  size: number;
  retained: RetainedSegments;
}

/** Every opening starts its own segment, so that what is recovered is never written over. */
function beginWal(
  options: OpenLogOptions,
  disk: LogDisk,
  wal: RecoveredWal,
  { logId, epoch, size, retained }: NewSegment,
): WalWriter {
  for (const name of wal.unused) {
    disk.remove(`${WAL_FOLDER}/${name}`);
    options.onStep?.('open.unused-removed');
  }
  const writer = new WalWriter({
    disk,
    logId,
    epoch,
    nextSequence: wal.nextSequence,
    randomBytes: (count) => options.random.bytes(count),
    onStarted: (segment) => retained.add(segment),
    ...(options.segmentBytes === undefined ? {} : { segmentBytes: options.segmentBytes }),
    ...(options.onStep === undefined ? {} : { onStep: options.onStep }),
  });
  try {
    writer.startSegment(size, options.clock.nowMs());
  } catch (error) {
    // A log on a full disk still opens: it answers readers, and appends once there is room.
    if (!isCodedError(error) || error.code !== 'log_full') throw error;
  }
  return writer;
}

/** Marks the head with the new epoch: a writer that still believes it owns the log is fenced off. */
function takeOver(disk: LogDisk, head: Head, epoch: number, onStep: OnStep): HeadKeeper {
  const keeper = new HeadKeeper(disk, head, onStep);
  const { size, root, timeMs, note } = head;
  keeper.advance({ epoch, size, root, timeMs, note });
  return keeper;
}

interface OpenParts {
  disk: LogDisk;
  identity: LogIdentity;
  keys: LogKeys;
  state: LogState;
  writer: WalWriter;
  keeper: HeadKeeper;
  retained: RetainedSegments;
  lock: WriterLock;
  epoch: number;
}

async function assemble(options: OpenLogOptions, parts: OpenParts): Promise<TransparencyLog> {
  const { disk, identity, keys, state, writer, keeper, retained, lock, epoch } = parts;
  const nowMs = (): number => options.clock.nowMs();
  const publisher = new Publisher({
    disk,
    state,
    head: keeper,
    keys,
    origin: identity.origin,
    epoch,
    nowMs,
    idleRepublishMs: options.idleRepublishMs ?? 5000,
    cosignedWaitMs: options.cosignedWaitMs ?? 0,
    onPublished: (size) => retained.removeBelow(size),
    onStep: options.onStep ?? ignoreSteps,
  });
  // After a crash under load thousands of tiles are to be written: appends need not wait for them.
  const behind = state.size - publisher.publishedSize > LARGE_BACKLOG;
  await (behind ? publisher.showSigned() : publisher.tick());
  options.onStep?.('open.published');
  return new TransparencyLog({
    identity,
    keys,
    state,
    wal: writer,
    publisher,
    disk,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    integrateEveryMs: options.integrateEveryMs ?? 1000,
    nowMs,
    readPublic: (path) => disk.readLater(`${PUBLIC_FOLDER}/${path}`),
    release: () => {
      keeper.close();
      lock.release();
    },
    onFatal: options.onFatal,
    onStep: options.onStep ?? ignoreSteps,
  });
}
