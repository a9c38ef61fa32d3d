// The signer process: `main.ts FOLDER PASSPHRASE_FD [RECEIPT_KEY...]`, where the receipt keys are of
// logs that stand in for each other. Checks its cage before it loads anything that
// knows keys, serves its parent, and ends when the parent does.

import { checkConfinement } from './check-confinement.ts';
import { gatherFacts } from './gather-facts.ts';
import { EXIT, leave } from './leave.ts';

const [folder, fdText, ...standIns] = process.argv.slice(2);
if (folder === undefined || !/^\d{1,4}$/.test(fdText ?? '')) {
  process.stderr.write('usage: main.ts FOLDER PASSPHRASE_FD [RECEIPT_KEY...]\n');
  process.exit(EXIT.usage);
}
process.on('uncaughtException', (error) => leave(EXIT.software, error));
try {
  checkConfinement(gatherFacts(folder));
  process.umask(0o077);
  const { runSigner } = await import('./run-signer.ts');
  await runSigner(folder, Number(fdText), standIns);
} catch (error) {
  leave(EXIT.config, error);
}
