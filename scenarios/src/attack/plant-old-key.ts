// Puts a key of long ago among the keys of a server that was never started: made by the real key
// room, sealed like any other, its time long over. Storm-0558's key was seven years old.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { passphraseBytes, type SignatureAlg, Signer } from '@countersign/keys';
import { ManualClock, newSecret } from '@countersign/vocabulary';

export interface OldKey {
  issuer: string;
  tenant: string;
  population: string;
  madeAt: Date;
  /** Default: a year, the longest that the key room allows. */
  lifeSeconds?: number;
  /** One key for each. Default ES256 alone. */
  algorithms?: readonly SignatureAlg[];
}

const YEAR_SECONDS = 365 * 24 * 3600;

export async function plantOldKey(data: string, old: OldKey): Promise<void> {
  for (const folder of ['', 'signer', 'secrets'])
    mkdirSync(join(data, folder), { recursive: true, mode: 0o700 });
  const passphrase = newSecret();
  writeFileSync(join(data, 'secrets', 'key-passphrase'), `${passphrase}\n`, { mode: 0o600 });
  const madeMs = old.madeAt.getTime();
  const signer = await Signer.open({
    folder: join(data, 'signer'),
    passphrase: passphraseBytes(passphrase),
    clock: new ManualClock(madeMs),
  });
  try {
    const notBeforeSeconds = Math.floor(madeMs / 1000);
    const { algorithms = ['ES256'], lifeSeconds = YEAR_SECONDS } = old;
    for (const alg of algorithms) {
      const { kid } = await signer.makeKey(alg, {
        issuer: old.issuer,
        tenant: old.tenant,
        population: old.population,
        audiences: '*',
        tokenTypes: ['at+jwt', 'JWT'],
        longestLifetimeSeconds: 3600,
        notBeforeSeconds,
        notAfterSeconds: notBeforeSeconds + lifeSeconds,
      });
      signer.changeKey(kid, 'published');
      signer.changeKey(kid, 'active');
    }
  } finally {
    signer.close();
  }
}
