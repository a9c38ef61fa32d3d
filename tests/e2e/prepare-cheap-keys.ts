// Fills a data folder before its first start with signer and notary folders whose passphrase costs
// little to derive from. Everything else is as always: for tests that start processes many times.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectLocalSigner, passphraseBytes } from '@countersign/keys';
import { openLog } from '@countersign/transparency';
import { systemClock as clock, newSecret, systemRandom as random } from '@countersign/vocabulary';

export async function prepareCheapKeys(data: string, url: string): Promise<void> {
  for (const name of ['secrets', 'signer', 'notary']) mkdirSync(join(data, name), { mode: 0o700 });
  const secret = newSecret(random);
  writeFileSync(join(data, 'secrets/key-passphrase'), `${secret}\n`, { mode: 0o600 });
  const passphrase = passphraseBytes(secret);
  const signer = await connectLocalSigner({ folder: join(data, 'signer'), passphrase });
  signer.close();
  const log = await openLog({
    folder: join(data, 'notary'),
    origin: `${new URL(url).host}/log`,
    passphrase,
    clock,
    random,
    make: true,
    keyCost: { memoryKiB: 8, passes: 1 },
    onFatal: (error) => {
      throw error;
    },
  });
  await log.close();
}
