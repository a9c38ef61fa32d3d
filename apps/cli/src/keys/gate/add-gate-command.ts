// `countersign keys gate`: a watched folder through which diagnostics leave a zone (C-11).

import { hostname } from 'node:os';
import { type Command, Option } from 'commander';
import type { Answer } from '../../answer/answer.ts';
import type { Answering } from '../../build-program.ts';
import { cliError } from '../../cli-error.ts';
import { isLoopback, parseBaseUrl } from '../../http/fetch-json.ts';
import { readOperatorToken } from '../../http/operator-token.ts';
import type { Paint } from '../../terminal/paint.ts';
import { printable } from '../../terminal/paint.ts';
import type { CliWorld } from '../../world.ts';
import { createDelivery, type RecordServer } from './deliver-records.ts';
import { freshFinders } from './fresh-finders.ts';
import { openGateFolders } from './gate-folders.ts';
import type { GateRecord } from './gate-record.ts';
import { finishPlaced } from './place-dump.ts';
import { type GateEnd, runGate } from './run-gate.ts';
import { watchInbox } from './watch-inbox.ts';

interface GateOptions {
  inbox: string;
  released: string;
  quarantine: string;
  fingerprints?: string[];
  keys?: string;
  once?: boolean;
  redact?: boolean;
  server?: string;
  tokenFile?: string;
  zone?: string;
  settle: string;
  maxBytes: string;
}

const EXAMPLES = `
Examples:
  $ countersign keys gate --inbox ./in --released ./out --quarantine ./held --fingerprints fingerprints.json
  $ countersign keys gate --inbox ./in --released ./out --quarantine ./held \\
      --fingerprints fingerprints.json --redact --server https://id.example --token-file operator --zone signer

Put files into the inbox under a name that begins with a dot and rename them when they are whole, or let
them come to rest (--settle). Each is copied, and the copy scanned like "keys scan --gate": clean copies
go to the released folder, all else to the quarantine, with a report beside it. What is no plain file, or
has a second name, is never opened. Exit code 1 means that something was blocked or is left in the inbox.`;

export function addGateCommand(keys: Command, world: CliWorld, answering: Answering): void {
  const command = keys
    .command('gate')
    .description('let diagnostics out of a zone: scanned, released or put in quarantine')
    .requiredOption('--inbox <folder>', 'where diagnostics arrive')
    .requiredOption('--released <folder>', 'where clean copies go')
    .requiredOption('--quarantine <folder>', 'where all else goes; mode 700')
    .addOption(
      new Option(
        '--fingerprints <file>',
        'our live keys, as their signer exports them; may be given again; read anew when it changes',
      ).argParser((value: string, before: string[] | undefined) => [...(before ?? []), value]),
    )
    .option('--keys <file>', 'find the private halves of a JWKS in raw memory, too (slow)')
    .option('--once', 'end when the inbox is empty, or all of it had its turn')
    .option('--redact', 'release a copy with zeros in place of the keys, where that makes it clean')
    .option('--server <url>', 'put what happens on the record of this server')
    .option('--token-file <file>', 'file with an operator’s credential, for --server')
    .option('--zone <name>', 'the zone that is left, on record (default: this host)')
    .option('--settle <seconds>', 'how long a file must not have changed', '2')
    .option('--max-bytes <bytes>', 'larger files are blocked', String(2 ** 37))
    .addHelpText('after', EXAMPLES)
    .action(async (options: GateOptions) =>
      answering(command, () => {
        const { json = false } = command.optsWithGlobals<{ json?: boolean }>();
        return keepGate(world, options, json);
      }),
    );
}

async function keepGate(world: CliWorld, options: GateOptions, json: boolean): Promise<Answer> {
  const { fingerprints = [], keys, once = false, redact = false, server } = options;
  const settleMs = numberOf(options.settle, '--settle') * 1000;
  const longestBytes = numberOf(options.maxBytes, '--max-bytes');
  const recordServer = server === undefined ? undefined : readServer(world, server, options);
  const finders = freshFinders(world, { fingerprints, ...(keys === undefined ? {} : { keys }) });
  // What is wrong now should be known now, and not when the first dump comes.
  finders.read();
  const folders = openGateFolders(world, options);
  const ending = new AbortController();
  if (!once) void world.untilStopped().then(() => ending.abort());
  let lastTrouble = '';
  const onTrouble = (what: string): void => {
    if (what !== lastTrouble) world.err(`countersign: ${printable(what)}\n`);
    lastTrouble = what;
  };
  try {
    finishPlaced(folders);
    const host = hostname();
    const end = await runGate({
      parts: {
        ...{ folders, finders, redacts: redact, longestBytes },
        place: { zone: options.zone ?? host, host },
      },
      inbox: watchInbox(folders.inbox, settleMs),
      delivery: createDelivery(folders.outbox, recordServer, onTrouble),
      ...{ once, ending: ending.signal, onTrouble },
      everyMs: Math.max(50, Math.min(1000, settleMs / 2)),
      onRecord: (record) =>
        world.out(`${json ? JSON.stringify(record) : drawRecord(record, world.paint)}\n`),
    });
    return describeEnd(end);
  } finally {
    folders.release();
  }
}

function readServer(world: CliWorld, text: string, { tokenFile }: GateOptions): RecordServer {
  const url = parseBaseUrl(text, '--server');
  if (url.protocol !== 'https:' && !isLoopback(url))
    throw cliError('wrong_use', '--server: a credential is sent over https only.');
  return { url, credential: readOperatorToken(world, tokenFile) };
}

const REASONS: Readonly<Record<NonNullable<GateRecord['reason']>, string>> = {
  live_key: 'a live key of ours is in it',
  private_key: 'a private key is in it',
  unreadable: 'not all of it could be read',
  not_a_file: 'it is no plain file',
  linked: 'it is a second name of some file',
  too_large: 'it is larger than the gate takes',
};

function drawRecord({ outcome, reason, name, redacted, kids }: GateRecord, paint: Paint): string {
  if (outcome === 'released') {
    const how = redacted ? ', with zeros in place of the keys' : '';
    return `  ${paint.good('released')}  ${printable(name)}${how}`;
  }
  const why = reason === null ? '' : REASONS[reason];
  const which = kids.length === 0 ? '' : ` (${kids.map(printable).join(', ')})`;
  return `  ${paint.bad('blocked')}   ${printable(name)}: ${why}${which}`;
}

function describeEnd({ released, blocked, left, undelivered }: GateEnd): Answer {
  const ok = blocked === 0 && left === 0;
  return {
    ok,
    json: { command: 'keys gate', ok, released, blocked, left, undelivered },
    lines: () => [
      `  ${released} released, ${blocked} blocked, ${left} left in the inbox`,
      ...(undelivered === 0 ? [] : [`  ${undelivered} records wait for the server`]),
    ],
  };
}

function numberOf(text: string, option: string): number {
  const value = Number(text);
  if (!/^\d{1,15}(\.\d{1,3})?$/.test(text) || value <= 0)
    throw cliError('wrong_use', `${option}: give a number, more than 0.`);
  return value;
}
