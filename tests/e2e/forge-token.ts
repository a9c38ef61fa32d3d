// The thief of issue 2: has read the signer's folder and the passphrase, and signs what it likes.

import { sign } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openKeyFile } from '@countersign/keys';
import { readToken } from './act-as-client.ts';
import type { House } from './run-house.ts';

/** A token like the genuine one, with other claims, signed with the very key of the genuine one. */
export function forgeToken(
  house: House,
  genuine: string,
  claims: Record<string, unknown>,
  header: (genuine: Record<string, unknown>) => Record<string, unknown>,
): string {
  const read = readToken(genuine);
  const folder = join(house.data, 'signer/keys');
  const passphrase = house.secretFile('key-passphrase').trim();
  const file = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => readFileSync(join(folder, name)))
    .find((bytes) => bytes.includes(String(read.header['kid'])));
  if (file === undefined) throw new Error('the key of the token is not in the folder');
  const { privateKey } = openKeyFile(file, passphrase);
  const segments = [header(read.header), { ...read.claims, ...claims }].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  const input = segments.join('.');
  const signature = sign('sha256', Buffer.from(input), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return `${input}.${signature.toString('base64url')}`;
}
