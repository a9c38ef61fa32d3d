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
  /** How long a new checkpoint may wait to be shown with cosignatures. */
  cosignedWaitMs: number;
  /** Make a log when the folder is empty. */
  make: boolean;
}

/** Longer, and verifiers would miss the tokens of the meantime in the log. */
const LONGEST_WAIT_MS = 5000;

export const USAGE =
  'notary --folder FOLDER --origin ORIGIN --passphrase-fd NUMBER [--make] [--cosigned-wait-ms MS]\n' +
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
      'cosigned-wait-ms': { type: 'string', default: '0' },
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
  const cosignedWaitMs = Number(values['cosigned-wait-ms']);
  if (!Number.isInteger(cosignedWaitMs) || cosignedWaitMs < 0 || cosignedWaitMs > LONGEST_WAIT_MS) {
    throw new Error(`--cosigned-wait-ms is a number of milliseconds up to ${LONGEST_WAIT_MS}.`);
  }
  return { folder, origin, passphraseFd, cosignedWaitMs, make };
}
