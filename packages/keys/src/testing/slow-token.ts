// A token that hangs when it is told to: SoftHSM behind a module of a few lines that holds calls up.

import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SlowToken {
  /** Path of the PKCS#11 module. */
  module: string;
  /** From now on no signature and no new key comes back. */
  hang(): void;
  /** All of them do, those that were held up first of all. */
  goOn(): void;
}

/** @param softhsm path of SoftHSM's module @param folder where the compiled one goes */
export function buildSlowToken(softhsm: string, folder: string): SlowToken {
  const source = join(import.meta.dirname, 'slow-token.c');
  const module = join(folder, 'slow-token.so');
  const hold = join(folder, 'hold');
  const defines = [`-DHSM="${softhsm}"`, `-DHOLD="${hold}"`];
  // Comes with g++, which made pkcs11js.
  execFileSync('gcc', ['-shared', '-fPIC', ...defines, '-o', module, source, '-ldl']);
  return {
    module,
    hang: () => writeFileSync(hold, ''),
    goOn: () => rmSync(hold, { force: true }),
  };
}
