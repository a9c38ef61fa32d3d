// The signer's command line, read before anything that knows keys is loaded. No secret is on it: the
// secrets of custodies, too, come on descriptors that it names.

import { parseArgs } from 'node:util';

export interface SignerArguments {
  folder: string;
  passphraseFd: number;
  /** Receipt keys of logs that stand in for each other. */
  standIns: string[];
  /** JSON, for the room of keys to judge. */
  custody?: string;
  longestKeyLifeSeconds?: number;
  /** What the cage must have open for the custodies asked for, and nothing else. */
  opens: { addons: boolean; network: boolean };
}

export const USAGE = `usage: main.ts FOLDER PASSPHRASE_FD [RECEIPT_KEY...]
               [--custody JSON] [--longest-key-life-seconds N]`;

/** Undefined when it is not understood. */
export function readArguments(args: string[]): SignerArguments | undefined {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { custody: { type: 'string' }, 'longest-key-life-seconds': { type: 'string' } },
    });
    const [folder, fd, ...standIns] = positionals;
    const { custody, 'longest-key-life-seconds': longest } = values;
    if (folder === undefined || !isNumber(fd, 4) || !isNumber(longest ?? '1', 10)) return undefined;
    return {
      folder,
      passphraseFd: Number(fd),
      standIns,
      ...(custody === undefined ? {} : { custody }),
      ...(longest === undefined ? {} : { longestKeyLifeSeconds: Number(longest) }),
      opens: doorsFor(custody),
    };
  } catch {
    return undefined;
  }
}

function isNumber(text: string | undefined, digits: number): boolean {
  return text !== undefined && /^\d+$/.test(text) && text.length <= digits;
}

/** A token's driver is native code, and a cloud is reached over the network. */
function doorsFor(custody: string | undefined): SignerArguments['opens'] {
  const asked = custody === undefined ? {} : (JSON.parse(custody) as Record<string, unknown>);
  return { addons: asked['pkcs11'] !== undefined, network: asked['awsKms'] !== undefined };
}
