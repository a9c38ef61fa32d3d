// `countersign findings`: what the reconciler found. Exit code 1 when there is anything, so that a
// cron job or a pipeline notices.

import type { Command } from 'commander';
import type { Answer, Page } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { fetchJson, parseBaseUrl } from '../http/fetch-json.ts';
import { readOperatorToken } from '../http/operator-token.ts';
import { type JsonObject, listIn, momentIn, textIn } from '../http/read-member.ts';
import { addOperatorOptions, type OperatorOptions, serverUrl } from '../http/server-option.ts';
import { drawTable } from '../terminal/draw-table.ts';
import { printable, wrap } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';

const EXAMPLES = `
Examples:
  $ countersign findings
  $ countersign findings --json --token-file /run/secrets/operator-token

Exit code 1 means that there are findings.`;

export function addFindingsCommand(program: Command, world: CliWorld, answering: Answering): void {
  const command = program
    .command('findings')
    .description('list forged, stolen, replayed and unissued tokens that were found')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(async (options: OperatorOptions) =>
    answering(command, () => readFindings(world, options)),
  );
}

async function readFindings(world: CliWorld, options: OperatorOptions): Promise<Answer> {
  const server = parseBaseUrl(serverUrl(world, options), '--server');
  const credential = readOperatorToken(world, options.tokenFile);
  world.progress.say(`asking ${server.host}`);
  const { body } = await fetchJson(new URL('/api/v1/findings', server), { credential });
  const findings = listIn(body, 'findings');
  const ok = findings.length === 0;
  return {
    ok,
    json: { command: 'findings', ok, server: server.origin, count: findings.length, findings },
    lines: (page) => drawFindings(findings, page),
  };
}

function drawFindings(findings: readonly JsonObject[], { paint, columns }: Page): string[] {
  if (findings.length === 0)
    return [
      `  ${paint.good('Nothing found.')} Every token reported as used was issued, signed and logged.`,
    ];
  const table = drawTable(
    [
      { title: 'raised' },
      { title: 'class' },
      { title: 'issuer' },
      { title: 'key' },
      { title: 'uses', align: 'right' },
      { title: 'key quarantined' },
    ],
    findings.map((finding) => [
      momentIn(finding, 'raisedMs'),
      paint.bad(printable(textIn(finding, 'class'))),
      printable(textIn(finding, 'issuer')),
      printable(textIn(finding, 'kid')).slice(0, 20),
      textIn(finding, 'count'),
      finding['quarantined'] === true ? 'yes' : 'no',
    ]),
    paint,
    columns,
  );
  const sentences = findings.flatMap((finding) => [
    '',
    `  ${paint.strong(printable(textIn(finding, 'id')))}`,
    ...wrap(printable(textIn(finding, 'message')), columns - 4).map((line) => `    ${line}`),
  ]);
  return [...table, ...sentences];
}
