// `node tools/build-network-data.ts`: writes packages/context/data/networks.bin from the two pinned packages of
// network data. With --check nothing is written: exit 1 when the committed file is not what would be.

import { readFileSync, writeFileSync } from 'node:fs';
import { encodeNetworks, SHIPPED_NETWORK_DATA } from '@countersign/context';
import { readPackages } from './network-data/read-packages.ts';

function main(args: readonly string[]): number {
  if (args.some((arg) => arg !== '--check')) {
    console.error('Usage: node tools/build-network-data.ts [--check]');
    return 2;
  }
  const { ranges, origin, told } = readPackages();
  const made = encodeNetworks(ranges, origin);
  for (const line of told) console.log(line);
  if (args.includes('--check')) {
    const same = made.equals(readFileSync(SHIPPED_NETWORK_DATA));
    console.log(
      same ? 'The committed file is what the packages make.' : 'The committed file is another.',
    );
    return same ? 0 : 1;
  }
  writeFileSync(SHIPPED_NETWORK_DATA, made);
  console.log(`${SHIPPED_NETWORK_DATA}: ${(made.length / 2 ** 20).toFixed(2)} MiB`);
  return 0;
}

process.exitCode = main(process.argv.slice(2));
