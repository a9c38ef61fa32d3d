// The theft. Nobody knows how Storm-0558 came by its key, so this takes the worst case: the thief
// is on the machine and reads the encrypted key files and the passphrase that opens them.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openKeyFile } from '@countersign/keys';
import { logKeyPath, openLogKeyFile } from '@countersign/transparency';
import type { StageServer } from '../stage/start-server.ts';

export type StolenKey = ReturnType<typeof openKeyFile>;
export type StolenLogKey = ReturnType<typeof openLogKeyFile>;

export type Machine = Pick<StageServer, 'data' | 'secret'>;

/** What every key file says in the clear. */
interface KeyLabel {
  kid: string;
  alg: string;
  createdMs: number;
  scope: { issuer: string };
}

/**
 * The newest key that speaks for an issuer, or the one of a kid. The labels are in the clear; only one
 * file is opened.
 */
export function stealKey(machine: Machine, issuer: string, kid?: unknown): StolenKey {
  const [newest] = keyFiles(machine)
    .map((bytes) => ({ bytes, label: JSON.parse(bytes.toString('utf8')) as KeyLabel }))
    .filter(({ label }) => label.scope.issuer === issuer && label.alg === 'ES256')
    .filter(({ label }) => kid === undefined || label.kid === kid)
    .sort((a, b) => b.label.createdMs - a.label.createdMs);
  if (newest === undefined) throw new Error(`There is no ES256 key of ${issuer} to steal.`);
  return openKeyFile(newest.bytes, machine.secret('key-passphrase'));
}

/** The key with which the notary signs receipts. */
export function stealReceiptKey({ data, secret }: Machine): StolenLogKey {
  const passphrase = Buffer.from(secret('key-passphrase'), 'utf8');
  return openLogKeyFile(readFileSync(join(data, 'notary', logKeyPath('receipt'))), passphrase);
}

export function countKeyFiles(machine: Machine): number {
  return keyFiles(machine).length;
}

function keyFiles({ data }: Machine): Buffer[] {
  const folder = join(data, 'signer', 'keys');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => readFileSync(join(folder, name)));
}
