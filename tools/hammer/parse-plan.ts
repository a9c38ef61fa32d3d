// The command line of the hammer. Anything it does not know is wrong use, not a default.

import { parseArgs } from 'node:util';
import type { HammerPlan } from './hammer-log.ts';

export const USAGE = `Usage: npm run hammer -- [options]

  --writers N          writers, each waiting for its receipt before the next entry (256)
  --seconds S          how long to write (10)
  --goal N             stop after N entries; fewer within the deadline are a failure
  --deadline S         seconds for the goal (--seconds)
  --full-readers N     readers that recompute the root over every entry (1)
  --random-readers N   readers that prove one random entry after the other (1)
  --folder PATH        a log made by this tool, or a new folder (default: temporary)
  --json               one JSON object instead of text
  --help

Exit code: 0 all bytes right and goal met, 1 not, 2 wrong use.`;

export class UsageError extends Error {}

export interface Asked {
  plan: HammerPlan;
  folder: string | undefined;
  json: boolean;
  help: boolean;
}

/** @throws UsageError */
export function parsePlan(args: string[]): Asked {
  const values = parse(args);
  const number = (name: keyof typeof values, standard: number, least: number): number => {
    const text = values[name];
    if (text === undefined) return standard;
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least) {
      throw new UsageError(`--${name} takes a whole number from ${least} on.`);
    }
    return value;
  };
  const seconds = number('seconds', 10, 1);
  const goal = values.goal === undefined ? undefined : number('goal', 1, 1);
  if (values.deadline !== undefined && goal === undefined) {
    throw new UsageError('--deadline needs a --goal.');
  }
  return {
    plan: {
      writers: number('writers', 256, 1),
      seconds: goal === undefined ? seconds : number('deadline', seconds, 1),
      goal,
      fullReaders: number('full-readers', 1, 0),
      randomReaders: number('random-readers', 1, 0),
    },
    folder: values.folder,
    json: values.json === true,
    help: values.help === true,
  };
}

function parse(args: string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args,
      options: {
        writers: text,
        seconds: text,
        goal: text,
        deadline: text,
        'full-readers': text,
        'random-readers': text,
        folder: text,
        json: flag,
        help: flag,
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
