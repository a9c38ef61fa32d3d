// What a log claims of itself, before a single entry is hashed: whose it is, which trees it signed,
// and what its WAL holds. Signatures are checked with the public keys in log.json, so that no
// passphrase is needed; a log that is running is read as it stands.

import { createHash } from 'node:crypto';
import {
  equalBytes,
  FormatError,
  type NoteKey,
  parseVerifierKey,
  type VerifiedCheckpoint,
  verifyCheckpoint,
} from '@countersign/verifier';
import { isCodedError } from '@countersign/vocabulary';
import type { DiskReader } from '../disk/log-disk.ts';
import {
  IDENTITY_FILE,
  type LogIdentity,
  logKeyPath,
  readIdentity,
} from '../identity/log-identity.ts';
import { LOG_KEY_ROLES } from '../identity/log-key-file.ts';
import { WITNESSED_FILE } from '../log/check-witnessed.ts';
import { HEAD_FILE, type Head, readHead, unsoundSlots } from '../log/head-file.ts';
import { CHECKPOINT_PATH } from '../log/publish.ts';
import { refusal } from '../transparency-error.ts';
import { WAL_FOLDER } from '../wal/prepare-segment.ts';
import { type RecoveredWal, recoverWal } from '../wal/recover-wal.ts';
import { LOG_ID_BYTES, segmentName } from '../wal/segment-header.ts';
import { Difference, type FsckFinding } from './fsck-report.ts';

/** A log at work may change a file between two reads of it; damage is there every time. */
const ATTEMPTS = 4;

export interface LogClaims {
  identity: LogIdentity;
  head: Head;
  /** The checkpoint that is shown; undefined before the first. */
  shown: VerifiedCheckpoint | undefined;
  wal: RecoveredWal;
  remarks: FsckFinding[];
}

/** @throws Difference */
export async function readClaims(reader: DiskReader): Promise<LogClaims> {
  const identity = readWhole(reader);
  checkKeyFiles(reader, identity);
  // In this order, because a running log writes the head before it shows a checkpoint, and an
  // entry to the WAL before it is in a head.
  const note = reader.read(CHECKPOINT_PATH);
  const head = readStable(() => readHead(reader), HEAD_FILE, 'head_damaged');
  const wal = readStable(() => readWal(reader, identity), WAL_FOLDER, 'wal_damaged');
  await checkHeadNote(head, identity);
  const shown = note && (await checkNote(note, CHECKPOINT_PATH, identity));
  checkOrder(head, shown, wal);
  return { identity, head, shown, wal, remarks: findRemarks(reader, wal, head, shown) };
}

function readWhole(reader: DiskReader): LogIdentity {
  try {
    const { origin } = JSON.parse(String(reader.read(IDENTITY_FILE) ?? '')) as { origin: string };
    const identity = readIdentity(reader, origin);
    if (identity === undefined) throw new SyntaxError('empty');
    for (const text of Object.values(identity.keys)) parseVerifierKey(text);
    return identity;
  } catch (cause) {
    if (!(cause instanceof SyntaxError || cause instanceof FormatError || isCodedError(cause))) {
      throw cause;
    }
    const message = 'The folder holds no log, or its log.json is damaged.';
    throw new Difference({ what: 'identity_damaged', path: IDENTITY_FILE, message });
  }
}

/** The public half in each key file is the one that the log is known by. */
function checkKeyFiles(reader: DiskReader, identity: LogIdentity): void {
  for (const role of LOG_KEY_ROLES) {
    const expected = identity.keys[role];
    if (expected === undefined) continue;
    const path = logKeyPath(role);
    const found = publicHalf(reader.read(path));
    if (found === expected) continue;
    const message = `The file of the ${role} key is missing, damaged, or holds another key.`;
    throw new Difference({
      what: 'key_file_differs',
      path,
      expected,
      ...(found === undefined ? {} : { found }),
      message,
    });
  }
}

function publicHalf(bytes: Buffer | undefined): string | undefined {
  try {
    const { verifierKey } = JSON.parse(String(bytes ?? '')) as { verifierKey?: unknown };
    return typeof verifierKey === 'string' ? verifierKey : undefined;
  } catch {
    return undefined;
  }
}

function readStable<Value>(
  read: () => Value,
  path: string,
  what: 'head_damaged' | 'wal_damaged',
): Value {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return read();
    } catch (error) {
      if (!isCodedError(error)) throw error;
      if (attempt === ATTEMPTS) throw new Difference({ what, path, message: error.message });
    }
  }
}

async function checkHeadNote(head: Head, identity: LogIdentity): Promise<void> {
  const { size, root } = await checkNote(head.note, HEAD_FILE, identity);
  if (size === head.size && equalBytes(root, head.root)) return;
  const message = 'The head remembers another tree than its checkpoint was signed for.';
  throw new Difference({ what: 'head_damaged', path: HEAD_FILE, message });
}

/** Signed by every checkpoint key the log has: each of its signatures is one that readers rely on. */
async function checkNote(
  note: string | Uint8Array,
  path: string,
  { origin, keys }: LogIdentity,
): Promise<VerifiedCheckpoint> {
  const { checkpointMlDsa44: other } = keys;
  const others: NoteKey[] = other === undefined ? [] : [parseVerifierKey(other)];
  try {
    const checkpoint = await verifyCheckpoint(
      note,
      origin,
      parseVerifierKey(keys.checkpoint),
      others,
    );
    if (checkpoint.verified.length === 1 + others.length) return checkpoint;
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
  const message = 'The checkpoint does not carry good signatures by the keys of this log.';
  throw new Difference({ what: 'checkpoint_unsigned', path, message });
}

function checkOrder(head: Head, shown: VerifiedCheckpoint | undefined, wal: RecoveredWal): void {
  if (shown !== undefined && shown.size > head.size) {
    throw new Difference({
      what: 'checkpoint_ahead',
      path: CHECKPOINT_PATH,
      expected: `${head.size} entries at most`,
      found: `${shown.size}`,
      message: 'A checkpoint was shown that the log does not remember.',
    });
  }
  const end = wal.segments.at(-1)?.endIndex ?? 0;
  if (end < head.size) {
    throw new Difference({
      what: 'wal_behind',
      path: WAL_FOLDER,
      index: end,
      expected: `entries up to ${head.size}`,
      found: `entries up to ${end}`,
      message: 'The WAL ends before the last checkpoint that was signed.',
    });
  }
  if (shown === undefined && head.size > 0) {
    const message = 'No checkpoint is shown.';
    throw new Difference({ what: 'checkpoint_missing', path: CHECKPOINT_PATH, message });
  }
}

function findRemarks(
  reader: DiskReader,
  wal: RecoveredWal,
  head: Head,
  shown: VerifiedCheckpoint | undefined,
): FsckFinding[] {
  const remarks: FsckFinding[] = [];
  for (const { header, torn, endOffset } of wal.segments) {
    if (!torn) continue;
    const path = `${WAL_FOLDER}/${segmentName(header.sequence)}`;
    const message = 'Bytes of a record that was never whole; nobody was answered.';
    remarks.push({ what: 'wal_unfinished', path, offset: endOffset, message });
  }
  for (const offset of unsoundSlots(reader)) {
    const message = 'One of two copies of the head is damaged; the other one counts.';
    remarks.push({ what: 'head_damaged', path: HEAD_FILE, offset, message });
  }
  if (shown === undefined && head.size === 0) {
    const message = 'No checkpoint has been shown yet.';
    remarks.push({ what: 'checkpoint_missing', path: CHECKPOINT_PATH, message });
  }
  if (reader.read(WITNESSED_FILE) !== undefined) {
    const message = 'A checkpoint that a witness holds has stopped this log.';
    remarks.push({ what: 'stopped_by_witness', path: WITNESSED_FILE, message });
  }
  return remarks;
}

/** As a start reads it, but for one thing: a start takes a torn header for a segment not begun. */
function readWal(reader: DiskReader, identity: LogIdentity): RecoveredWal {
  const wal = recoverWal(reader, logIdOf(identity));
  for (const name of wal.unused) {
    const offset = reader.read(`${WAL_FOLDER}/${name}`)?.findIndex((byte) => byte !== 0) ?? -1;
    if (offset >= 0) {
      throw refusal('wal_corrupt', `WAL segment ${name} has a damaged header (offset ${offset}).`);
    }
  }
  return wal;
}

function logIdOf({ keys }: LogIdentity): Uint8Array {
  return createHash('sha256').update(keys.receipt).digest().subarray(0, LOG_ID_BYTES);
}
