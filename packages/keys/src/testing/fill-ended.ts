// A folder as decades of rotation leave it: thousands of keys that are over.

import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { systemRandom } from '@countersign/vocabulary';
import { ChainedLog } from '../chain/chained-log.ts';
import { deriveChainKey } from '../chain/derive-chain-key.ts';
import { EndedKeys } from '../custody/ended-keys.ts';
import type { EndedRecord } from '../custody/ended-record.ts';
import { fingerprintKey } from '../custody/fingerprint-key.ts';
import { openSealing } from '../custody/key-folder.ts';
import { publicSigningJwk } from '../custody/public-jwk.ts';
import { FAST_KDF, makeScope, NOW_MS } from './token-fixture.ts';

const DAY_MS = 86_400_000;
const LINES_AT_ONCE = 1000;

/**
 * Writes `count` retired keys of `issuers` issuers into the folder of a signer that does not run.
 * @returns their kids
 */
export function fillEnded(
  folder: string,
  passphrase: Uint8Array,
  count: number,
  issuers = 100,
): string[] {
  const sealing = openSealing(folder, passphrase, systemRandom, FAST_KDF);
  const ended = new EndedKeys(
    (each) =>
      new ChainedLog({
        folder: join(folder, 'ended'),
        chain: deriveChainKey(sealing.key, 'ended'),
        epoch: 1,
        holdsFolder: () => true,
        each,
      }),
  );
  const kids: string[] = [];
  for (let made = 0; made < count; made += LINES_AT_ONCE) {
    const length = Math.min(LINES_AT_ONCE, count - made);
    const records = Array.from({ length }, (_, at) => makeEnded(made + at, issuers));
    kids.push(...ended.add(records).map(({ kid }) => kid));
  }
  ended.close();
  return kids;
}

function makeEnded(index: number, issuers: number): EndedRecord {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const issuer = `https://id.example/tenant-${index % issuers}/workforce`;
  const scope = makeScope({ issuer, tenant: `tenant-${index % issuers}` });
  const publicJwk = publicSigningJwk(publicKey, 'EdDSA', scope);
  const { kid } = publicJwk;
  const createdMs = NOW_MS - 400 * DAY_MS + index;
  const life = {
    state: 'retired' as const,
    sinceMs: {
      ...{ planned: createdMs, published: createdMs, active: createdMs + DAY_MS },
      ...{ retiring: createdMs + 10 * DAY_MS, retired: createdMs + 11 * DAY_MS },
    },
  };
  const fingerprints = fingerprintKey(kid, 'EdDSA', privateKey);
  const place = { kind: 'software' as const };
  return { kid, alg: 'EdDSA', createdMs, scope, publicJwk, place, life, fingerprints };
}
