// The answer from files: they are read twice, because what belongs to a token is known only at the end of
// the first reading.

import { Exposure, type ExposureReport, type Question } from '@countersign/matching';
import { cliError } from '../../cli-error.ts';
import { sourceOf } from '../../reconcile/add-reconcile-command.ts';
import { emptyTally, type ReadTally, readActivities } from '../../reconcile/read-activities.ts';
import type { CliWorld } from '../../world.ts';

export interface FoundExposure {
  report: ExposureReport;
  /** Further members of the JSON answer. */
  more: Record<string, unknown>;
  tallies: ReadTally[];
}

interface FileOptions {
  files: string[];
  source?: string;
  complete?: boolean;
  listed?: string;
}

/** @throws CodedError `wrong_use` */
export async function readExposure(
  world: CliWorld,
  question: Question,
  options: FileOptions,
): Promise<FoundExposure> {
  const { files: paths, complete = false, listed = '1000' } = options;
  if (paths.includes('-'))
    throw cliError('wrong_use', 'Files are read twice, so standard input cannot be: name a file.');
  const mostListed = listedOf(listed);
  const source = sourceOf(options.source);
  const exposure = new Exposure(question, { complete, mostListed });
  const read = (doing: string, tally: ReadTally) =>
    readActivities(world, { paths, doing, tally, ...(source === undefined ? {} : { source }) });
  for await (const { activity } of read('looking for what belongs to it', emptyTally()))
    exposure.learn(activity);
  const tally = emptyTally();
  for await (const { activity, recognised } of read('folding what was touched', tally))
    exposure.add(activity, recognised);
  exposure.addUnreadable(tally.problems.filter(({ kept }) => !kept).length + tally.moreProblems);
  return { report: exposure.report(), more: { offline: true, read: tally }, tallies: [tally] };
}

/** @throws CodedError `wrong_use` */
export function listedOf(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw cliError('wrong_use', `--listed: "${text}" is not a count.`);
}
