// `countersign keys drill`: the kill switch, tried on a realm that is there for it. Control C-14 asks for
// it every quarter.

import type { Command } from 'commander';
import type { Answer } from '../../answer/answer.ts';
import type { Answering } from '../../build-program.ts';
import { cliError } from '../../cli-error.ts';
import { isObject, textIn } from '../../http/read-member.ts';
import { addOperatorOptions, type OperatorOptions } from '../../http/server-option.ts';
import type { CliWorld } from '../../world.ts';
import { type Asking, openAsking } from '../ask-server.ts';
import { drawDrill } from './draw-drill.ts';
import { type DrillTimes, missedGoals, secondsToLastAcceptance } from './drill-times.ts';
import { GOAL_SECONDS, openJose, openOurs } from './drill-verifiers.ts';
import { type DrillGround, prepareDrill } from './prepare-drill.ts';
import { removeReporter } from './remove-reporter.ts';
import { runDrill } from './run-drill.ts';

interface DrillOptions extends OperatorOptions {
  realm: string;
  verifiers: string;
  waitOthers?: boolean;
}

const MOST_VERIFIERS = 64;
const ORDER_TIMEOUT_MS = 60_000;
const EXAMPLES = `
Examples:
  $ countersign keys drill
  $ countersign keys drill --verifiers 16 --wait-others --json

Makes the tenant when it is missing, issues tokens, has verifiers of ours (every second one reporting) and
one of jose judge them without a pause, revokes the key that signs, and times how long each goes on
accepting. jose keeps a key set for ten minutes: that bound is told and not claimed to be kept, unless
--wait-others waits for it. Exit code 1 means that a goal was missed.`;

export function addDrillCommand(keys: Command, world: CliWorld, answering: Answering): void {
  const command = keys
    .command('drill')
    .description('revoke the key of a throwaway realm and time how long it lives on')
    .option('--realm <realm>', 'a realm for drills: drill/… or drill-NAME/…', 'drill/device')
    .option('--verifiers <n>', `verifiers of ours, 1 to ${MOST_VERIFIERS}`, '4')
    .option('--wait-others', 'wait until the others refuse too: up to ten minutes')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(async (options: DrillOptions) =>
    answering(command, () => holdDrill(world, options)),
  );
}

async function holdDrill(world: CliWorld, options: DrillOptions): Promise<Answer> {
  const count = Number(options.verifiers);
  if (!Number.isInteger(count) || count < 1 || count > MOST_VERIFIERS)
    throw cliError('wrong_use', `--verifiers: a whole number from 1 to ${MOST_VERIFIERS}.`);
  const asking = openAsking(world, options);
  world.progress.say('preparing a realm to drill on');
  const ground = await prepareDrill(asking, options.realm);
  const times = await drillOn(world, asking, ground, count, options.waitOthers === true);
  const missed = missedGoals(times);
  const recorded = await record(asking, ground, times, missed);
  const ok = missed.length === 0;
  const { issuer } = ground;
  return {
    ok,
    json: {
      ...{ command: 'keys drill', ok, server: asking.server.origin, issuer, kid: times.kid },
      ...{ goalSeconds: GOAL_SECONDS, secondsToLastAcceptance: secondsToLastAcceptance(times) },
      ...{ answeredSeconds: times.answeredSeconds, verifiers: times.verifiers },
      ...{ issuing: times.issuing, othersWaitedFor: options.waitOthers === true, missed, recorded },
    },
    lines: (page) => drawDrill(times, { issuer, missed, recorded }, page),
  };
}

async function drillOn(
  world: CliWorld,
  asking: Asking,
  ground: DrillGround,
  count: number,
  waitOthers: boolean,
): Promise<DrillTimes> {
  const ours = Array.from({ length: count }, (_, at) => openOurs(ground, at));
  const verifiers = [...ours, openJose(ground)];
  try {
    return await runDrill({
      tokens: ground.tokens,
      verifiers,
      revoke: (kid) => revoke(asking, kid),
      waitOthers,
      say: (text) => world.progress.say(text),
    });
  } finally {
    await Promise.all(verifiers.map((one) => one.close()));
    await removeReporter(asking, ground.reporter.id, world.err);
  }
}

async function revoke({ ask }: Asking, kid: string): Promise<string | null> {
  const { status, body } = await ask(`/keys/${encodeURIComponent(kid)}/revoke`, {
    body: { reason: 'drill' },
    timeoutMs: ORDER_TIMEOUT_MS,
    alsoStatus: [503],
  });
  if (status !== 503) return null;
  return isObject(body) ? textIn(body, 'title') : 'not told';
}

/** A drill that nobody can show to an assessor was none; but its result is told either way. */
async function record(
  { ask }: Asking,
  { issuer }: DrillGround,
  times: DrillTimes,
  missed: readonly string[],
): Promise<boolean> {
  const body = {
    ...{ issuer, kid: times.kid, passed: missed.length === 0 },
    verifiers: times.verifiers.filter(({ ours }) => ours).length,
    secondsToLastAcceptance: secondsToLastAcceptance(times),
  };
  return ask('/key-drills', { body }).then(
    () => true,
    () => false,
  );
}
