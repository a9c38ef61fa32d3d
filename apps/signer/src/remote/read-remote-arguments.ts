// The command line of a signer that serves other hosts. No secret is on it, only where they are.

import { parseArgs } from 'node:util';

export interface Listen {
  host: string;
  port: number;
}

export interface RemoteArguments {
  /** Folder of the keys and their journal, the only one the confined child may write. */
  folder: string;
  passphraseFile: string;
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
  --passphrase-file  opens the keys
  --listen           where the issuer asks, TLS 1.3 with certificates on both sides
  --tls              folder with certificate.pem, key.pem and authority.pem (of the clients);
                     apps/notary/bin/make-certificates.sh makes a set
  --allow            SHA-256 of a client certificate that may ask
  --receipt-key      where the issuer uses two logs: the receipt key of each, as its verifier
                     policy names them; a token that either has seen is then signed

Prints one line of JSON when it is ready: {"listen":PORT}. Stops on SIGTERM.`;

/** @throws Error with a sentence for the operator */
export function readRemoteArguments(args: string[]): RemoteArguments {
  const { values } = parseArgs({
    args,
    options: {
      folder: { type: 'string' },
      'passphrase-file': { type: 'string' },
      listen: { type: 'string' },
      tls: { type: 'string' },
      allow: { type: 'string', multiple: true },
      'receipt-key': { type: 'string', multiple: true },
    },
  });
  const needed = (name: 'folder' | 'passphrase-file' | 'listen' | 'tls'): string => {
    const value = values[name];
    if (value === undefined || value === '') throw new Error(`--${name} is needed.`);
    return value;
  };
  const { allow = [], 'receipt-key': standIns = [] } = values;
  if (allow.length === 0) throw new Error('--allow is needed: without a client nobody may ask.');
  if (standIns.length === 1) {
    throw new Error('--receipt-key is for two logs: name both, or none where there is one.');
  }
  return {
    folder: needed('folder'),
    passphraseFile: needed('passphrase-file'),
    listen: readListen(needed('listen')),
    tls: needed('tls'),
    allow,
    standIns,
  };
}

/** `HOST:PORT`, an IPv6 address in brackets. */
function readListen(text: string): Listen {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]+)):(0|[1-9]\d{0,4})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > 65_535) throw new Error('--listen is HOST:PORT.');
  return { host, port };
}
