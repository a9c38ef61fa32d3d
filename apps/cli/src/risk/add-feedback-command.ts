// `countersign risk feedback ID`: what an analyst says an act was. Three verbs that mean different things,
// and what each of them changed.

import { type Command, Option } from 'commander';
import type { Answer, Page } from '../answer/answer.ts';
import {
  addReasonOptions,
  openReading,
  type ReadingOptions,
} from '../audit/search/open-reading.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { isObject, type JsonObject, textIn } from '../http/read-member.ts';
import { confirmed } from '../keys/ask-server.ts';
import { printable, wrap } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';
import { describeLevel } from './draw-assessment.ts';

const EXAMPLES = `
Examples:
  $ countersign risk feedback ra-9k2f --verb compromised --reason "INC-7: phished, confirmed by phone"
  $ countersign risk feedback ra-9k2f --verb safe --reason "INC-7: on a business trip"
  $ countersign risk feedback ra-9k2f --verb dismiss --reason "INC-7: a test of ours"

  compromised  an attack: high until somebody clears it, sign-ins end, no tokens, what it taught goes
  safe         no attack, and usual: the like of it from this person is familiar from now on
  dismiss      no attack, and odd all the same: the like of it is flagged again

The score on record stays what it was. Ids are in "countersign risk score". It takes an operator, or a reader
of the tenant that may manage; people say it on their account page. Exit code 1 means that nothing followed.`;

const VERBS = {
  compromised: 'confirm_compromised',
  safe: 'confirm_safe',
  dismiss: 'dismiss',
};
type Verb = keyof typeof VERBS;

interface FeedbackOptions extends ReadingOptions {
  verb: Verb;
  yes?: boolean;
}

export function addFeedbackCommand(risk: Command, world: CliWorld, answering: Answering): void {
  const command = risk
    .command('feedback')
    .argument('<assessment>', 'the act, by the id of its assessment')
    .description('say what an act was: an attack, safe, or nothing to act on')
    .addOption(
      new Option('--verb <verb>', 'what it was').choices(Object.keys(VERBS)).makeOptionMandatory(),
    )
    .option('--yes', 'do not ask')
    .addHelpText('after', EXAMPLES);
  addReasonOptions(command).action(async (id: string, options: FeedbackOptions) =>
    answering(command, () => giveFeedback(world, id, options)),
  );
}

async function giveFeedback(
  world: CliWorld,
  id: string,
  options: FeedbackOptions,
): Promise<Answer> {
  const { verb } = options;
  const { server, ask } = openReading(world, options);
  if (verb === 'compromised') {
    const question = `Confirm ${id} as an attack? The person’s sign-ins end and no tokens are issued until it is cleared.`;
    await confirmed(world, options, question);
  }
  const body = { assessment: id, verb: VERBS[verb] };
  const whereNamed = 'Ids are in "countersign risk score".';
  const answer = (await ask('/risk/feedback', {}, { body, whereNamed })).body;
  const told = isObject(answer) ? answer : {};
  const { effect } = told;
  if (!isObject(effect) || typeof effect['believed'] !== 'boolean') {
    throw cliError('answer_malformed', 'The server did not say what followed.');
  }
  const ok = effect['believed'];
  return {
    ok,
    json: { command: 'risk feedback', ok, server: server.origin, ...told },
    lines: (page) => drawEffect(id, verb, { told, effect }, page),
  };
}

const TITLES: Readonly<Record<Verb, string>> = {
  compromised: 'Confirmed as an attack',
  safe: 'Confirmed as safe',
  dismiss: 'Dismissed',
};
const WHY_NOT: Readonly<Record<string, string>> = {
  not_theirs_to_say: 'this credential is of a person, and they say it on their account page',
};

function drawEffect(
  id: string,
  verb: Verb,
  { told, effect }: { told: JsonObject; effect: JsonObject },
  { paint, columns }: Page,
): string[] {
  if (effect['believed'] !== true) {
    const why = textIn(effect, 'why');
    return [
      `  ${paint.warn('On record, and nothing followed')}: ${printable(WHY_NOT[why] ?? why)}.`,
    ];
  }
  const who = printable(`${textIn(told, 'subject')} in ${textIn(told, 'realm')}`);
  const now = isObject(told['now']) ? told['now'] : {};
  const until = effect['standing'] === 'high' ? ', until it is cleared' : '';
  const cleared = effect['standing'] === 'clear';
  const sentences = [
    ...('now' in told ? [`${who} stands at ${describeLevel(now, paint)} of 100${until}.`] : []),
    ...(cleared ? ['This act counts against nobody any more.'] : []),
    ...(effect['endsSessions'] === true ? ['Their sign-ins end, with all tokens.'] : []),
    ...(effect['rollsBack'] === true
      ? ['What this act and those after it taught, if anything, is taken back.']
      : []),
    ...(effect['teaches'] === true
      ? ['What it showed is familiar of them from now on, and of nobody else.']
      : []),
    ...(cleared && effect['teaches'] !== true ? ['The like of it is flagged again.'] : []),
  ];
  return [
    `  ${paint.good(TITLES[verb])}  ${printable(id)}`,
    '',
    ...sentences.flatMap((text) => wrap(text, columns - 2).map((line) => `  ${line}`)),
  ];
}
