// Keys to be found: each kind in each form in which it is written down, made anew for each run.

import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FindKind } from '../find.ts';

export interface Planted {
  name: string;
  kind: FindKind;
  bytes: Buffer;
  /** It is text, and may stand in a string of JSON. */
  text: boolean;
}

const PASSPHRASE = { cipher: 'aes-256-cbc', passphrase: 'not the point' } as const;

export function plantedKeys(): Planted[] {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const planted: Planted[] = [
    der('P-256 as SEC1', 'der-sec1', ec.export({ type: 'sec1', format: 'der' })),
    pem('P-256 as SEC1', ec.export({ type: 'sec1', format: 'pem' })),
    pem('P-256 with legacy headers', ec.export({ type: 'sec1', format: 'pem', ...PASSPHRASE })),
    der('RSA as PKCS#1', 'der-pkcs1', rsa.export({ type: 'pkcs1', format: 'der' })),
    pem('RSA as PKCS#1', rsa.export({ type: 'pkcs1', format: 'pem' })),
    openssh(),
    pkcs12(ec),
  ];
  const keys = { 'P-256': ec, RSA: rsa, Ed25519: generateKeyPairSync('ed25519').privateKey };
  for (const [name, key] of Object.entries(keys)) {
    planted.push(
      der(`${name} as PKCS#8`, 'der-pkcs8', key.export({ type: 'pkcs8', format: 'der' })),
      pem(`${name} as PKCS#8`, key.export({ type: 'pkcs8', format: 'pem' })),
      der(
        `${name} as encrypted PKCS#8`,
        'der-pkcs8',
        key.export({ type: 'pkcs8', format: 'der', ...PASSPHRASE }),
      ),
      pem(
        `${name} as encrypted PKCS#8`,
        key.export({ type: 'pkcs8', format: 'pem', ...PASSPHRASE }),
      ),
      ...jwks(name, key),
    );
  }
  return planted;
}

/** The private member first, last, and with blanks between all. */
function jwks(name: string, key: KeyObject): Planted[] {
  const members = Object.entries(key.export({ format: 'jwk' }));
  const orders = [
    JSON.stringify(Object.fromEntries(members)),
    JSON.stringify(Object.fromEntries(members.toReversed())),
    JSON.stringify(Object.fromEntries([...members, ['kid', 'k-1']]), null, 2),
  ];
  return orders.map((text, order) => ({
    name: `${name} as JWK ${order}`,
    kind: 'jwk',
    bytes: Buffer.from(text),
    text: true,
  }));
}

function der(name: string, kind: FindKind, bytes: Buffer): Planted {
  return { name: `${name} in DER`, kind, bytes, text: false };
}

function pem(name: string, text: string | Buffer): Planted {
  return { name: `${name} in PEM`, kind: 'pem', bytes: Buffer.from(text), text: true };
}

/** As openssh/PROTOCOL.key says; the private part need not be right to be one. */
function openssh(): Planted {
  const text = (bytes: Buffer | string): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.from(bytes).length);
    return Buffer.concat([length, Buffer.from(bytes)]);
  };
  const bytes = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...['none', 'none', ''].map(text),
    Buffer.from([0, 0, 0, 1]),
    text(Buffer.alloc(51, 0x5a)),
    text(Buffer.alloc(136, 0xa5)),
  ]);
  return { name: 'OpenSSH', kind: 'openssh', bytes, text: false };
}

/** Made by openssl, which every machine that builds node has. */
function pkcs12(key: KeyObject): Planted {
  const folder = mkdtempSync(join(tmpdir(), 'keyscan-'));
  const out = join(folder, 'store.p12');
  const pemFile = join(folder, 'key.pem');
  try {
    writeFileSync(pemFile, key.export({ type: 'pkcs8', format: 'pem' }));
    const made = [
      '-new',
      '-key',
      pemFile,
      '-subj',
      '/CN=planted',
      '-days',
      '1',
      '-out',
      `${out}.crt`,
    ];
    execFileSync('openssl', ['req', '-x509', ...made], { stdio: 'pipe' });
    const packed = ['-inkey', pemFile, '-in', `${out}.crt`, '-passout', 'pass:x', '-out', out];
    execFileSync('openssl', ['pkcs12', '-export', ...packed], { stdio: 'pipe' });
    return { name: 'PKCS#12', kind: 'pkcs12', bytes: readFileSync(out), text: false };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
