// Options that training and evaluating share.

import { resolve } from 'node:path';
import { cliError } from '../cli-error.ts';
import type { CliWorld } from '../world.ts';
import type { DataOrder } from './trial-order.ts';

export interface TrialOptions {
  seed: string;
  users?: string;
  trees?: string;
  data?: string;
  people: string;
}

export interface ReadTrialOptions {
  seed: number;
  users?: number;
  trees?: number;
}

const LARGEST_SEED = 2 ** 31;
const MOST_USERS = 2_000_000;
const MOST_TREES = 1000;

/** @throws CodedError `wrong_use` */
export function readTrialOptions({ seed, users, trees }: TrialOptions): ReadTrialOptions {
  return {
    seed: whole('--seed', seed, 0, LARGEST_SEED),
    ...(users === undefined ? {} : { users: whole('--users', users, 2000, MOST_USERS) }),
    ...(trees === undefined ? {} : { trees: whole('--trees', trees, 1, MOST_TREES) }),
  };
}

/** @throws CodedError `wrong_use` */
export function readDataOption(
  world: CliWorld,
  { data, people }: TrialOptions,
): { data?: DataOrder } {
  if (data === undefined) return {};
  const shareOfPeople = Number(people);
  if (!(shareOfPeople > 0 && shareOfPeople <= 1))
    throw cliError('wrong_use', '--people is a share over 0 and up to 1, such as 0.1.');
  return { data: { path: resolve(world.workingFolder, data), shareOfPeople } };
}

function whole(option: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least || number > most)
    throw cliError('wrong_use', `${option} is a whole number from ${least} to ${most}.`);
  return number;
}
