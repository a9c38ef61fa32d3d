// The signer process: `main.ts FOLDER PASSPHRASE_FD`. Checks its cage, opens its keys, answers its
// parent over stdin and stdout, and ends when the parent does.

import { Signer, serveSigner } from '@countersign/keys';
import { isCodedError } from '@countersign/vocabulary';
import { checkConfinement } from './check-confinement.ts';
import { gatherFacts } from './gather-facts.ts';
import { readPassphrase } from './read-passphrase.ts';

// sysexits(3): told apart by whoever supervises.
const EXIT_USAGE = 64;
const EXIT_SOFTWARE = 70;
const EXIT_DISK = 74;
const EXIT_CONFIG = 78;

async function open(folder: string, passphraseFd: number): Promise<Signer> {
  checkConfinement(gatherFacts(folder));
  process.umask(0o077);
  const passphrase = readPassphrase(passphraseFd);
  try {
    return await Signer.open({ folder, passphrase });
  } finally {
    passphrase.fill(0);
  }
}

function leave(exitCode: number, error: unknown): never {
  const known = isCodedError(error);
  // Only our own sentences and system codes: a library's message may quote what it was given.
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unexpected';
  process.stderr.write(`${code}: ${known ? error.message : 'the signer stops'}\n`);
  // Where it happened, without the message.
  const frames =
    error instanceof Error && !known ? (error.stack?.match(/^ {4}at .*$/gm) ?? []) : [];
  for (const frame of frames.slice(0, 5)) process.stderr.write(`${frame}\n`);
  process.exit(exitCode);
}

const [folder, fdText] = process.argv.slice(2);
if (folder === undefined || !/^\d{1,4}$/.test(fdText ?? '')) {
  process.stderr.write('usage: main.ts FOLDER PASSPHRASE_FD\n');
  process.exit(EXIT_USAGE);
}
process.on('uncaughtException', (error) => leave(EXIT_SOFTWARE, error));
try {
  const signer = await open(folder, Number(fdText));
  serveSigner({
    input: process.stdin,
    output: process.stdout,
    signer,
    onEnd: () => {
      signer.close();
      process.exit(0);
    },
    onFatal: (error) => leave(EXIT_DISK, error),
  });
} catch (error) {
  leave(EXIT_CONFIG, error);
}
