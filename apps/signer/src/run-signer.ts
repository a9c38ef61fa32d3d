// Opens the keys and answers the parent over stdin and stdout. Loaded only once the cage is known
// to be shut.

import { Signer, serveSigner } from '@countersign/keys';
import { EXIT, leave } from './leave.ts';
import { readPassphrase } from './read-passphrase.ts';

/** Returns when the signer serves; ends the process when the parent leaves or the disk fails. */
export async function runSigner(
  folder: string,
  passphraseFd: number,
  standIns: readonly string[],
): Promise<void> {
  const passphrase = readPassphrase(passphraseFd);
  let signer: Signer;
  try {
    signer = await Signer.open({ folder, passphrase, standIns });
  } finally {
    passphrase.fill(0);
  }
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
