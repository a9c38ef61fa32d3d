// `countersign keys watch`: the watchdog of a house, on another host than the house (C-02).

import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type HouseWatch, type WatchdogReport, watchHouse } from '@countersign/watchers';
import { type Command, Option } from 'commander';
import type { Answer } from '../../answer/answer.ts';
import type { Answering } from '../../build-program.ts';
import { cliError } from '../../cli-error.ts';
import { parseBaseUrl } from '../../http/fetch-json.ts';
import { addServerOption, serverUrl } from '../../http/server-option.ts';
import { fetchLogPolicy } from '../../log/fetch-log-policy.ts';
import { type NamedLog, readLogKey, urlOfLog } from '../../log/name-log.ts';
import { printable } from '../../terminal/paint.ts';
import type { CliWorld } from '../../world.ts';
import { describeWatch, drawAlarm } from './describe-watch.ts';

interface WatchOptions {
  server?: string;
  issuer: string[];
  key?: string;
  state: string;
  every: string;
  once?: boolean;
  alarmFile?: string;
  webhook?: string;
}

const EXAMPLES = `
Examples:
  $ countersign keys watch --server https://id.example --issuer https://id.example/acme/workforce
  $ countersign keys watch --issuer https://id.example/acme/workforce --once --json
  $ countersign keys watch --server https://id.example --issuer https://id.example/acme/workforce \\
      --key VKEY --webhook https://pager.example/hook --alarm-file /var/log/countersign-keys.ndjson

Alarms for keys past 80 % of their age, a rotator or a server that is silent, and for what key status, JWKS
and log do not tell alike. It asks what everybody may ask, and needs no credential. One alarm for each
condition, again each day, and one when it is over. Exit code 1 means that something is wrong (--once), or
that there was an alarm. With --json each alarm is one line, and a last line sums up.`;

export function addWatchCommand(keys: Command, world: CliWorld, answering: Answering): void {
  const command = addServerOption(keys.command('watch'))
    .description('watch over the keys of issuers from outside: age, silence, disagreement')
    .addOption(
      new Option('--issuer <url>', 'an issuer whose keys are watched; may be given again')
        .argParser((value: string, before: string[] | undefined) => [...(before ?? []), value])
        .makeOptionMandatory(),
    )
    .option(
      '--key <vkey>',
      'the key that signs the log’s checkpoints (default: what the server says)',
    )
    .option('--state <folder>', 'what the watchdog remembers', 'countersign-watch')
    .option('--every <seconds>', 'time between looks', '10')
    .option('--once', 'look until it is sure, at most some seconds, and end')
    .option('--alarm-file <file>', 'alarms as lines of JSON (default: alarms.ndjson in --state)')
    .option('--webhook <url>', 'told of each alarm by POST; https, or http on this machine')
    .addHelpText('after', EXAMPLES)
    .action(async (options: WatchOptions) =>
      answering(command, () => {
        const { json = false } = command.optsWithGlobals<{ json?: boolean }>();
        return watchKeys(world, options, json);
      }),
    );
}

/** With `--once`: for as long may two sources differ that are read one after the other. */
const ONCE_EVERY_MS = 1000;
const ONCE_AT_MOST_MS = 15_000;
const ONCE_LIMITS = { settleMs: 3000, logGraceMs: 10_000 };

async function watchKeys(world: CliWorld, options: WatchOptions, json: boolean): Promise<Answer> {
  const { once = false, alarmFile, webhook } = options;
  const server = parseBaseUrl(serverUrl(world, options), '--server');
  const house = server.href.replace(/\/+$/, '');
  const everyMs = once ? ONCE_EVERY_MS : secondsOf(options.every) * 1000;
  let alarms = 0;
  const watch = await watchHouse({
    folder: resolve(world.workingFolder, options.state),
    ...{ house, everyMs, logs: await nameLogs(world, options, server) },
    viewUrls: options.issuer.map((issuer) => statusUrl(server, issuer)),
    issuers: options.issuer,
    keySetUrl: (issuer) => keySetUrl(issuer, options.issuer),
    ...(once ? { limits: ONCE_LIMITS } : {}),
    ...(alarmFile === undefined ? {} : { alarmFile: resolve(world.workingFolder, alarmFile) }),
    ...(webhook === undefined ? {} : { webhook: parseBaseUrl(webhook, '--webhook').href }),
    onAlarm: (alarm) => {
      if (alarm.phase !== 'ended') alarms += 1;
      if (!once) world.out(`${json ? JSON.stringify(alarm) : drawAlarm(alarm, world.paint)}\n`);
    },
    onTrouble: (what) => world.err(`countersign: ${printable(what)}\n`),
  });
  try {
    if (once) return describeWatch({ house, alarms, last: await lookOnce(watch, world), once });
    const ending = new AbortController();
    void world.untilStopped().then(() => ending.abort());
    let last: WatchdogReport | undefined;
    await watch.watch(ending.signal, (report) => {
      if (last === undefined && !json) world.out(`  watching ${printable(house)}\n`);
      last = report;
    });
    return describeWatch({ house, alarms, last, once });
  } finally {
    await watch.close();
  }
}

/** Looks again while something may still settle by itself. */
async function lookOnce(watch: HouseWatch, world: CliWorld): Promise<WatchdogReport> {
  const startedMs = performance.now();
  for (;;) {
    world.progress.say('looking at keys, key sets and log');
    const report = await watch.look();
    const isSure = report.unsettled.length === 0 && report.logsRead;
    if (isSure || performance.now() - startedMs > ONCE_AT_MOST_MS) {
      world.progress.clear();
      return report;
    }
    await wait(ONCE_EVERY_MS);
  }
}

async function nameLogs(
  world: CliWorld,
  { key, server }: WatchOptions,
  base: URL,
): Promise<Pick<NamedLog, 'key' | 'url'>[]> {
  if (key !== undefined) {
    const url = urlOfLog(world, server === undefined ? {} : { server });
    return [{ key: readLogKey(key, '--key'), url }];
  }
  const { policy } = await fetchLogPolicy(base);
  return policy.logs.map(({ key: itsKey, url }) => {
    if (url === undefined)
      throw cliError('answer_malformed', `${base.host} does not say where its log is.`);
    return { key: itsKey, url };
  });
}

/** The issuer is the server's word by now: it must not make us ask whom it likes. */
function keySetUrl(issuer: string, asked: readonly string[]): string {
  if (!asked.includes(issuer)) throw cliError('answer_malformed', `${issuer} was not asked about.`);
  return `${issuer}/jwks`;
}

function statusUrl(server: URL, issuer: string): string {
  parseBaseUrl(issuer, '--issuer');
  const url = new URL('/api/v1/key-status', server);
  url.searchParams.set('issuer', issuer);
  return url.href;
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!/^\d{1,5}(\.\d{1,3})?$/.test(text) || seconds < 0.2)
    throw cliError('wrong_use', '--every: give seconds, at least 0.2.');
  return seconds;
}
