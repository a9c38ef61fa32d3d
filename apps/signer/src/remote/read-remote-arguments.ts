// The command line of a signer that serves other hosts. No secret is on it, only where they are.

import { parseArgs } from 'node:util';
import type { CustodySettings } from '@countersign/keys';
import { type Listen, readListen, type SecretSource } from '@countersign/pipe';
import {
  CUSTODY_FLAGS,
  readCustody,
  readSecretSource,
  SECRET_FLAGS,
} from './read-custody-flags.ts';

export interface RemoteArguments {
  /** Folder of the keys and their journal, the only one the confined child may write. */
  folder: string;
  passphrase: SecretSource;
  /** Who holds the keys besides the folder. */
  custody: CustodySettings;
  /** No key is made that lives longer. Default: what the room of keys allows at most. */
  longestKeyLifeSeconds: string | undefined;
  /** Where issuers ask, over mutual TLS. */
  listen: Listen;
  /** Folder with certificate.pem, key.pem and authority.pem. */
  tls: string;
  /** SHA-256 of each certificate that may ask, in hexadecimal. */
  allow: string[];
  /** Receipt keys (vkey) of logs that stand in for each other. */
  standIns: string[];
}

export const REMOTE_USAGE = `A signer on a host of its own: keeps an issuer's keys, signs over mutual TLS, numbers every signature.

remote --folder FOLDER --passphrase-file FILE --listen HOST:PORT --tls FOLDER
       --allow SHA256 [--allow SHA256 ...] [--receipt-key VKEY --receipt-key VKEY]

  --folder           the signer's own folder: keys and journal; filled at the first start
  --passphrase-file  opens the keys; or --passphrase-credential NAME of systemd, or
                     --passphrase-fd NUMBER of an inherited descriptor
  --listen           where the issuer asks, TLS 1.3 with certificates on both sides
  --tls              folder with certificate.pem, key.pem and authority.pem (of the clients);
                     apps/notary/bin/make-certificates.sh makes a set
  --allow            SHA-256 of a client certificate that may ask
  --receipt-key      where the issuer uses two logs: the receipt key of each, as its verifier
                     policy names them; a token that either has seen is then signed
  --longest-key-life-seconds   refuse to make keys that live longer

Keys in a token or a cloud, of which secrets come by -file, -credential or -fd like the passphrase:

  --custody pkcs11 --pkcs11-module PATH --pkcs11-token LABEL [--pkcs11-serial SERIAL]
           --pin-file FILE [--softhsm-conf FILE]
  --custody aws-kms --kms-region REGION --kms-credentials-file FILE [--kms-endpoint URL]

  --custody says where new keys are made (default: software, in the folder); name the token or the
  cloud for as long as there are keys in it.

Prints one line of JSON when it is ready: {"listen":PORT}. Stops on SIGTERM.`;

/** @throws Error with a sentence for the operator */
export function readRemoteArguments(args: string[]): RemoteArguments {
  const { values } = parseArgs({
    args,
    options: {
      folder: { type: 'string' },
      ...SECRET_FLAGS,
      ...CUSTODY_FLAGS,
      'longest-key-life-seconds': { type: 'string' },
      listen: { type: 'string' },
      tls: { type: 'string' },
      allow: { type: 'string', multiple: true },
      'receipt-key': { type: 'string', multiple: true },
    },
  });
  const needed = (name: 'folder' | 'listen' | 'tls'): string => {
    const value = values[name];
    if (value === undefined || value === '') throw new Error(`--${name} is needed.`);
    return value;
  };
  const { allow = [], 'receipt-key': standIns = [] } = values;
  const longest = values['longest-key-life-seconds'];
  if (!/^[1-9]\d{0,9}$/.test(longest ?? '1'))
    throw new Error('--longest-key-life-seconds is a number of seconds.');
  if (allow.length === 0) throw new Error('--allow is needed: without a client nobody may ask.');
  if (standIns.length === 1) {
    throw new Error('--receipt-key is for two logs: name both, or none where there is one.');
  }
  return {
    folder: needed('folder'),
    passphrase: readSecretSource(values, 'passphrase'),
    custody: readCustody(values),
    longestKeyLifeSeconds: longest,
    listen: readListen('listen', needed('listen')),
    tls: needed('tls'),
    allow,
    standIns,
  };
}
