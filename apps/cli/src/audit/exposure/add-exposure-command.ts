// `countersign audit exposure`: what was read with a token, a session or a key, by an app, a person or from
// an address. From files, offline, or from the record of a server.

import type { Question } from '@countersign/matching';
import type { Command } from 'commander';
import type { Answer } from '../../answer/answer.ts';
import type { Answering } from '../../build-program.ts';
import { addOperatorOptions, type OperatorOptions } from '../../http/server-option.ts';
import type { CliWorld } from '../../world.ts';
import { drawExposure } from './draw-exposure.ts';
import { fetchExposure } from './fetch-exposure.ts';
import { readExposure } from './read-exposure.ts';
import { type QuestionOptions, questionOf } from './read-question.ts';

const EXAMPLES = `
Examples:
  $ countersign audit exposure --token N7CbvWS0Za751W6am-nu7Q purview.csv sign-ins.json
  $ countersign audit exposure --ip 203.0.113.66 exports/ --json | jq .touched
  $ countersign audit exposure --key 5f2Kq81bX0 --tenant acme --reason INC-7

With files it works offline; sign-in logs among them say whether the token was ever issued. Without files
it asks the server, and asking is on record. What the records cannot tell is told with the answer.`;

interface ExposureOptions extends QuestionOptions, OperatorOptions {
  source?: string;
  complete?: boolean;
  listed?: string;
  tenant?: string;
  reason?: string;
}

export function addAuditExposureCommand(
  audit: Command,
  world: CliWorld,
  answering: Answering,
): void {
  const command = audit
    .command('exposure')
    .argument('[files...]', 'logs of any recognised shape, or exported events; folders whole')
    .description('report what was touched: every item, per person and tenant, and how sure that is')
    .option('--token <id>', 'by a token: uti, jti, its hash, or an access key id')
    .option('--session <id>', 'in a session')
    .option('--key <id>', 'by tokens of a signing key (kid), or by an access key')
    .option('--app <id>', 'by a client or through an app')
    .option('--person <name>', 'by a person: object id, user name or address')
    .option('--ip <address>', 'from an address')
    .option('--source <name>', 'what to take records for that nothing recognises')
    .option('--complete', 'the issuer’s log has every kind of sign-in, whatever it looks like')
    .option('--tenant <tenant>', 'whose log, for operators; a reader’s credential need not say')
    .option('--reason <text>', 'why an operator asks; the tenant is shown it')
    .option('--listed <count>', 'items to list for each person (default: 1000)')
    .addHelpText('after', EXAMPLES);
  addOperatorOptions(command).action(async (files: string[], options: ExposureOptions) =>
    answering(command, () => answerExposure(world, files, options)),
  );
}

async function answerExposure(
  world: CliWorld,
  files: string[],
  options: ExposureOptions,
): Promise<Answer> {
  const question: Question = questionOf(options);
  const found =
    files.length > 0
      ? await readExposure(world, question, { ...options, files })
      : await fetchExposure(world, question, options);
  const { report, more, tallies } = found;
  return {
    ok: true,
    json: { command: 'audit exposure', ok: true, ...more, ...report },
    lines: (page) => drawExposure(report, tallies, page, more['keyExposure']),
  };
}
