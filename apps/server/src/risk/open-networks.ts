// Which network and country an address is of: the file that comes with the context room, read once. One
// that cannot be read is told here and in every score; nothing is refused for it.

import { readFileSync } from 'node:fs';
import {
  decodeNetworks,
  describeSurroundings,
  type NetworkTable,
  SHIPPED_NETWORK_DATA,
} from '@countersign/context';
import type { Clock } from '@countersign/vocabulary';
import type { RiskHouse } from './risk-house.ts';

export function openSurroundings(log: RiskHouse['log'], clock: Clock): RiskHouse['describe'] {
  const networks = readNetworks(log);
  return (request) =>
    describeSurroundings(request, {
      nowMs: clock.nowMs(),
      ...(networks === undefined ? {} : { networks }),
    });
}

function readNetworks(log: RiskHouse['log']): NetworkTable | undefined {
  try {
    return decodeNetworks(readFileSync(SHIPPED_NETWORK_DATA));
  } catch (err) {
    log.error({ err }, 'the network data cannot be read: nobody knows where addresses are');
    return undefined;
  }
}
