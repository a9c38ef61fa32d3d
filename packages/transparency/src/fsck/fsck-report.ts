// What a check of a log's folder says: sound, or the first place where it is not.

/** Closed list of what may be wrong. */
export type FsckCode =
  | 'identity_damaged'
  | 'key_file_differs'
  | 'head_damaged'
  | 'checkpoint_missing'
  | 'checkpoint_unsigned'
  | 'checkpoint_ahead'
  | 'wal_damaged'
  | 'wal_behind'
  | 'wal_unfinished'
  | 'bundle_missing'
  | 'bundle_damaged'
  | 'entry_differs'
  | 'tile_missing'
  | 'tile_damaged'
  | 'hash_differs'
  | 'root_differs'
  | 'stopped_by_witness';

export interface FsckFinding {
  what: FsckCode;
  /** File, relative to the log's folder. */
  path: string;
  /** Index of the entry, or number of the hash within its level; absent where none is meant. */
  index?: number;
  /** Byte within the file. */
  offset?: number;
  /** What everything else says should be there. */
  expected?: string;
  found?: string;
  /** One sentence for a person. */
  message: string;
}

export interface FsckReport {
  sound: boolean;
  origin: string;
  /** Entries that were hashed again: all those below the newest signed checkpoint. */
  entries: number;
  /** Size of the checkpoint that is shown; the newest signed one may be ahead of it for a moment. */
  shownSize: number;
  /** Entries in the WAL, of which those below `entries` were compared with their bundles. */
  walEntries: number;
  /** Files of hashes and entries that were compared, partial forms among them. */
  tiles: number;
  /** The first thing that is wrong; absent when the log is sound. */
  difference?: FsckFinding;
  /** What a crash may leave behind and the next start mends. */
  remarks: FsckFinding[];
}

/** Ends the check at the first difference. */
export class Difference extends Error {
  readonly finding: FsckFinding;

  constructor(finding: FsckFinding) {
    super(finding.message);
    this.name = 'Difference';
    this.finding = finding;
  }
}
