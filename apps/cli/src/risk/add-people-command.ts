// `countersign risk people`: who is at risk now, and why.

import type { Command } from 'commander';
import type { Answer, Page } from '../answer/answer.ts';
import {
  addReadingOptions,
  openReading,
  type ReadingOptions,
} from '../audit/search/open-reading.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { type JsonObject, listIn, textIn } from '../http/read-member.ts';
import { drawTable } from '../terminal/draw-table.ts';
import { printable } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';
import { paintLevel } from './draw-assessment.ts';
import { sayWhy } from './say-why.ts';

const EXAMPLES = `
Examples:
  $ countersign risk people --tenant acme --reason "on duty"
  $ countersign risk people --token-file soc.credential --limit 10 --json

People, devices and workloads, the worst first: what they did that was odd, halved every seven days, and what
people said of it. More of one: countersign risk person. Exit code 1 means that somebody is at high.`;

interface PeopleOptions extends ReadingOptions {
  limit: string;
}

export function addPeopleCommand(risk: Command, world: CliWorld, answering: Answering): void {
  const command = risk
    .command('people')
    .description('who is at risk now, and why')
    .option('--limit <n>', 'how many at most, 1 to 500', '100')
    .addHelpText('after', EXAMPLES);
  addReadingOptions(command).action(async (options: PeopleOptions) =>
    answering(command, () => listPeople(world, options)),
  );
}

const MOST = 500;

async function listPeople(world: CliWorld, options: PeopleOptions): Promise<Answer> {
  const { limit } = options;
  if (!/^[1-9]\d{0,2}$/.test(limit) || Number(limit) > MOST) {
    throw cliError('wrong_use', `--limit: "${limit}" is not a number from 1 to ${MOST}.`);
  }
  const { server, ask } = openReading(world, options);
  const standings = listIn((await ask('/risk/standings', { limit })).body, 'standings');
  const ok = standings.every(({ level }) => level !== 'high');
  return {
    ok,
    json: { command: 'risk people', ok, server: server.origin, standings },
    lines: (page) => drawPeople(standings, page),
  };
}

function drawPeople(standings: readonly JsonObject[], page: Page): string[] {
  const { paint } = page;
  if (standings.length === 0) return [`  ${paint.good('Nobody is at risk.')}`];
  const realms = Map.groupBy(standings, (one) => textIn(one, 'realm'));
  return [
    ...[...realms].flatMap(([realm, ofRealm]) => [
      `  ${paint.strong(printable(realm))}`,
      ...drawRealm(ofRealm, page),
      '',
    ]),
    '  More of one: countersign risk person REALM ID',
  ];
}

function drawRealm(standings: readonly JsonObject[], { paint, columns }: Page): string[] {
  return drawTable(
    [
      { title: 'level' },
      { title: 'score', align: 'right' },
      { title: 'who' },
      { title: 'why', flexible: true },
    ],
    standings.map((one) => [
      paintLevel(textIn(one, 'level'), paint),
      textIn(one, 'score'),
      printable(textIn(one, 'subject')),
      printable(sayWhy(one['why'])),
    ]),
    paint,
    columns,
  );
}
