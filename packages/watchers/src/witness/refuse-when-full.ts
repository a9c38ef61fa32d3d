// Which failures of the disk a witness outlives: those before anything was replaced, for want of room.

import { isDiskFull, UncertainWrite } from '../disk/durable-file.ts';
import { WitnessRefusal } from './witness-answer.ts';

/** Throws `store_full` for a full disk, which passes, and anything else as it came, which stops us. */
export function asRefusal(error: unknown): never {
  if (error instanceof UncertainWrite || !isDiskFull(error)) throw error;
  throw new WitnessRefusal('store_full', 'The disk of this witness is full.', error);
}
