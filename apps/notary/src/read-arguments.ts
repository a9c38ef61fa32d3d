// The notary's command line, as the server starts it. Secrets are never among it: the passphrase
// comes through an inherited descriptor.

import { parseArgs } from 'node:util';

export interface NotaryArguments {
  /** Folder of the log, the only one this process may write. */
  folder: string;
  /** Origin of the log, for example `localhost:4600/log`. */
  origin: string;
  /** Descriptor from which the passphrase is read to its end. */
  passphraseFd: number;
  /** Make a log when the folder is empty. */
  make: boolean;
}

export const USAGE =
  'notary --folder FOLDER --origin ORIGIN --passphrase-fd NUMBER [--make]\n' +
  'Speaks frames on stdin and stdout; started by the server under node --permission.';

/** @throws Error with a sentence for the operator */
export function readArguments(args: string[]): NotaryArguments {
  const { values } = parseArgs({
    args,
    options: {
      folder: { type: 'string' },
      origin: { type: 'string' },
      'passphrase-fd': { type: 'string' },
      make: { type: 'boolean', default: false },
    },
  });
  const { folder, origin, make } = values;
  const passphraseFd = Number(values['passphrase-fd'] ?? 'none');
  if (folder === undefined || origin === undefined) {
    throw new Error('--folder and --origin are needed.');
  }
  if (!Number.isInteger(passphraseFd) || passphraseFd < 3) {
    throw new Error('--passphrase-fd is the number of an inherited descriptor, 3 or above.');
  }
  return { folder, origin, passphraseFd, make };
}
