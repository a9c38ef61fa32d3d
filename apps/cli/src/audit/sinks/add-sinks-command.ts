// `countersign audit sinks …`: where a tenant's log is sent as it grows.

import type { Command } from 'commander';
import type { Answer } from '../../answer/answer.ts';
import type { Answering } from '../../build-program.ts';
import { cliError } from '../../cli-error.ts';
import { isObject, type JsonObject, listIn, textIn } from '../../http/read-member.ts';
import { addOperatorOptions, type OperatorOptions } from '../../http/server-option.ts';
import { type Asking, confirmed, openAsking } from '../../keys/ask-server.ts';
import type { CliWorld } from '../../world.ts';
import { drawSink, drawSinks } from './draw-sinks.ts';
import { type AddSinkOptions, secretFrom, settingsFrom } from './read-sink-options.ts';

const EXAMPLES = `
Examples:
  $ countersign audit sinks add acme/soc --kind webhook --url https://soc.acme.example/in
  $ countersign audit sinks add acme/siem --kind splunk --url https://hec.example:8088 --secret-file hec.json
  $ countersign audit sinks add acme/syslog --kind syslog --host logs.acme.example --from-start
  $ countersign audit sinks list
  $ countersign audit sinks show acme/siem

Secret files hold JSON: splunk {"token"}, elastic {"apiKey"} or {"username","password"},
s3 {"accessKeyId","secretAccessKey"}, syslog {"certificate","key"} where the receiver asks who we are,
webhook {"key":"whsec_…"} or none: then one is made, and shown once.`;

type Group = [Command, CliWorld, Answering];

export function addSinksCommand(audit: Command, world: CliWorld, answering: Answering): void {
  const sinks = audit
    .command('sinks')
    .description('where the log is sent as it grows: webhook, syslog, Splunk, Elasticsearch, S3')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES);
  const group: Group = [sinks, world, answering];
  addAdd(group);
  addList(group);
  addOne(group, 'show', 'show a sink: how far it is, what it would not take');
  addOne(group, 'pause', 'send a sink nothing until it is resumed');
  addOne(group, 'resume', 'send a paused sink what came meanwhile');
  addOne(group, 'deliver', 'try a sink now, whenever its turn is');
  addRemove(group);
}

function addAdd([sinks, world, answering]: Group): void {
  const command = sinks
    .command('add')
    .argument('<sink>', 'TENANT/NAME: whose log is sent, and what the sink is called')
    .description('have the server send a log to another place')
    .requiredOption('--kind <kind>', 'webhook, syslog, splunk, elastic, s3')
    .option('--url <url>', 'webhook, splunk (without /services/…), elastic (without /_bulk)')
    .option('--host <host>', 'syslog: the receiver, by TLS')
    .option('--port <port>', 'syslog (default: 6514)')
    .option('--ca-file <file>', 'syslog: authority of the receiver’s certificate (PEM)')
    .option('--index <index>', 'splunk, elastic')
    .option('--acknowledged', 'splunk: an event counts when it is indexed')
    .option('--endpoint <url>', 's3: where it is not S3 itself')
    .option('--region <region>', 's3 (default: us-east-1)')
    .option('--bucket <bucket>', 's3')
    .option('--prefix <prefix>', 's3: before the names of objects')
    .option('--secret-file <file>', 'JSON with the credential for the sink')
    .option('--from-start', 'also send what is in the log already')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(async (typed: string, options: AddSinkOptions) =>
    answering(command, async () => {
      const secret = secretFrom(world, options);
      const body = {
        ...splitName(typed),
        settings: settingsFrom(world, options),
        ...(secret === undefined ? {} : { secret }),
        from: options.fromStart === true ? 'start' : 'now',
      };
      return describeOne('add', (await openAsking(world, options).ask('/sinks', { body })).body);
    }),
  );
}

function addList([sinks, world, answering]: Group): void {
  const command = sinks
    .command('list')
    .description('list sinks: how far each was served, and what is wrong with it')
    .option('--tenant <tenant>', 'of one tenant only')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(async (options: OperatorOptions & { tenant?: string }) =>
    answering(command, async () => {
      const all = await fetchSinks(openAsking(world, options), options.tenant);
      const failing = all.filter(({ error }) => isObject(error)).length;
      return {
        ok: failing === 0,
        json: { command: 'audit sinks list', ok: failing === 0, failing, sinks: all },
        lines: (page) => drawSinks(all, page),
      };
    }),
  );
}

function addOne([sinks, world, answering]: Group, act: string, description: string): void {
  const command = sinks
    .command(act)
    .argument('<sink>', 'TENANT/NAME')
    .description(description)
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(async (typed: string, options: OperatorOptions) =>
    answering(command, async () => {
      const asking = openAsking(world, options);
      const path = `/sinks/${encodeURIComponent(await idOf(asking, typed))}`;
      const asked = act === 'show' ? asking.ask(path) : asking.ask(`${path}/${act}`, { body: {} });
      return describeOne(act, (await asked).body);
    }),
  );
}

function addRemove([sinks, world, answering]: Group): void {
  const command = sinks
    .command('remove')
    .argument('<sink>', 'TENANT/NAME')
    .description('send a sink nothing more, and forget its secret')
    .option('--yes', 'do not ask')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(
    async (typed: string, options: OperatorOptions & { yes?: boolean }) =>
      answering(command, async (): Promise<Answer> => {
        const asking = openAsking(world, options);
        const id = await idOf(asking, typed);
        await confirmed(world, options, `Send ${typed} nothing more?`);
        await asking.ask(`/sinks/${encodeURIComponent(id)}`, { method: 'DELETE' });
        return {
          ok: true,
          json: { command: 'audit sinks remove', ok: true, id },
          lines: ({ paint }) => [`  ${paint.good('Removed')}  ${typed}`],
        };
      }),
  );
}

async function fetchSinks({ ask }: Asking, tenant?: string): Promise<JsonObject[]> {
  const query = tenant === undefined ? '' : `?${new URLSearchParams({ tenant })}`;
  return listIn((await ask(`/sinks${query}`)).body, 'sinks');
}

/** @throws CodedError `wrong_use` */
async function idOf(asking: Asking, typed: string): Promise<string> {
  const { tenant, name } = splitName(typed);
  const found = (await fetchSinks(asking, tenant)).find((one) => one['name'] === name);
  if (found === undefined) throw cliError('wrong_use', `There is no sink ${typed}.`);
  return textIn(found, 'id');
}

function splitName(typed: string): { tenant: string; name: string } {
  const [, tenant, name] = /^([a-z0-9_-]+)\/([a-z0-9-]+)$/.exec(typed) ?? [];
  if (tenant !== undefined && name !== undefined) return { tenant, name };
  throw cliError('wrong_use', `"${typed}" is not of the form TENANT/NAME, such as acme/siem.`);
}

function describeOne(what: string, body: unknown): Answer {
  if (!isObject(body) || typeof body['id'] !== 'string')
    throw cliError('answer_malformed', 'The server did not answer with a sink.');
  const sink: JsonObject = body;
  return {
    ok: true,
    json: { command: `audit sinks ${what}`, ok: true, sink },
    lines: (page) => drawSink(sink, page),
  };
}
