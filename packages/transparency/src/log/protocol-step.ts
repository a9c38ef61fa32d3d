// The arrows of the commit protocol by name. What stands before an arrow is durable, or said, before
// what stands behind it begins; so a process may die at any of these and nothing is lost. The crash
// sweep kills a real process at every one of them, and fails when one is never passed.

export const PROTOCOL_STEPS = [
  // Making a log: keys, an empty head, and last the file that declares the folder whole.
  'make.begun',
  'make.key-durable',
  'make.head-durable',
  'make.sealed',
  // Opening: recover, mend what a crash tore, begin a segment of one's own, fence off predecessors.
  'open.locked',
  'open.tile-mended',
  'open.mending-settled',
  'open.recovered',
  'open.unused-removed',
  'open.segment-begun',
  'open.taken-over',
  'open.published',
  // Segments of the WAL, from the empty file until it is no longer needed.
  'segment.created',
  'segment.piece-filled',
  'segment.prepared',
  'segment.ended',
  'segment.begun',
  'segment.removed',
  // Appending a group.
  'wal.before-write',
  'wal.durable',
  'receipts.signed',
  'receipts.answered',
  // Publishing.
  'tiles.begun',
  'tile.written',
  'tiles.written',
  'tiles.settled',
  'checkpoint.signed',
  'head.compared',
  'head.durable',
  'checkpoint.shown',
  'partials.removed',
  'published',
  // Closing.
  'close.published',
  'close.released',
] as const;

export type ProtocolStep = (typeof PROTOCOL_STEPS)[number];

/** Told of every step at the moment it is passed; tests end the process there. */
export type OnStep = (step: ProtocolStep) => void;

export const ignoreSteps: OnStep = () => undefined;
