// Opens the keys and answers the parent over stdin and stdout. Loaded only once the cage is known
// to be shut.

import { custodiesOf, parseCustodyPlan, Signer, serveSigner } from '@countersign/keys';
import type { CodedError } from '@countersign/vocabulary';
import { EXIT, leave } from './leave.ts';
import { openSecret } from './open-secret.ts';
import type { SignerArguments } from './read-arguments.ts';
import { readPassphrase } from './read-passphrase.ts';

/**
 * As many as a token gets sessions, and four, which is what Node has, for the rest: a token that hangs
 * must not stop the RSA of keys that are held here.
 */
const TOKEN_THREADS = '20';

const say = ({ code, message }: CodedError): void => {
  process.stderr.write(`${code}: ${message}\n`);
};

/** Returns when the signer serves; ends the process when the parent leaves or the disk fails. */
export async function runSigner(asked: SignerArguments): Promise<void> {
  const { folder, standIns, custody, longestKeyLifeSeconds } = asked;
  // A token's module signs on the thread pool, which is read from here when it is first used.
  if (asked.opens.addons) process.env['UV_THREADPOOL_SIZE'] = TOKEN_THREADS;
  const passphrase = readPassphrase(asked.passphraseFd);
  let signer: Signer;
  try {
    signer = await Signer.open({
      folder,
      passphrase,
      standIns,
      onUnusable: say,
      onUndestroyed: say,
      ...(custody === undefined
        ? {}
        : { openCustodies: custodiesOf(parseCustodyPlan(custody), openSecret) }),
      ...(longestKeyLifeSeconds === undefined ? {} : { longestKeyLifeSeconds }),
    });
  } finally {
    passphrase.fill(0);
  }
  if (asked.opens.addons) shutAddons();
  serveSigner({
    input: process.stdin,
    output: process.stdout,
    signer,
    onEnd: () => {
      signer.close();
      process.exit(0);
    },
    onFatal: (error) => leave(EXIT.disk, error),
  });
}

/** The token's driver is loaded; nothing else shall be. Node's types do not know `drop` yet. */
function shutAddons(): void {
  const { permission } = process as { permission?: { drop?(scope: string): void } };
  permission?.drop?.('addon');
}
