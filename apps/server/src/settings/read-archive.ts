// The settings of the archive. It is always on: what can be set is when it seals, how long bulk events
// stay beside it, and how much memory its process may take.

import { CodedError } from '@countersign/vocabulary';
import { z } from 'zod';

export const archiveSchema = z.strictObject({
  /** Sealed at the latest after this. Default 3,600; from 1 to 86,400. */
  sealEverySeconds: z.number().optional(),
  /** Tokens issued and used, and imported records, leave the database so long after they were sealed.
   * Default 24. */
  hotHours: z.number().optional(),
  /** Memory of DuckDB in the archivist. Default 1,024. */
  memoryMebibytes: z.number().optional(),
});

export interface ArchiveSettings {
  readonly sealEverySeconds: number;
  readonly hotHours: number;
  readonly memoryMebibytes: number;
}

/** @throws CodedError `bad_setting` */
export function readArchive(given: {
  archive?: z.infer<typeof archiveSchema> | undefined;
  archiveSealEverySeconds?: string;
}): ArchiveSettings {
  const archive = given.archive ?? {};
  const { archiveSealEverySeconds: seconds = archive.sealEverySeconds ?? 3600 } = given;
  return {
    sealEverySeconds: within('sealEverySeconds', Number(seconds), 1, 86_400),
    hotHours: within('hotHours', archive.hotHours ?? 24, 0, 24 * 366),
    memoryMebibytes: within('memoryMebibytes', archive.memoryMebibytes ?? 1024, 256, 1_048_576),
  };
}

function within(name: string, value: number, least: number, most: number): number {
  if (value >= least && value <= most) return value;
  throw new CodedError('bad_setting', `archive.${name}: give a number from ${least} to ${most}.`);
}
