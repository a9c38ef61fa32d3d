// `countersign keys pause …`: hold rotation back for a while. It takes two persons, a reason and an end.

import type { Command } from 'commander';
import type { Answer } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { isObject, type JsonObject, listIn, momentIn, textIn } from '../http/read-member.ts';
import { addOperatorOptions, type OperatorOptions } from '../http/server-option.ts';
import type { CliWorld } from '../world.ts';
import { confirmed, issuerFrom, openAsking } from './ask-server.ts';
import { drawPause, drawPauses } from './draw-pauses.ts';

interface ProposeOptions extends OperatorOptions {
  until: string;
  reason: string;
}

const EXAMPLES = `
Examples:
  $ countersign keys pause propose acme/customer --until 2d --reason "year-end freeze" --token-file alice
  $ countersign keys pause approve q8ZrT1mVbWcE0sYd4uJkLA --token-file bob
  $ countersign keys pause list
  $ countersign keys pause end q8ZrT1mVbWcE0sYd4uJkLA

A pause holds back the change from one key to the next and nothing else. It begins when a second operator
approves, ends by itself, prolongs no key, and is shown to everybody at /api/v1/key-status.`;

export function addPauseCommand(keys: Command, world: CliWorld, answering: Answering): void {
  const pause = keys
    .command('pause')
    .description('hold the rotation of an issuer back, two persons agreeing')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES);
  addPropose(pause, world, answering);
  addApprove(pause, world, answering);
  addEnd(pause, world, answering);
  addList(pause, world, answering);
}

function addPropose(pause: Command, world: CliWorld, answering: Answering): void {
  const command = pause
    .command('propose', { isDefault: true })
    .argument('<issuer>', 'the URL of an issuer, or a realm such as acme/customer')
    .description('ask for a pause; another operator must approve it within three days')
    .requiredOption('--until <when>', 'its end: 36h, 2d or 2026-12-31T12:00Z; 14 days at most')
    .requiredOption('--reason <text>', 'why: one line that everybody can read')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(async (typed: string, options: ProposeOptions) =>
    answering(command, async () => {
      const asking = openAsking(world, options);
      const untilMs = parseUntil(options.until, Date.now());
      const body = { issuer: issuerFrom(asking, typed), reason: options.reason, untilMs };
      const answer = await asking.ask('/key-pauses', { body });
      return describePause('propose', answer.body);
    }),
  );
}

function addApprove(pause: Command, world: CliWorld, answering: Answering): void {
  const command = pause
    .command('approve')
    .argument('<id>', 'the pause, as its proposal named it')
    .description('agree to a pause that somebody else proposed')
    .option('--yes', 'do not ask')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(
    async (id: string, options: OperatorOptions & { yes?: boolean }) =>
      answering(command, async () => {
        const asking = openAsking(world, options);
        const { body: open } = await asking.ask('/key-pauses?open=true&limit=500');
        const proposed = listIn(open, 'pauses').find((one) => one['id'] === id);
        await confirmed(
          world,
          options,
          proposed === undefined
            ? `${id} is not among the open ones, so it cannot be shown what it holds back. Agree all the same?`
            : `Keys of ${textIn(proposed, 'issuer')} are not rotated until ${momentIn(proposed, 'untilMs')} ("${textIn(proposed, 'reason')}", proposed by ${textIn(proposed, 'proposedBy')}). Agree?`,
        );
        const path = `/key-pauses/${encodeURIComponent(id)}/approve`;
        return describePause('approve', (await asking.ask(path, { body: {} })).body);
      }),
  );
}

function addEnd(pause: Command, world: CliWorld, answering: Answering): void {
  const command = pause
    .command('end')
    .argument('<id>', 'the pause, as its proposal named it')
    .description('end a pause early, or take a proposal off: any one operator may')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(async (id: string, options: OperatorOptions) =>
    answering(command, async () => {
      const path = `/key-pauses/${encodeURIComponent(id)}/end`;
      return describePause('end', (await openAsking(world, options).ask(path, { body: {} })).body);
    }),
  );
}

function addList(pause: Command, world: CliWorld, answering: Answering): void {
  const command = pause
    .command('list')
    .description('list pauses and proposals, the newest first')
    .option('--open', 'only those that run or wait for a second person')
    .option('--issuer <issuer>', 'of one issuer only: its URL, or a realm such as acme/customer')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(
    async (options: OperatorOptions & { open?: boolean; issuer?: string }) =>
      answering(command, async () => {
        const asking = openAsking(world, options);
        const { open = false, issuer } = options;
        const query = new URLSearchParams({
          open: String(open),
          ...(issuer === undefined ? {} : { issuer: issuerFrom(asking, issuer) }),
        });
        const { body } = await asking.ask(`/key-pauses?${query}`);
        const pauses = listIn(body, 'pauses');
        return {
          ok: true,
          json: { command: 'keys pause list', ok: true, server: asking.server.origin, pauses },
          lines: (page) => drawPauses(pauses, asking.server, page),
        };
      }),
  );
}

function describePause(what: string, body: unknown): Answer {
  if (!isObject(body) || typeof body['id'] !== 'string')
    throw cliError('answer_malformed', 'The server did not answer with a pause.');
  const pause: JsonObject = body;
  return {
    ok: true,
    json: { command: `keys pause ${what}`, ok: true, pause },
    lines: (page) => drawPause(pause, page),
  };
}

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `36h` from now, or a moment of ISO 8601 with its zone. @throws CodedError `wrong_use` */
export function parseUntil(text: string, nowMs: number): number {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return nowMs + Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;
  const atMs = form.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(atMs)) return atMs;
  throw cliError('wrong_use', `--until: "${text}" is neither 36h or 2d nor 2026-12-31T12:00Z.`);
}
