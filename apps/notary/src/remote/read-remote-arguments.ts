// The command line of a notary that serves other hosts. No secret is on it, only where they are.

import { parseArgs } from 'node:util';
import { type Listen, readListen } from '@countersign/pipe';

export interface RemoteArguments {
  /** Folder of the log, the only one the confined child may write. */
  folder: string;
  origin: string;
  passphraseFile: string;
  make: boolean;
  /** Where issuers ask, over mutual TLS. */
  listen: Listen;
  /** Folder with certificate.pem, key.pem and authority.pem. */
  tls: string;
  /** SHA-256 of each certificate that may ask, in hexadecimal. */
  allow: string[];
  /** Where everybody reads the log; undefined when something else serves `FOLDER/public`. */
  public: Listen | undefined;
  /** The public log over https, with the same certificate. */
  publicHttps: boolean;
}

export const REMOTE_USAGE = `A notary on a host of its own: keeps one log, takes entries over mutual TLS, shows the log to all.

remote --folder FOLDER --origin ORIGIN --passphrase-file FILE
       --listen HOST:PORT --tls FOLDER --allow SHA256 [--allow SHA256 ...]
       [--public HOST:PORT [--public-https]] [--make]

  --folder           the log's own folder; --make makes a log in it when it is empty
  --origin           name of the log: its public URL without the scheme, for example log.example/log
  --passphrase-file  opens the log's keys
  --listen           where issuers ask, TLS 1.3 with certificates on both sides
  --tls              folder with certificate.pem, key.pem and authority.pem (of the clients);
                     bin/make-certificates.sh makes a set
  --allow            SHA-256 of a client certificate that may ask
  --public           where everybody reads the checkpoint and the tiles (C2SP tlog-tiles), over
                     http, or with --public-https over https with the same certificate

Prints one line of JSON when it is ready: {"listen":PORT,"public":PORT}. Stops on SIGTERM.`;

/** @throws Error with a sentence for the operator */
export function readRemoteArguments(args: string[]): RemoteArguments {
  const { values } = parseArgs({
    args,
    options: {
      folder: { type: 'string' },
      origin: { type: 'string' },
      'passphrase-file': { type: 'string' },
      listen: { type: 'string' },
      tls: { type: 'string' },
      allow: { type: 'string', multiple: true },
      public: { type: 'string' },
      'public-https': { type: 'boolean', default: false },
      make: { type: 'boolean', default: false },
    },
  });
  const needed = (name: 'folder' | 'origin' | 'passphrase-file' | 'listen' | 'tls'): string => {
    const value = values[name];
    if (value === undefined || value === '') throw new Error(`--${name} is needed.`);
    return value;
  };
  const { allow = [], public: shown } = values;
  if (allow.length === 0) throw new Error('--allow is needed: without a client nobody may ask.');
  return {
    folder: needed('folder'),
    origin: needed('origin'),
    passphraseFile: needed('passphrase-file'),
    make: values.make,
    listen: readListen('listen', needed('listen')),
    tls: needed('tls'),
    allow,
    public: shown === undefined ? undefined : readListen('public', shown),
    publicHttps: values['public-https'],
  };
}
