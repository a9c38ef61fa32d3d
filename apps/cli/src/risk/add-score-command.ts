// `countersign risk score`: how odd the sign-ins of any log are, judged on this machine one after the
// other; without files, what a server judged last.

import type { SourceName } from '@countersign/sources';
import { isPopulation, POPULATIONS, type Population } from '@countersign/vocabulary';
import type { Command } from 'commander';
import type { Answer, Page } from '../answer/answer.ts';
import { openReading } from '../audit/search/open-reading.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { type JsonObject, listIn, momentIn, textIn } from '../http/read-member.ts';
import { addOperatorOptions, type OperatorOptions } from '../http/server-option.ts';
import { sourceOf } from '../reconcile/add-reconcile-command.ts';
import { drawTable } from '../terminal/draw-table.ts';
import { printable } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';
import { paintLevel, sentencesIn } from './draw-assessment.ts';
import { openEngine } from './open-engine.ts';
import { readAttempts } from './read-attempts.ts';
import { Replay, type ReplayedAttempt } from './replay-attempts.ts';

const EXAMPLES = `
Examples:
  $ countersign risk score entra-sign-ins.json
  $ countersign risk score okta/ --population customer --limit 50 --json
  $ countersign risk score --tenant acme --reason "ticket 4711"

Files are the sign-ins of any log that "countersign audit import" takes, exported events of this product, or
lines of attempts. Nothing leaves the machine. Exit code 1 means that a sign-in scored high.`;

export interface ScoreOptions extends OperatorOptions {
  population: string;
  source?: string;
  model?: string;
  limit: string;
  tenant?: string;
  reason: string;
}

export function addScoreCommand(risk: Command, world: CliWorld, answering: Answering): void {
  const command = risk
    .command('score [files...]')
    .description('how odd sign-ins are: of a log, or the latest of a server')
    .option('--population <name>', `who signs in: ${POPULATIONS.join(', ')}`, 'workforce')
    .option('--source <name>', 'what to take records for that nothing recognises')
    .option('--model <file>', 'a model in the place of the one that comes with it')
    .option('--limit <n>', 'how many are shown, the oddest first', '20')
    .option('--tenant <name>', 'of a server: whose; a tenant’s own credential need not say')
    .option('--reason <text>', 'of a server: why you look at it', 'countersign risk score')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(async (files: string[], options: ScoreOptions) =>
    answering(command, () =>
      files.length === 0 ? askServer(world, options) : scoreFiles(world, files, options),
    ),
  );
}

async function scoreFiles(
  world: CliWorld,
  paths: readonly string[],
  options: ScoreOptions,
): Promise<Answer> {
  const limit = limitOf(options.limit);
  const { engine, networks } = openEngine(world, options.model);
  const read = await readAttempts(world, { paths, ...readerOptions(options) });
  const replay = new Replay({ engine, networks, hasPasskeys: false });
  const levels = { low: 0, medium: 0, high: 0 };
  const counts = { failures: 0, learning: 0 };
  const oddest: ReplayedAttempt[] = [];
  for (const [index, attempt] of read.attempts.entries()) {
    if (index % EACH === 0) world.progress.count('scoring', index, read.attempts.length);
    const judged = replay.next(attempt);
    if (judged === undefined) {
      counts.failures += 1;
      continue;
    }
    levels[judged.assessment.level] += 1;
    if (judged.assessment.state === 'learning') counts.learning += 1;
    keepOddest(oddest, judged, limit);
  }
  const assessments = oddest.map(show);
  const ok = levels.high === 0;
  const model = engine.model?.id ?? 'none';
  const degraded = [...engine.degraded];
  const scored = levels.low + levels.medium + levels.high;
  return {
    ok,
    json: {
      ...{ command: 'risk score', ok, model, degraded, scored, ...counts, levels, assessments },
      ...{ others: read.others, again: read.again, read: read.tally },
    },
    lines: (page) => [
      `  ${scored} sign-ins scored by model ${model}: ${levels.high} high, ${levels.medium} medium; ${counts.learning} without a history; ${counts.failures} failures counted.`,
      '',
      ...drawScores(assessments, page),
    ],
  };
}

const EACH = 500;

/** @throws CodedError `wrong_use` */
export function readerOptions({
  population,
  source,
}: Pick<ScoreOptions, 'population' | 'source'>): {
  population: Population;
  source: SourceName | undefined;
} {
  if (isPopulation(population)) return { population, source: sourceOf(source) };
  throw cliError('wrong_use', `--population: there are ${POPULATIONS.join(', ')}.`);
}

function limitOf(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw cliError('wrong_use', `--limit: "${text}" is not a number from 1 to 9999.`);
}

/** The highest scores, of equal ones the latest first. */
function keepOddest(oddest: ReplayedAttempt[], judged: ReplayedAttempt, limit: number): void {
  const { score } = judged.assessment;
  const last = oddest.at(-1);
  if (oddest.length >= limit && last !== undefined && score < last.assessment.score) return;
  const at = oddest.findIndex((one) => one.assessment.score <= score);
  oddest.splice(at < 0 ? oddest.length : at, 0, judged);
  if (oddest.length > limit) oddest.pop();
}

function show({ attempt, input, assessment, action }: ReplayedAttempt): JsonObject {
  const { id, timeMs, kind, realm, subject, clientId } = attempt;
  return {
    ...{ id, timeMs, kind, realm },
    ...(subject === undefined ? {} : { subject }),
    ...(clientId === undefined ? {} : { client: clientId }),
    ...{ score: assessment.score, level: assessment.level, state: assessment.state, action },
    ...{ reasons: assessment.reasons, detections: assessment.detections, where: input.labels },
    ...(assessment.counterfactual === undefined
      ? {}
      : { counterfactual: assessment.counterfactual }),
  };
}

async function askServer(world: CliWorld, options: ScoreOptions): Promise<Answer> {
  const limit = String(Math.min(limitOf(options.limit), MOST_ASKED));
  const { server, ask } = openReading(world, options);
  const { body } = await ask('/risk/assessments', { limit });
  const assessments = listIn(body, 'assessments');
  const ok = assessments.every(({ level }) => level !== 'high');
  return {
    ok,
    json: { command: 'risk score', ok, server: server.origin, assessments },
    lines: (page) => drawScores(assessments, page, 'named'),
  };
}

const MOST_ASKED = 500;
const LONGEST_WHO = 22;

/** @param ids `named`: of a server, where they are asked about, and what is said of them */
function drawScores(
  assessments: readonly JsonObject[],
  { paint, columns }: Page,
  ids: 'named' | 'none' = 'none',
): string[] {
  if (assessments.length === 0) return [`  ${paint.faint('No sign-in was scored.')}`];
  return drawTable(
    [
      { title: 'when' },
      { title: 'who' },
      { title: 'score', align: 'right' },
      { title: 'level' },
      { title: ids === 'named' ? 'id, and why' : 'why', flexible: true },
    ],
    assessments.map((one) => [
      momentIn(one, 'timeMs').slice(0, 'YYYY-MM-DD HH:MM'.length),
      printable(textIn(one, 'subject')).slice(0, LONGEST_WHO),
      textIn(one, 'score'),
      paintLevel(textIn(one, 'level'), paint),
      printable(`${ids === 'named' ? `${textIn(one, 'id')} ` : ''}${whyIn(one)}`.trim()),
    ]),
    paint,
    columns,
  );
}

function whyIn(one: JsonObject): string {
  return sentencesIn(one, 'reasons')[0] ?? sentencesIn(one, 'detections')[0] ?? '';
}
