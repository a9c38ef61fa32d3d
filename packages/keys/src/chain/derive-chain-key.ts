// The key that binds the lines of a chained record, drawn from the folder's sealing key: to write a
// line takes the passphrase, as opening a key file does.

import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import type { ChainKey, ChainName } from './chain-segment.ts';

const KEY_BYTES = 32;

/** HKDF-SHA256 (RFC 5869) with the record's name as `info`. */
export function deriveChainKey(sealingKey: KeyObject, name: ChainName): ChainKey {
  const info = `countersign/signer/${name}/v1`;
  const bytes = Buffer.from(hkdfSync('sha256', sealingKey, new Uint8Array(), info, KEY_BYTES));
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return { name, key };
}
