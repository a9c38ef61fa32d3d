// `countersign log records`: the leaves that the server recorded for a tenant, in the file that
// `log monitor --records` holds the log against. Run again, it adds what is new.

import type { Command } from 'commander';
import type { Answer } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { parseBaseUrl } from '../http/fetch-json.ts';
import { readOperatorToken } from '../http/operator-token.ts';
import { addOperatorOptions, type OperatorOptions, serverUrl } from '../http/server-option.ts';
import { printable } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';
import { fetchLogPolicy } from './fetch-log-policy.ts';
import { keepRecords } from './keep-records.ts';
import { type RecordCounts, readLeafEvents } from './read-leaf-events.ts';

interface RecordsOptions extends OperatorOptions {
  tenant: string;
  logOrigin?: string;
  out: string;
}

const EXAMPLES = `
Examples:
  $ countersign log records --tenant acme --out acme.ndjson
  $ countersign log monitor --tag-key-file acme.json --records acme.ndjson

A file that is there is added to: its last line says from which event on. One run at a time.
Each line: {"index": 7, "leafHash": "<hex>", "sequence": 12, "tenant": "acme", "log": "log.example/log"}.
With two logs, one file for each: --log-origin.
Exit code 1 means that events were found which do not tell the hash of their leaf (servers older than
this command wrote them): their leaves are in no line, and a monitor will call them unrecorded.`;

export function addRecordsCommand(log: Command, world: CliWorld, answering: Answering): void {
  const command = log
    .command('records')
    .description('write which leaves the server recorded for a tenant, for "log monitor --records"')
    .requiredOption('--tenant <tenant>', 'whose tokens')
    .requiredOption('--out <file>', 'new, or of an earlier run: then what is new is added')
    .option('--log-origin <origin>', 'which log, when there are two (default: the first)')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(async (options: RecordsOptions) =>
    answering(command, () => writeRecords(world, options)),
  );
}

async function writeRecords(world: CliWorld, options: RecordsOptions): Promise<Answer> {
  const { tenant, out } = options;
  const server = parseBaseUrl(serverUrl(world, options), '--server');
  const credential = readOperatorToken(world, options.tokenFile);
  const { log, first } = await chooseLog(server, options.logOrigin);
  const kept = keepRecords(world, out, { tenant, log });
  const counts: RecordCounts = { added: 0, withoutHash: 0, otherLogs: 0 };
  try {
    const wanted = { server, credential, tenant, log, first, after: kept.after };
    for await (const records of readLeafEvents(wanted, counts)) {
      kept.add(records);
      world.progress.say(`${counts.added} leaves of ${tenant}`);
    }
  } finally {
    kept.close();
  }
  return describe(counts, { server: server.origin, tenant, log, file: kept.path });
}

async function chooseLog(server: URL, wanted: string | undefined) {
  const origins = (await fetchLogPolicy(server)).policy.logs.map(({ key }) => key.name);
  const [first] = origins;
  if (first === undefined)
    throw cliError('answer_malformed', `${server.host} does not say which log is its own.`);
  const log = wanted ?? first;
  if (!origins.includes(log))
    throw cliError('wrong_use', `--log-origin: ${server.host} has ${origins.join(' and ')}.`);
  return { log, first };
}

interface Written {
  server: string;
  tenant: string;
  log: string;
  file: string;
}

function describe(counts: RecordCounts, { server, tenant, log, file }: Written): Answer {
  const { added, withoutHash, otherLogs } = counts;
  const ok = withoutHash === 0;
  return {
    ok,
    json: { command: 'log records', ok, server, tenant, log, file, ...counts },
    lines: ({ paint }) => [
      `  ${paint.good('written')}  ${added} more leaves of ${printable(tenant)} in ${printable(log)}: ${printable(file)}`,
      ...(ok
        ? []
        : [
            `  ${paint.bad('missing')}  ${withoutHash} older events do not tell the hash of their leaf`,
          ]),
      ...(otherLogs === 0 ? [] : [`  ${otherLogs} leaves are in another log (--log-origin)`]),
    ],
  };
}
