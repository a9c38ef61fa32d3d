// `countersign audit pin`: keeps the newest anchor of a tenant's record, to hold later ones against it.

import {
  type AnchorProof,
  formatAnchorProof,
  judgeAnchor,
  parseAnchorProof,
} from '@countersign/trail';
import { isCodedError } from '@countersign/vocabulary';
import type { Command } from 'commander';
import type { Answer } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { cliError } from '../cli-error.ts';
import { writeNewFile } from '../log/write-new-file.ts';
import { describeCount } from '../terminal/describe-time.ts';
import { printable } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';
import { readPolicy } from './read-trust.ts';
import { addReadingOptions, openReading, type ReadingOptions } from './search/open-reading.ts';

interface PinOptions extends ReadingOptions {
  output: string;
  policy?: string;
}

const EXAMPLES = `
Examples:
  $ countersign audit pin --output acme-january.anchor --policy policy.txt
  $ countersign audit pin --tenant acme --reason "monthly pin" --output acme.anchor --json

The file holds no event and no person. Keep it where we cannot reach it: "audit verify --pin" then shows
whether a later bundle still holds the history of today. With --policy it is only kept when a log of the
policy signed for it.`;

export function addPinCommand(audit: Command, world: CliWorld, answering: Answering): void {
  const command = addReadingOptions(audit.command('pin'))
    .description('keep the newest anchor of a tenant’s log, to hold later ones against it')
    .requiredOption('--output <file>', 'new file for the anchor')
    .option('--policy <file>', 'a tlog-policy: the log, and the witnesses, to believe')
    .addHelpText('after', EXAMPLES)
    .action(async (options: PinOptions) => answering(command, () => keepPin(world, options)));
}

async function keepPin(world: CliWorld, options: PinOptions): Promise<Answer> {
  const policy = options.policy === undefined ? undefined : readPolicy(world, options.policy);
  const { body } = await openReading(world, options).ask('/audit/anchor', {});
  const proof = readProof(body);
  if (options.tenant !== undefined && proof.entry.tenant !== options.tenant) {
    const message = `The server sent an anchor of ${proof.entry.tenant}, not of ${options.tenant}. It is not kept.`;
    throw cliError('log_unproven', message);
  }
  const { anchor, faults } = await judgeAnchor(proof, undefined, policy);
  const [fault] = faults;
  if (fault !== undefined) {
    throw cliError('log_unproven', `The anchor does not hold, and is not kept: ${fault.message}`);
  }
  const file = writeNewFile(world, '--output', options.output, `${formatAnchorProof(proof)}\n`);
  const { tenant, count, segments } = proof.entry;
  return {
    ok: true,
    json: {
      ...{ command: 'audit pin', ok: true, file, tenant, anchor: anchor.anchor },
      ...{ atMs: anchor.atMs ?? null, count, segments, signed: anchor.signed },
      ...{ log: anchor.logOrigin ?? null, logIndex: anchor.logIndex ?? null },
    },
    lines: ({ paint }) => [
      `  ${paint.good('kept')}  ${printable(tenant)}  anchor ${anchor.anchor}: ${describeCount(count)} events, ${describeCount(segments)} segments`,
      `    ${printable(file ?? '')}`,
      ...(anchor.signed ? [] : [paint.warn('    nobody’s signature was believed (--policy)')]),
    ],
  };
}

function readProof(body: unknown): AnchorProof {
  try {
    return parseAnchorProof(JSON.stringify(body));
  } catch (error) {
    if (!isCodedError(error)) throw error;
    throw cliError('answer_malformed', `The server sent no anchor: ${error.message}`, error);
  }
}
