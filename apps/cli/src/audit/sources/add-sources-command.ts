// `countersign audit sources …`: logs of other houses that the server reads by itself.

import type { Command } from 'commander';
import type { Answer } from '../../answer/answer.ts';
import type { Answering } from '../../build-program.ts';
import { cliError } from '../../cli-error.ts';
import { isObject, type JsonObject, listIn, textIn } from '../../http/read-member.ts';
import { addOperatorOptions, type OperatorOptions } from '../../http/server-option.ts';
import { type Asking, confirmed, openAsking } from '../../keys/ask-server.ts';
import type { CliWorld } from '../../world.ts';
import { drawSource, drawSources } from './draw-sources.ts';

interface AddOptions extends OperatorOptions {
  kind: string;
  secret: string;
  url?: string;
  feeds?: string;
  subject?: string;
  backfillDays?: string;
  everySeconds?: string;
  overlapSeconds?: string;
}

const EXAMPLES = `
Examples:
  $ countersign audit sources add acme/entra --kind graph-sign-ins --secret acme-entra
  $ countersign audit sources add acme/okta --kind okta --secret acme-okta --url https://acme.okta.com
  $ countersign audit sources list
  $ countersign audit sources pause acme/okta

Kinds: graph-sign-ins, graph-audits, office-365, okta, google-reports. A credential is a file of that name in
DATA/secrets/sources of the server; it is never typed here. What each holds is in docs/audit.md.`;

export function addSourcesCommand(audit: Command, world: CliWorld, answering: Answering): void {
  const sources = audit
    .command('sources')
    .description('logs of other houses that the server reads by itself')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES);
  addAdd(sources, world, answering);
  addList(sources, world, answering);
  addAct(sources, world, answering, 'pause', 'leave a source alone until it is resumed');
  addAct(sources, world, answering, 'resume', 'read a paused source again');
  addAct(sources, world, answering, 'pull', 'read a source now, whenever its turn is');
  addRemove(sources, world, answering);
}

function addAdd(sources: Command, world: CliWorld, answering: Answering): void {
  const command = sources
    .command('add')
    .argument('<source>', 'TENANT/NAME: whose log it enters, and what it is called')
    .description('have the server read a log of another house')
    .requiredOption(
      '--kind <kind>',
      'graph-sign-ins, graph-audits, office-365, okta, google-reports',
    )
    .requiredOption('--secret <name>', 'file in DATA/secrets/sources of the server')
    .option('--url <url>', 'where the service is (Okta: needed)')
    .option('--feeds <names>', 'content types or applications, with commas between them')
    .option('--subject <mail>', 'Google: in which administrator’s name')
    .option('--backfill-days <days>', 'how far back to begin (default: 7)')
    .option('--every-seconds <seconds>', 'how often to ask')
    .option('--overlap-seconds <seconds>', 'how late records may turn up')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(async (typed: string, options: AddOptions) =>
    answering(command, async () => {
      const { tenant, name } = splitName(typed);
      const body = { tenant, name, settings: settingsFrom(options) };
      const answer = await openAsking(world, options).ask('/sources', { body });
      return describeOne('add', answer.body);
    }),
  );
}

function settingsFrom(options: AddOptions): object {
  const { kind, secret, url, subject, feeds } = options;
  const whole = (name: 'backfillDays' | 'everySeconds' | 'overlapSeconds'): object => {
    const text = options[name];
    if (text === undefined) return {};
    if (/^\d{1,9}$/.test(text)) return { [name]: Number(text) };
    throw cliError('wrong_use', `"${text}" is no whole number.`);
  };
  return {
    ...{ kind, secret },
    ...(url === undefined ? {} : { url }),
    ...(subject === undefined ? {} : { subject }),
    ...(feeds === undefined ? {} : { feeds: feeds.split(',').map((feed) => feed.trim()) }),
    ...{ ...whole('backfillDays'), ...whole('everySeconds'), ...whole('overlapSeconds') },
  };
}

function addList(sources: Command, world: CliWorld, answering: Answering): void {
  const command = sources
    .command('list')
    .description('list sources: how far each was read, and what is wrong with it')
    .option('--tenant <tenant>', 'of one tenant only')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(async (options: OperatorOptions & { tenant?: string }) =>
    answering(command, async () => {
      const asking = openAsking(world, options);
      const all = await fetchSources(asking, options.tenant);
      const failing = all.filter(({ error }) => isObject(error)).length;
      return {
        ok: failing === 0,
        json: { command: 'audit sources list', ok: failing === 0, failing, sources: all },
        lines: (page) => drawSources(all, page),
      };
    }),
  );
}

function addAct(
  sources: Command,
  world: CliWorld,
  answering: Answering,
  act: 'pause' | 'resume' | 'pull',
  description: string,
): void {
  const command = sources
    .command(act)
    .argument('<source>', 'TENANT/NAME')
    .description(description)
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(async (typed: string, options: OperatorOptions) =>
    answering(command, async () => {
      const asking = openAsking(world, options);
      const path = `/sources/${encodeURIComponent(await idOf(asking, typed))}/${act}`;
      return describeOne(act, (await asking.ask(path, { body: {} })).body);
    }),
  );
}

function addRemove(sources: Command, world: CliWorld, answering: Answering): void {
  const command = sources
    .command('remove')
    .argument('<source>', 'TENANT/NAME')
    .description('read a source no more; what it brought stays on record')
    .option('--yes', 'do not ask')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(
    async (typed: string, options: OperatorOptions & { yes?: boolean }) =>
      answering(command, async (): Promise<Answer> => {
        const asking = openAsking(world, options);
        const id = await idOf(asking, typed);
        await confirmed(world, options, `Read ${typed} no more?`);
        await asking.ask(`/sources/${encodeURIComponent(id)}`, { method: 'DELETE' });
        return {
          ok: true,
          json: { command: 'audit sources remove', ok: true, id },
          lines: ({ paint }) => [`  ${paint.good('Removed')}  ${typed}; its records stay.`],
        };
      }),
  );
}

async function fetchSources({ ask }: Asking, tenant?: string): Promise<JsonObject[]> {
  const query = tenant === undefined ? '' : `?${new URLSearchParams({ tenant })}`;
  return listIn((await ask(`/sources${query}`)).body, 'sources');
}

/** @throws CodedError `wrong_use` */
async function idOf(asking: Asking, typed: string): Promise<string> {
  const { tenant, name } = splitName(typed);
  const found = (await fetchSources(asking, tenant)).find((one) => one['name'] === name);
  if (found === undefined) throw cliError('wrong_use', `There is no source ${typed}.`);
  return textIn(found, 'id');
}

function splitName(typed: string): { tenant: string; name: string } {
  const [, tenant, name] = /^([a-z0-9-]+)\/([a-z0-9-]+)$/.exec(typed) ?? [];
  if (tenant !== undefined && name !== undefined) return { tenant, name };
  throw cliError('wrong_use', `"${typed}" is not of the form TENANT/NAME, such as acme/okta.`);
}

function describeOne(what: string, body: unknown): Answer {
  if (!isObject(body) || typeof body['id'] !== 'string')
    throw cliError('answer_malformed', 'The server did not answer with a source.');
  const source: JsonObject = body;
  return {
    ok: true,
    json: { command: `audit sources ${what}`, ok: true, source },
    lines: (page) => drawSource(source, page),
  };
}
