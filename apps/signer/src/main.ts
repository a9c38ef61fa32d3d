// The signer process: `main.ts FOLDER PASSPHRASE_FD [RECEIPT_KEY...]`, where the receipt keys are of
// logs that stand in for each other. Checks its cage before it loads anything that
// knows keys, serves its parent, and ends when the parent does.

import { checkConfinement } from './check-confinement.ts';
import { gatherFacts } from './gather-facts.ts';
import { EXIT, leave } from './leave.ts';
import { readArguments, USAGE } from './read-arguments.ts';

const asked = readArguments(process.argv.slice(2));
if (asked === undefined) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(EXIT.usage);
}
process.on('uncaughtException', (error) => leave(EXIT.software, error));
try {
  checkConfinement(gatherFacts(asked.folder), asked.opens);
  process.umask(0o077);
  const { runSigner } = await import('./run-signer.ts');
  await runSigner(asked);
} catch (error) {
  leave(EXIT.config, error);
}
