// `countersign keys revoke`: the kill switch. Says how fast the key disappeared, as seen from outside,
// and what it had spoken for.

import { isCodedError } from '@countersign/vocabulary';
import type { Command } from 'commander';
import type { Answer, Page } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { isObject, type JsonObject, textIn } from '../http/read-member.ts';
import { addOperatorOptions, type OperatorOptions } from '../http/server-option.ts';
import { printable } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';
import { fetchExposure } from './add-exposure-command.ts';
import { type Asking, confirmed, findKey, openAsking } from './ask-server.ts';
import { drawExposure } from './draw-exposure.ts';
import { secondsSince } from './seconds-since.ts';
import { type Withdrawal, watchWithdrawal } from './watch-withdrawal.ts';

interface RevokeOptions extends OperatorOptions {
  reason: string;
  yes?: boolean;
}

const EXAMPLES = `
Examples:
  $ countersign keys revoke 5f2Kq81bX0 --reason "found in a core dump"
  $ countersign keys revoke 5f2Kq81bX0 --reason "drill of the third quarter" --yes --json

Signer, key set and feed each stop standing by it at once, whoever of them hangs; the standby signs on.
Safe to repeat. Exit code 1 means that key set or feed still stood by the key after 15 seconds, or that
something is unfinished.`;

export function addRevokeCommand(keys: Command, world: CliWorld, answering: Answering): void {
  const command = keys
    .command('revoke')
    .argument('<kid>', 'a key, by the beginning of its kid')
    .description('end a key at once, everywhere, for ever')
    .requiredOption('--reason <text>', 'why: one line, kept with the key and shown to who may ask')
    .option('--yes', 'do not ask')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(async (typed: string, options: RevokeOptions) =>
    answering(command, () => revokeKey(world, options, typed)),
  );
}

const LOOK_FOR_MS = 15_000;
const ORDER_TIMEOUT_MS = 60_000;

async function revokeKey(world: CliWorld, options: RevokeOptions, typed: string): Promise<Answer> {
  const asking = openAsking(world, options);
  const key = await findKey(asking, typed);
  const [kid, issuer] = [textIn(key, 'kid'), textIn(key, 'issuer')];
  await confirmed(
    world,
    options,
    `Revoke key ${kid} of ${issuer} (${textIn(key, 'state')})? Everything it signed is refused, for ever.`,
  );
  world.progress.say('revoking, and watching the key disappear');
  const startedMs = performance.now();
  const refused = new AbortController();
  const watching = watchWithdrawal(
    { server: asking.server, issuer, kid },
    startedMs,
    LOOK_FOR_MS,
    refused.signal,
  );
  const order = await giveOrder(asking, kid, options.reason).catch((error: unknown) => {
    refused.abort();
    throw error;
  });
  const answeredSeconds = secondsSince(startedMs);
  const seen = await watching;
  world.progress.say('adding up what the key signed');
  const report = await readReport(asking, key);
  const ok = order.unfinished === null && seen.keySetSeconds !== null && seen.feedSeconds !== null;
  const seconds = { answered: answeredSeconds, keySet: seen.keySetSeconds, feed: seen.feedSeconds };
  return {
    ok,
    json: {
      command: 'keys revoke',
      ok,
      server: asking.server.origin,
      ...report,
      unfinished: order.unfinished,
      seconds,
    },
    lines: (page) => [
      ...drawWithdrawal(kid, { ...order, seconds: answeredSeconds, seen }, page),
      '',
      ...(report.exposure === null
        ? [
            `  ${page.paint.warn(`What it spoke for cannot be read now: countersign keys exposure ${kid}`)}`,
          ]
        : drawExposure(report.key, report.exposure, page)),
    ],
  };
}

/** The key is revoked whether or not there is a report: that must not be what the command ends with. */
async function readReport(
  asking: Asking,
  key: JsonObject,
): Promise<{ key: JsonObject; exposure: JsonObject | null }> {
  try {
    return await fetchExposure(asking, textIn(key, 'kid'));
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return { key, exposure: null };
  }
}

/** An order that is not carried out to its end is still one: what was stopped stays stopped. */
async function giveOrder(
  { ask, server }: Asking,
  kid: string,
  reason: string,
): Promise<{ unfinished: string | null }> {
  const { status, body } = await ask(`/keys/${encodeURIComponent(kid)}/revoke`, {
    body: { reason },
    timeoutMs: ORDER_TIMEOUT_MS,
    alsoStatus: [503],
  });
  if (status !== 503) return { unfinished: null };
  const problem: JsonObject = isObject(body) ? body : {};
  if (problem['code'] === 'key_change_unfinished') return { unfinished: textIn(problem, 'title') };
  // Whoever said that, it is not what a server says that has begun.
  const why = typeof problem['title'] === 'string' ? problem['title'] : 'no reason given';
  throw cliError(
    'server_refused',
    printable(`${server.host} refused (503), the key may still sign: ${why} Type it again.`),
  );
}

function drawWithdrawal(
  kid: string,
  { seconds, unfinished, seen }: { seconds: number; unfinished: string | null; seen: Withdrawal },
  { paint }: Page,
): string[] {
  const steps: [number | null, string][] = [
    [seen.feedSeconds, 'the feed tells verifiers to drop it'],
    [seen.keySetSeconds, 'the key set shows it no longer'],
    unfinished === null
      ? [seconds, 'all done: signer stopped, log told, standby signs']
      : [seconds, 'the server answered: the rest it does by itself'],
  ];
  const late = Number.POSITIVE_INFINITY;
  return [
    `  ${unfinished === null ? paint.good('Revoked') : paint.bad('Revoked, not finished')}  ${printable(kid)}`,
    '',
    ...steps
      .toSorted(([one], [other]) => (one ?? late) - (other ?? late))
      .map(([value, what]) =>
        value === null
          ? `  ${paint.bad('  not seen')}  ${what}: not within ${LOOK_FOR_MS / 1000} s`
          : `  ${`${value.toFixed(2)} s`.padStart(10)}  ${what}`,
      ),
    ...(unfinished === null ? [] : [`  ${paint.bad('!')} ${printable(unfinished)}`]),
  ];
}
