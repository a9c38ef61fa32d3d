// The scenarios that come with the repository: each folder with a `run.ts`, told by its README's
// title and first paragraph.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cliError } from '../cli-error.ts';

export interface Scenario {
  name: string;
  title: string;
  summary: string;
  script: string;
}

const FOLDER = join(import.meta.dirname, '../../../../scenarios');

export function listScenarios(folder: string = FOLDER): Scenario[] {
  if (!existsSync(folder))
    throw cliError(
      'file_unreadable',
      'Scenarios come with the repository, and this copy of the command has none.',
    );
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'run.ts')))
    .sort()
    .map((name) => ({
      name,
      script: join(folder, name, 'run.ts'),
      ...readStory(join(folder, name, 'README.md')),
    }));
}

/** @throws CodedError `wrong_use` naming the scenarios there are */
export function findScenario(name: string, folder: string = FOLDER): Scenario {
  const scenarios = listScenarios(folder);
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found !== undefined) return found;
  throw cliError(
    'wrong_use',
    `There is no scenario "${name}". There are: ${scenarios.map((each) => each.name).join(', ')}.`,
  );
}

function readStory(readme: string): { title: string; summary: string } {
  const [heading = '', ...rest] = readFileSync(readme, 'utf8')
    .trim()
    .split(/\n\s*\n/);
  const [summary = ''] = rest;
  return { title: heading.replace(/^#\s*/, ''), summary: summary.replaceAll('\n', ' ') };
}
