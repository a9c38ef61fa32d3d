// `countersign risk policy …`: what a tenant wants done about risk: shown, and put in force once it was
// seen what it would have done.

import type { RiskPolicy } from '@countersign/risk';
import type { Command } from 'commander';
import type { Answer, Page } from '../answer/answer.ts';
import {
  addReadingOptions,
  openReading,
  type Reading,
  type ReadingOptions,
} from '../audit/search/open-reading.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { isObject, type JsonObject, textIn } from '../http/read-member.ts';
import { writeNewFile } from '../log/write-new-file.ts';
import { printable } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';
import { askSimulation } from './ask-simulation.ts';
import { drawPolicy } from './draw-policy.ts';
import { drawSimulation } from './draw-simulation.ts';
import { readPolicyFile } from './read-policy-file.ts';
import type { ToldSimulation } from './read-simulation.ts';

const EXAMPLES = `
Examples:
  $ countersign risk policy show --tenant acme --reason "change 12"
  $ countersign risk policy show --token-file soc.credential --out policy.json
  $ countersign risk policy put policy.json --token-file soc.credential
  $ countersign risk policy put policy.json --token-file soc.credential --yes

put shows what the policy would have done, and changes nothing without --yes. docs/risk.md says what may stand
in a policy. Putting one takes an operator, or a reader of the tenant that may manage.`;

interface ShowOptions extends ReadingOptions {
  out?: string;
}

interface PutOptions extends ReadingOptions {
  since: string;
  yes?: boolean;
}

export function addRiskPolicyCommand(risk: Command, world: CliWorld, answering: Answering): void {
  const policy = risk
    .command('policy')
    .description('what is done about risk: the policy in force, and another one')
    .helpCommand(false)
    .addHelpText('after', EXAMPLES);
  const show = policy
    .command('show')
    .description('the policy in force, in words')
    .option('--out <file>', 'write it to a new file, to be changed and put')
    .addHelpText('after', EXAMPLES);
  addReadingOptions(show).action(async (options: ShowOptions) =>
    answering(show, () => showPolicy(world, options)),
  );
  const put = policy
    .command('put')
    .argument('<file>', 'the policy (JSON)')
    .description('what a policy would have done; with --yes it is in force from then on')
    .option('--since <span>', 'what it is tried on: as 12h or 7d', '7d')
    .option('--yes', 'put it in force')
    .addHelpText('after', EXAMPLES);
  addReadingOptions(put).action(async (file: string, options: PutOptions) =>
    answering(put, () => putPolicy(world, file, options)),
  );
}

interface InForce {
  tenant: string;
  policy: JsonObject;
  from: string;
  told: JsonObject;
}

function inForceIn(body: unknown): InForce {
  const told = isObject(body) ? body : {};
  const { policy } = told;
  if (!isObject(policy) || !Array.isArray(policy['rules'])) {
    throw cliError('answer_malformed', 'The server did not answer with a policy.');
  }
  return {
    tenant: textIn(told, 'tenant'),
    policy,
    from: textIn(told, 'from'),
    told,
  };
}

async function showPolicy(world: CliWorld, options: ShowOptions): Promise<Answer> {
  const { server, ask } = openReading(world, options);
  const inForce = inForceIn((await ask('/risk/policy', {})).body);
  const { tenant, policy, from, told } = inForce;
  const content = `${JSON.stringify(policy, null, 2)}\n`;
  const file = writeNewFile(world, '--out', options.out, content);
  const { changedMs, changedBy } = told;
  return {
    ok: true,
    json: {
      ...{
        command: 'risk policy show',
        ok: true,
        server: server.origin,
        tenant,
        from,
        policy,
      },
      ...(changedMs === undefined ? {} : { changedMs, changedBy }),
      ...(file === undefined ? {} : { file }),
    },
    lines: (page) => [
      ...drawPolicy(policy, told, page),
      ...(file === undefined ? [] : ['', `  ${page.paint.good('Written')}  ${printable(file)}`]),
    ],
  };
}

async function putPolicy(world: CliWorld, file: string, options: PutOptions): Promise<Answer> {
  const policy = readPolicyFile(world, file);
  const reading = openReading(world, options);
  // What the server would refuse it refuses before anything is shown as if it could be.
  const before = inForceIn((await putOn(reading, policy, { dryRun: 'true' })).body);
  const simulation = await askSimulation(reading, { ...options, policy });
  const put = options.yes === true;
  if (put) await putOn(reading, policy, {});
  const ok = put || simulation.people.neverIn === 0;
  const { tenant, from } = before;
  const was = textIn(before.policy, 'name');
  return {
    ok,
    json: {
      ...{
        command: 'risk policy put',
        ok,
        server: reading.server.origin,
        tenant,
        put,
      },
      ...{ policy: policy.name, before: { policy: was, from }, simulation },
    },
    lines: (page) => drawPut(simulation, { before, policy, put }, page),
  };
}

function putOn({ ask }: Reading, policy: RiskPolicy, query: { dryRun?: string }) {
  return ask('/risk/policy', query, { method: 'PUT', body: policy });
}

function drawPut(
  simulation: ToldSimulation,
  { before, policy, put }: { before: InForce; policy: RiskPolicy; put: boolean },
  page: Page,
): string[] {
  const { paint } = page;
  const was = Array.isArray(before.policy['administrators']) ? before.policy['administrators'] : [];
  const dropped = was.length > 0 && (policy.administrators ?? []).length === 0;
  const names = `${paint.strong(printable(policy.name))} in the place of ${printable(textIn(before.policy, 'name'))}, for ${printable(before.tenant)}`;
  return [
    ...drawSimulation(simulation, page),
    '',
    ...(dropped
      ? [
          `  ${paint.warn('It names no administrators')}, as the one before does: nobody is kept from being locked out.`,
        ]
      : []),
    put ? `  ${paint.good('In force')}  ${names}.` : `  Nothing was changed. With --yes: ${names}.`,
  ];
}
