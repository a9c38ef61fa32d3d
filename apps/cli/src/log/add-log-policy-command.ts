// `countersign log policy`: which logs a server has, by which keys they are known and who witnesses
// them, as a tlog-policy (C2SP) to look at and pin.

import { createHash } from 'node:crypto';
import { formatVerifierKey } from '@countersign/verifier';
import type { Command } from 'commander';
import type { Answer } from '../answer/answer.ts';
import type { Answering } from '../build-program.ts';
import { parseBaseUrl } from '../http/fetch-json.ts';
import { addServerOption, type ServerOptions, serverUrl } from '../http/server-option.ts';
import { printable } from '../terminal/paint.ts';
import type { CliWorld } from '../world.ts';
import { fetchLogPolicy } from './fetch-log-policy.ts';
import { writeNewFile } from './write-new-file.ts';

interface PolicyOptions extends ServerOptions {
  out?: string;
}

const EXAMPLES = `
Examples:
  $ countersign log policy --out policy.txt
  $ countersign log monitor --witnesses policy.txt

You believe what the server says once: compare the sha256 over another channel. Later commands that
are given the file believe the file.`;

export function addLogPolicyCommand(log: Command, world: CliWorld, answering: Answering): void {
  const command = addServerOption(log.command('policy'))
    .description('get the keys of a server’s logs and their witnesses, to pin them')
    .option('--out <file>', 'write it to a new file')
    .addHelpText('after', EXAMPLES)
    .action(async (options: PolicyOptions) => answering(command, () => pin(world, options)));
}

async function pin(world: CliWorld, options: PolicyOptions): Promise<Answer> {
  const server = parseBaseUrl(serverUrl(world, options), '--server');
  world.progress.say(`asking ${server.host} for its logs`);
  const { text, policy, from } = await fetchLogPolicy(server);
  const fingerprint = createHash('sha256').update(text).digest('hex');
  const file = writeNewFile(world, '--out', options.out, text);
  return {
    ok: true,
    json: {
      command: 'log policy',
      ok: true,
      from,
      fingerprint,
      file: file ?? null,
      logs: policy.logs.map(({ key, url }) => ({ key: formatVerifierKey(key), url: url ?? null })),
      policy: text,
    },
    lines: ({ paint }) => {
      if (file === undefined) return text.trimEnd().split('\n').map(printable);
      return [`  ${paint.good('written')}  ${printable(file)}`, `  sha256   ${fingerprint}`];
    },
  };
}
