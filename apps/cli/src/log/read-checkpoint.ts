// Which log is read and up to where: its checkpoint, under the log's key and, when the user asks for
// it, cosigned by a quorum of witnesses.

import {
  FormatError,
  type NoteKey,
  type TlogPolicy,
  verifyCheckpoint,
  verifyWitnessedCheckpoint,
} from '@countersign/verifier';
import { createLogReader, type LogReader } from '@countersign/watchers';
import { cliError } from '../cli-error.ts';
import type { CliWorld } from '../world.ts';
import { type LogOptions, nameLog } from './name-log.ts';

export interface KnownLog {
  origin: string;
  key: NoteKey;
  /** False when the server itself said which key it is. */
  pinned: boolean;
  reader: LogReader;
  /** The checkpoint as it was served. */
  note: string;
  size: number;
  root: Uint8Array;
  /** When the witnesses last saw this checkpoint as the largest; undefined when none were asked for. */
  witnessedMs: number | undefined;
  /** Whose quorum was asked for. */
  policy: TlogPolicy | undefined;
}

/** @throws CodedError `wrong_use`, `file_unreadable`, `log_unproven`; as LogReader */
export async function readCheckpoint(world: CliWorld, options: LogOptions): Promise<KnownLog> {
  const { key: logKey, url, pinned, policy } = await nameLog(world, options);
  const reader = createLogReader({ url });
  const origin = logKey.name;
  world.progress.say(`asking ${origin} for its checkpoint`);
  const note = await reader.checkpoint();
  const known = { origin, key: logKey, pinned, reader, note, policy };
  try {
    if (policy === undefined) {
      const { size, root } = await verifyCheckpoint(note, origin, logKey);
      return { ...known, size, root, witnessedMs: undefined };
    }
    const witnessed = await verifyWitnessedCheckpoint(note, { origin, logKey, policy });
    const { size, root, witnessedMs } = witnessed;
    return { ...known, size, root, witnessedMs };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw cliError('log_unproven', `The checkpoint of ${origin}: ${error.message}`, error);
  }
}
