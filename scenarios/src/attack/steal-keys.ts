// The theft. Nobody knows how Storm-0558 came by its key, so this takes the worst case: the thief
// is on the machine and reads the encrypted key files and the passphrase that opens them.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openKeyFile } from '@countersign/keys';
import { openLogKeyFile } from '@countersign/transparency';
import type { StageServer } from '../stage/start-server.ts';

export type StolenKey = ReturnType<typeof openKeyFile>;
export type StolenLogKey = ReturnType<typeof openLogKeyFile>;

/** Every signing key of the installation. */
export function stealSigningKeys(server: Pick<StageServer, 'data' | 'secret'>): StolenKey[] {
  const passphrase = server.secret('key-passphrase');
  return readFiles(join(server.data, 'signer', 'keys')).map((bytes) =>
    openKeyFile(bytes, passphrase),
  );
}

/** The newest key that speaks for an issuer. */
export function keyOf(keys: readonly StolenKey[], issuer: string, alg = 'ES256'): StolenKey {
  const found = keys
    .filter(({ record }) => record.scope.issuer === issuer && record.alg === alg)
    .sort((a, b) => b.record.createdMs - a.record.createdMs)[0];
  if (found === undefined) throw new Error(`There is no ${alg} key of ${issuer} to steal.`);
  return found;
}

/** The key with which the notary signs receipts. */
export function stealReceiptKey(server: StageServer): StolenLogKey {
  const passphrase = Buffer.from(server.secret('key-passphrase'), 'utf8');
  const found = readFiles(join(server.data, 'notary', 'keys'))
    .map((bytes) => openLogKeyFile(bytes, passphrase))
    .find(({ role }) => role === 'receipt');
  if (found === undefined) throw new Error('There is no receipt key to steal.');
  return found;
}

function readFiles(folder: string): Buffer[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => readFileSync(join(folder, name)));
}
