// `countersign log monitor`: follows a log from outside, once or again and again.

import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { TlogPolicy } from '@countersign/verifier';
import {
  type CheckpointView,
  createLogReader,
  createWitnessView,
  type Monitor,
  openMonitor,
} from '@countersign/watchers';
import type { Command } from 'commander';
import type { Answer } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import type { CliWorld } from '../world.ts';
import { describeRound } from './describe-round.ts';
import { addLogOptions, type LogOptions, type NamedLog, nameLog } from './name-log.ts';
import {
  type ExpectationOptions,
  type OwnRecords,
  readKnownKeys,
  readRecords,
} from './read-expectations.ts';

interface MonitorOptions extends LogOptions, ExpectationOptions {
  state: string;
  once?: boolean;
  every?: string;
  maxAge?: string;
  maxQuiet?: string;
  grace?: string;
}

const DEFAULT_STATE = 'countersign-monitor';

const EXAMPLES = `
Examples:
  $ countersign log monitor --log https://log.example/log --key VKEY --state ./watch
  $ countersign log monitor --every 10 --json
  $ countersign log monitor --log https://log.example/log --key VKEY --state ./watch \\
      --witnesses policy.txt --tag-key-file acme.json --records leaves.ndjson --known-keys keys.ndjson

Exit code 1 means an alarm; with --every, one in any round. A fork is written to evidence/ in the state
folder for "log verify-evidence", and raised ever after. Alarms about entries are raised once and kept in
alarms.ndjson. With --json each round is one line, and with --every a last one sums up.
--records has a line {"index": 7, "leafHash": "<hex>"} for each leaf of yours, as "log records" writes it. A
leaf without one waits for it: only a round after --grace calls it leaf_unrecorded.
--known-keys has a line {"issuer": "https://…", "thumbprint": "<base64url>"} for each key of yours.`;

export function addMonitorCommand(log: Command, world: CliWorld, answering: Answering): void {
  const command = addLogOptions(log.command('monitor'))
    .description('follow a log from outside: consistency, every entry, freshness, what is yours')
    .option('--state <folder>', 'what the monitor remembers; empty at first', DEFAULT_STATE)
    .option('--once', 'one round, then end (the default)')
    .option('--every <seconds>', 'a round this often, until told to stop')
    .option(
      '--witnesses <file>',
      'a tlog-policy: its quorum must have cosigned of late, and what its witnesses show is compared',
    )
    .option('--max-age <seconds>', 'greatest age of the quorum’s word', '60')
    .option('--max-quiet <seconds>', 'alarm when the checkpoint stays the same for so long')
    .option('--tag-key-file <file>', 'the tag key of a tenant: its leaves must be recorded')
    .option('--records <file>', 'leaves that were recorded, one JSON object a line')
    .option(
      '--grace <seconds>',
      'how long a record may be late after its leaf, and the log behind a witness',
      '60',
    )
    .option('--known-keys <file>', 'keys of your issuers, one JSON object a line')
    .addHelpText('after', EXAMPLES)
    .action(async (options: MonitorOptions) =>
      answering(command, () => {
        const { json = false } = command.optsWithGlobals<{ json?: boolean }>();
        return monitorLog(world, options, json);
      }),
    );
}

async function monitorLog(
  world: CliWorld,
  options: MonitorOptions,
  wantsJson: boolean,
): Promise<Answer> {
  if (options.once === true && options.every !== undefined)
    throw cliError('wrong_use', 'Give either --once or --every.');
  const everyMs = options.every === undefined ? undefined : milliseconds(options.every, '--every');
  const named = await nameLog(world, options);
  const { key } = named;
  const folder = resolve(world.workingFolder, options.state);
  const records = readRecords(world, options);
  const ending = new AbortController();
  const monitor = await open(world, options, {
    ...{ named, folder, records, signal: ending.signal, isLast: everyMs === undefined },
  });
  const look = async (): Promise<Answer> => {
    world.progress.say(`asking ${key.name} for its checkpoint`);
    records?.refresh();
    const report = await monitor.round();
    world.progress.clear();
    return describeRound(report, named, folder);
  };
  try {
    if (everyMs === undefined) return await look();
    void world.untilStopped().then(() => ending.abort());
    return await lookAgain(world, look, everyMs, wantsJson, ending.signal);
  } finally {
    await monitor.close();
  }
}

interface Watched {
  named: NamedLog;
  folder: string;
  records: OwnRecords | undefined;
  /** Ends a round that is under way. */
  signal: AbortSignal;
  /** True when there is no later round to leave a partial bundle to. */
  isLast: boolean;
}

function open(
  world: CliWorld,
  options: MonitorOptions,
  { named: { key, url, policy }, folder, records, signal, isLast }: Watched,
): Promise<Monitor> {
  return openMonitor({
    folder,
    key,
    reader: createLogReader({ url, signal }),
    maxAgeMs: milliseconds(options.maxAge ?? '60', '--max-age'),
    views: viewsOf(policy, key.name),
    graceMs: milliseconds(options.grace ?? '60', '--grace'),
    checks: readKnownKeys(world, options),
    onProgress: ({ read, size }) => world.progress.count('reading entries', read, size),
    ...(isLast ? { partialPatienceMs: 0 } : {}),
    ...(policy === undefined ? {} : { policy }),
    ...(records === undefined ? {} : { records }),
    ...(options.maxQuiet === undefined
      ? {}
      : { maxQuietMs: milliseconds(options.maxQuiet, '--max-quiet') }),
  });
}

function viewsOf(policy: TlogPolicy | undefined, origin: string): CheckpointView[] {
  return [...(policy?.witnesses ?? [])].flatMap(([name, { url }]) =>
    url === undefined ? [] : [createWitnessView({ name, url, origin })],
  );
}

async function lookAgain(
  world: CliWorld,
  look: () => Promise<Answer>,
  everyMs: number,
  wantsJson: boolean,
  ending: AbortSignal,
): Promise<Answer> {
  let [rounds, alarmed] = [0, 0];
  while (!ending.aborted) {
    const answer = await look();
    // What was cut off in the middle says nothing about the log.
    if (ending.aborted) break;
    rounds += 1;
    if (!answer.ok) alarmed += 1;
    const lines = wantsJson ? [JSON.stringify(answer.json)] : answer.lines(world);
    world.out(`${lines.join('\n')}\n`);
    // An aborted wait is a wait that is over.
    await wait(everyMs, undefined, { signal: ending }).catch(() => undefined);
  }
  const ok = alarmed === 0;
  return {
    ok,
    json: { command: 'log monitor', ok, stopped: true, rounds, alarmed },
    lines: () => [`  stopped after ${rounds} rounds, ${alarmed} with an alarm`],
  };
}

function milliseconds(text: string, option: string): number {
  const seconds = Number(text);
  if (!/^\d{1,8}(\.\d{1,3})?$/.test(text) || seconds <= 0)
    throw cliError('wrong_use', `${option}: give seconds, more than 0.`);
  return Math.round(seconds * 1000);
}
